/** A record, as far as a window of records looks at it. */
export interface Sized {
  readonly seq_num: number;
  readonly body: { readonly length: number };
}

/** How much a window holds. */
export interface WindowLimits {
  readonly records: number;
  /** Bytes of bodies, with an allowance for each record. */
  readonly bytes: number;
}

/** What a record costs beside its body, in bytes. */
const RECORD_COST = 128;
/** Records that are looked for at the front before the array behind it is made anew. */
const SLACK = 4096;

/**
 * A run of records in the order of their sequence numbers: it grows at both ends, and is cut at the one that nobody looks at. Each record
 * keeps its ordinal for as long as it is held, so who holds an ordinal keeps its place, whatever comes and goes.
 */
export class RecordWindow<R extends Sized> {
  #items: (R | undefined)[] = [];
  /** Where in the array the first record is. */
  #head = 0;
  #bytes = 0;
  #firstOrdinal = 0;

  constructor(readonly limits: WindowLimits) {}

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Ordinal of the first record: smaller after `prepend`, greater after a cut. */
  get firstOrdinal(): number {
    return this.#firstOrdinal;
  }

  /** Whether more would be over the limits. */
  get isFull(): boolean {
    return this.length >= this.limits.records || this.#bytes >= this.limits.bytes;
  }

  /** The record at this place, counted from 0. */
  at(index: number): R | undefined {
    return index < 0 ? undefined : this.#items[this.#head + index];
  }

  get first(): R | undefined {
    return this.at(0);
  }

  get last(): R | undefined {
    return this.at(this.length - 1);
  }

  /** Adds records behind the last. With `cut`, as many go from the front as the limits demand. */
  push(records: readonly R[], cut: boolean): void {
    for (const record of records) {
      this.#items.push(record);
      this.#bytes += costOf(record);
    }
    if (cut) this.cut();
  }

  /**
   * Adds records before the first. What is then beyond twice the limits goes from the end, but for what was added.
   * @returns whether anything did.
   */
  prepend(records: readonly R[]): boolean {
    this.#items = [...records, ...this.#items.slice(this.#head)];
    this.#head = 0;
    this.#firstOrdinal -= records.length;
    for (const record of records) this.#bytes += costOf(record);
    const before = this.length;
    while (this.length > Math.max(1, records.length) && this.#isFar) {
      const record = this.#items.pop();
      if (record !== undefined) this.#bytes -= costOf(record);
    }
    return this.length < before;
  }

  /** Whether it holds twice what it should: so much is borne while somebody looks at what is earlier. */
  get #isFar(): boolean {
    return this.length > 2 * this.limits.records || this.#bytes > 2 * this.limits.bytes;
  }

  /** Lets go of records at the front until the limits are kept; the last record always stays. */
  cut(): void {
    const { records, bytes } = this.limits;
    while (this.length > 1 && (this.length > records || this.#bytes > bytes)) {
      const record = this.#items[this.#head];
      this.#items[this.#head] = undefined;
      this.#head += 1;
      this.#firstOrdinal += 1;
      if (record !== undefined) this.#bytes -= costOf(record);
    }
    if (this.#head > SLACK && this.#head > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    this.#firstOrdinal += this.length;
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  /** Place of the first record with this sequence number or a later one; `length` when there is none. */
  indexOfSeq(seqNum: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.seq_num ?? 0) < seqNum) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function costOf(record: Sized): number {
  return record.body.length + RECORD_COST;
}
