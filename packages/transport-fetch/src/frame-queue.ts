import { type EncodedBatch, Fifo, type FramePlace } from "@s2-dev/streamstore-core/transport";
import { encodeFrame, FRAME_HEAD_BYTES, joinPieces } from "@s2-dev/streamstore-core/wire";
import { encodeBody, isWorthCompressing } from "./body.js";
import type { Compressor } from "./compression.js";
import type { BodySource } from "./runtime.js";

/** From here on `send` asks to wait. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;
/** Small frames are given to the wire together, up to about so many bytes. */
const CHUNK_BYTES = 64 * 1024;

/** What the queue reports. */
export interface FrameQueueEvents {
  /** Cumulative number of batches that the wire has accepted. */
  taken(batches: number): void;
  /** After `send` returned false: there is room again. */
  writable(): void;
  /** A batch could not be compressed. */
  failed(error: unknown): void;
}

/** A frame; its bytes are undefined while it is being compressed. */
interface Entry {
  bytes: Uint8Array | undefined;
}

/** The frames of batches on their way into a request's body, in the order they were sent. */
export class FrameQueue implements BodySource {
  readonly #compressor: Compressor | undefined;
  readonly #events: FrameQueueEvents;
  readonly #queue = new Fifo<Entry>();
  /** Where batches lie that the wire or the server may still have to read. */
  readonly #places = new Fifo<FramePlace | undefined>();
  /** For each chunk that the wire may still read, how many batches end before its own end. */
  readonly #chunks = new Fifo<number>();
  #queuedBytes = 0;
  #started = 0;
  #taken = 0;
  #written = 0;
  #answered = 0;
  #released = 0;
  #full = false;
  #finishing = false;
  /** Of a pull that finds nothing. */
  #waiting: ((chunk: Uint8Array | null) => void) | undefined;
  #scheduled = false;
  /** Bytes of the first frame that have gone ahead of it. */
  #ahead = 0;
  #held = false;
  #dropped = false;

  constructor(compressor: Compressor | undefined, events: FrameQueueEvents) {
    this.#compressor = compressor;
    this.#events = events;
  }

  /** Batches handed to the wire. A head alone does not count: without what it announces nothing comes of it. */
  get started(): number {
    return this.#started;
  }

  /** False: taken, but wait for `writable`. */
  send({ frame, place }: EncodedBatch): boolean {
    this.#places.push(place);
    this.#queuedBytes += frame.byteLength;
    const payload = frame.subarray(FRAME_HEAD_BYTES);
    if (isWorthCompressing(payload, this.#compressor)) {
      const entry: Entry = { bytes: undefined };
      this.#queue.push(entry);
      this.#compress(entry, frame, payload, this.#compressor);
    } else {
      this.#queue.push({ bytes: frame });
      this.#schedule();
    }
    this.#full ||= this.#queuedBytes >= HIGH_WATER_BYTES;
    return !this.#full;
  }

  /** Cumulative number of batches that the server has answered, perhaps before it has read them. */
  answered(batches: number): void {
    this.#answered = batches;
    this.#releasePlaces();
  }

  /** Ends the body behind the last frame. */
  finish(): void {
    this.#finishing = true;
    this.#schedule();
  }

  /** Lets go of what has not been handed to the wire; no event afterwards. */
  drop(): void {
    this.#queue.clear();
    this.#dropped = true;
    this.#waiting?.(null);
    this.#waiting = undefined;
  }

  /** Gives no more than the first frame's head to the wire until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#schedule();
  }

  next(): Promise<Uint8Array | null> {
    this.#accepted();
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#answer();
    });
  }

  written(): void {
    this.#written = this.#chunks.shift() ?? 0;
    this.#releasePlaces();
  }

  /** Asks for the next bytes only when the wire has taken the last ones. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.next();
          if (chunk === null) return controller.close();
          // A copy: when a fetch has sent what it was given is not to be seen.
          controller.enqueue(chunk.slice());
          this.written();
        },
      },
      { highWaterMark: 0 },
    );
  }

  #releasePlaces(): void {
    const most = Math.min(this.#written, this.#answered);
    for (; this.#released < most; this.#released += 1) this.#places.shift()?.release();
  }

  /** What was handed over before has been accepted. */
  #accepted(): void {
    if (this.#dropped) return;
    if (this.#started > this.#taken) {
      this.#taken = this.#started;
      this.#events.taken(this.#taken);
    }
    if (this.#dropped || !this.#full || this.#queuedBytes > HIGH_WATER_BYTES / 2) return;
    this.#full = false;
    if (!this.#finishing) this.#events.writable();
  }

  /** All that is sent until the running code gives way leaves together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#answer();
    });
  }

  #answer(): void {
    const resolve = this.#waiting;
    if (resolve === undefined || this.#dropped) return;
    const chunk = this.#takeChunk();
    if (chunk === undefined) return;
    this.#waiting = undefined;
    if (chunk !== null) this.#chunks.push(this.#started);
    resolve(chunk);
  }

  /** `null` at the end, `undefined` when there is nothing yet. */
  #takeChunk(): Uint8Array | null | undefined {
    if (this.#held) return this.#takeHead();
    const frames: Uint8Array[] = [];
    let bytes = 0;
    for (let next = this.#queue.peek()?.bytes; next !== undefined; next = this.#queue.peek()?.bytes) {
      if (bytes > 0 && bytes + next.byteLength > CHUNK_BYTES) break;
      this.#queue.shift();
      this.#started += 1;
      if (this.#ahead > 0) next = next.subarray(this.#ahead);
      this.#ahead = 0;
      frames.push(next);
      bytes += next.byteLength;
    }
    this.#queuedBytes -= bytes;
    if (bytes > 0) return joinPieces(frames);
    return this.#finishing && this.#queue.length === 0 ? null : undefined;
  }

  #takeHead(): Uint8Array | undefined {
    const first = this.#queue.peek()?.bytes;
    if (first === undefined || this.#ahead > 0) return undefined;
    this.#ahead = FRAME_HEAD_BYTES;
    this.#queuedBytes -= FRAME_HEAD_BYTES;
    return first.subarray(0, FRAME_HEAD_BYTES);
  }

  #compress(entry: Entry, frame: Uint8Array, payload: Uint8Array, compressor: Compressor): void {
    encodeBody(payload, compressor).then(
      ({ body }) => {
        if (this.#dropped) return;
        const smaller = encodeFrame({ compression: compressor.name }, body);
        entry.bytes = smaller.byteLength < frame.byteLength ? smaller : frame;
        this.#queuedBytes += entry.bytes.byteLength - frame.byteLength;
        this.#schedule();
      },
      (thrown: unknown) => {
        if (!this.#dropped) this.#events.failed(thrown);
      },
    );
  }
}
