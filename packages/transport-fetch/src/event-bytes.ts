import { createSseReadDecoder, type SseReadDecoder } from "@s2-dev/streamstore-core/reading";
import { Fifo, type LinkBatch, type ReadFormat, type RecordFormat } from "@s2-dev/streamstore-core/transport";
import { scanReadBatch } from "@s2-dev/streamstore-core/wire";
import { truncatedResponse } from "./network-error.js";
import type { ReadDecoder, ReadProtocol } from "./protocols.js";
import { batchOf, EventDecoder, eventTooLong, MAX_EVENT_CHARACTERS, sseReads } from "./sse-reads.js";

const LF = 0x0a;
const CR = 0x0d;
const UTF8_BOM_START = 0xef;
/** Enough for pings: a client may hold a thousand quiet tails. */
const MIN_MEMORY_BYTES = 4 * 1024;

/** Reads as server-sent events on Node.js, from the bytes themselves. */
export const sseByteReads: ReadProtocol = {
  ...sseReads,
  createDecoder: (format) => new EventByteDecoder(format),
};

/** Where an event lies: its lines, without the empty one that ends it. */
interface Block {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** An event of the usual lines: one each of `data`, `event` and `id`, each followed by a space. */
interface PlainEvent {
  event: string | undefined;
  id: string | undefined;
  dataStart: number;
  dataEnd: number;
}

/**
 * Finds events in the bytes and decodes batches from there, which costs half of what it takes to make a text of an
 * event, cut it into lines and parse those. It knows what it does not know: from the first CR or byte order mark on, all
 * goes through the general parser; so does each event with other lines than the service sends.
 */
class EventByteDecoder<F extends RecordFormat> implements ReadDecoder<F> {
  readonly #format: ReadFormat<F>;
  readonly #decoder: SseReadDecoder<F>;
  readonly #blocks = new Fifo<Block>();
  #blockBytes = 0;
  #memory: Buffer = Buffer.alloc(0);
  /** Where in it the event that is coming begins, and where the bytes received end. */
  #head = 0;
  #used = 0;
  /** Up to here there is no end of that event. */
  #searched = 0;
  #isFirst = true;
  #isDone = false;
  /** What takes everything from now on. */
  #general: EventDecoder<F> | undefined;

  constructor(format: ReadFormat<F>) {
    this.#format = format;
    this.#decoder = createSseReadDecoder(format);
  }

  get pending(): number {
    return this.#blockBytes + this.#used - this.#head + (this.#general?.pending ?? 0);
  }

  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    if (this.#general !== undefined) return this.#general.push(bytes);
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (chunk.includes(CR) || (this.#isFirst && chunk[0] === UTF8_BOM_START)) return this.#generalize(chunk);
    this.#isFirst = false;
    this.#append(chunk);
    this.#cutEvents();
    if (this.#used - this.#head > MAX_EVENT_CHARACTERS) throw eventTooLong();
  }

  next(): LinkBatch<F> | null | undefined {
    while (!this.#isDone) {
      const block = this.#blocks.shift();
      if (block === undefined) break;
      this.#blockBytes -= block.end - block.start;
      const batch = this.#decode(block);
      if (batch !== undefined) this.#isDone = batch === null;
      if (batch) return batch;
    }
    return this.#isDone ? null : this.#general?.next();
  }

  end(): null {
    if (this.#isDone) return null;
    if (this.#general !== undefined) return this.#general.end();
    throw truncatedResponse();
  }

  #append(chunk: Buffer): void {
    if (this.#used + chunk.length > this.#memory.length) this.#makeRoom(chunk.length);
    this.#memory.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  /** Moves the event that is coming: to the front, unless events lie there that nobody has pulled. */
  #makeRoom(size: number): void {
    const coming = this.#used - this.#head;
    const needed = coming + size;
    if (this.#blocks.length === 0 && needed <= this.#memory.length) {
      this.#memory.copyWithin(0, this.#head, this.#used);
    } else {
      const larger = Buffer.allocUnsafeSlow(Math.max(MIN_MEMORY_BYTES, needed * 2));
      this.#memory.copy(larger, 0, this.#head, this.#used);
      this.#memory = larger;
    }
    this.#searched -= this.#head;
    this.#used = coming;
    this.#head = 0;
  }

  #cutEvents(): void {
    // A view of what is used, lest the search find what was left there before.
    const bytes = this.#memory.subarray(0, this.#used);
    let start = this.#head;
    for (let at = bytes.indexOf(LF, this.#searched); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (at > start && bytes[at - 1] !== LF) continue;
      if (at > start) this.#blocks.push({ bytes, start, end: at });
      this.#blockBytes += at - start;
      start = at + 1;
    }
    this.#head = start;
    this.#searched = this.#used;
  }

  #decode(block: Block): LinkBatch<F> | null | undefined {
    const { bytes } = block;
    const plain = plainEventOf(block);
    if (plain === undefined) return this.#decodeByParser(block);
    const { event, id, dataStart, dataEnd } = plain;
    if (event === "batch") {
      const scanned = scanReadBatch(bytes, dataStart, dataEnd, this.#format);
      if (scanned !== undefined) return batchOf(this.#decoder.metered(scanned, id));
    }
    return batchOf(this.#decoder.decode({ event, id, data: bytes.toString("utf8", dataStart, dataEnd) }));
  }

  #decodeByParser({ bytes, start, end }: Block): LinkBatch<F> | null | undefined {
    const parser = this.#midway();
    parser.push(bytes.subarray(start, end));
    parser.push(EMPTY_LINE);
    return parser.next();
  }

  /** A decoder that is behind the beginning of the stream, where a byte order mark would mean something. */
  #midway(): EventDecoder<F> {
    const general = new EventDecoder(this.#format, this.#decoder);
    general.push(EMPTY_LINE);
    return general;
  }

  #generalize(chunk: Buffer): void {
    this.#general = this.#isFirst ? new EventDecoder(this.#format, this.#decoder) : this.#midway();
    if (this.#used > this.#head) this.#general.push(this.#memory.subarray(this.#head, this.#used));
    this.#memory = Buffer.alloc(0);
    this.#head = 0;
    this.#used = 0;
    this.#general.push(chunk);
  }
}

const EMPTY_LINE = Buffer.of(LF);
const DATA = Buffer.from("data: ");
const EVENT = Buffer.from("event: ");
const ID = Buffer.from("id: ");

/** The event, if it has no lines but the usual ones. */
function plainEventOf({ bytes, start, end }: Block): PlainEvent | undefined {
  const plain: PlainEvent = { event: undefined, id: undefined, dataStart: -1, dataEnd: -1 };
  for (let at = start; at < end; ) {
    const lineEnd = bytes.indexOf(LF, at);
    if (beginsAt(bytes, at, DATA)) {
      if (plain.dataStart >= 0) return undefined;
      plain.dataStart = at + DATA.length;
      plain.dataEnd = lineEnd;
    } else if (beginsAt(bytes, at, EVENT)) plain.event = bytes.toString("utf8", at + EVENT.length, lineEnd);
    else if (beginsAt(bytes, at, ID)) plain.id = bytes.toString("utf8", at + ID.length, lineEnd);
    else return undefined;
    at = lineEnd + 1;
  }
  // An id with a NUL is to be ignored, says the standard.
  return plain.dataStart < 0 || plain.id?.includes("\0") === true ? undefined : plain;
}

function beginsAt(bytes: Buffer, at: number, what: Buffer): boolean {
  for (let index = 0; index < what.length; index += 1) if (bytes[at + index] !== what[index]) return false;
  return true;
}
