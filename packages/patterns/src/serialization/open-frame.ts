import type { FrameMeta } from "./frame.js";
import { type HeaderList, isReservedHeader } from "./reserved-headers.js";

/** What is known of a message by its first record. */
export interface FirstRecord {
  readonly headers: HeaderList;
  readonly seq_num: number | undefined;
}

/** Room made at first for a message of many small records, in bytes. */
const MIN_CAPACITY = 64 * 1024;

/**
 * A message of which not all records have come. Its buffer grows with what has really come, at most to the size that
 * was claimed: a false claim costs nothing, and a complete message is the whole buffer.
 */
export class OpenFrame {
  readonly meta: FrameMeta;
  /** Number of the first record among its writer's; `undefined` when the writer does not number them. */
  readonly firstSeq: bigint | undefined;
  /** Without reserved headers, and copied, so that the batch which it came in can be let go. */
  readonly first: FirstRecord;
  /** Sequence number of its last record that has come, if that is known. */
  lastSeqNum: number | undefined;
  readonly #headerBytes: number;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #bytes = 0;
  #records = 0;

  constructor(meta: FrameMeta, firstSeq: bigint | undefined, first: FirstRecord) {
    this.meta = meta;
    this.firstSeq = firstSeq;
    const headers = first.headers
      .filter(([name]) => !isReservedHeader(name))
      .map(([name, value]) => [name.slice(), value.slice()] as const);
    this.first = { headers, seq_num: first.seq_num };
    this.#headerBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.#buffer.length + this.#headerBytes;
  }

  get hasAllRecords(): boolean {
    return this.#records === this.meta.records;
  }

  /** Where a record of the same writer belongs: next here, here already, or not here at all. */
  placeOf(seq: bigint | undefined): "next" | "copy" | "elsewhere" {
    if (this.firstSeq === undefined || seq === undefined) return "next";
    const offset = seq - this.firstSeq;
    if (offset === BigInt(this.#records)) return "next";
    return offset >= 0n && offset < BigInt(this.#records) ? "copy" : "elsewhere";
  }

  /** Takes the next record's body; false when the message would become larger than claimed. */
  append(body: Uint8Array): boolean {
    const end = this.#bytes + body.length;
    if (end > this.meta.bytes) return false;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(body, this.#bytes);
    this.#bytes = end;
    this.#records += 1;
    return true;
  }

  /** The whole message, or `undefined` when its size is not the one claimed. */
  payload(): Uint8Array | undefined {
    return this.#bytes === this.meta.bytes ? this.#buffer : undefined;
  }

  #grow(needed: number): void {
    const first = Math.max(4 * needed, MIN_CAPACITY);
    const wanted = this.#bytes === 0 ? first : Math.max(2 * this.#buffer.length, needed);
    const grown = new Uint8Array(Math.min(wanted, this.meta.bytes));
    grown.set(this.#buffer.subarray(0, this.#bytes));
    this.#buffer = grown;
  }
}
