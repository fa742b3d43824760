import { type EncodedBatch, Fifo } from "@s2-dev/streamstore-core/transport";
import { COMPRESSION_THRESHOLD_BYTES, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";
import { smallerFrame } from "./frame-compression.js";

/** Frames up to this size are copied together; larger ones cost less as chunks of their own (measured: 1 us to 0.6). */
const COPY_UP_TO = 1024;
/** Enough for one chunk to make the cost of a write small. */
const CHUNK_BYTES = 64 * 1024;
/** What is handed to the HTTP/2 layer at a time: a peer's usual window. What is beyond it has certainly not left. */
const WIRE_BYTES = 1024 * 1024;
/** From here on `send` asks to wait. The HTTP/2 stream's own mark of 16 KiB would do so on every normal batch. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;

/** The part of an HTTP/2 stream that is written to. */
export interface FrameSink {
  cork(): void;
  uncork(): void;
  write(chunk: Uint8Array, done: (error?: Error | null) => void): boolean;
  end(): unknown;
}

export interface OutgoingEvents {
  /** Cumulative number of batches that the wire has accepted. */
  taken(batches: number): void;
  /** After `send` returned false: there is room again. */
  writable(): void;
  /** A batch could not be compressed. */
  failed(error: Error): void;
}

/** The way of batches to the wire, in the order they were sent. */
export interface Outgoing {
  /** False: taken, but wait for `writable`. */
  send(batch: EncodedBatch): boolean;
  /** Batches handed to the wire. */
  readonly started: number;
  /** Ends the request when everything has been written. */
  finish(): void;
  /** Forgets what has not been handed to the wire. No event afterwards. */
  drop(): void;
}

interface Entry {
  /** Undefined while it is being compressed. */
  frame: Uint8Array | undefined;
}

export function createOutgoing(sink: FrameSink, codec: Codec | undefined, events: OutgoingEvents): Outgoing {
  return new OutgoingFrames(sink, codec, events);
}

class OutgoingFrames implements Outgoing {
  readonly #sink: FrameSink;
  readonly #codec: Codec | undefined;
  readonly #events: OutgoingEvents;
  readonly #queue = new Fifo<Entry>();
  #queuedBytes = 0;
  /** Bytes handed to the wire that it has not accepted. */
  #wireBytes = 0;
  #started = 0;
  #taken = 0;
  #scheduled = false;
  /** `send` has returned false, and `writable` is owed. */
  #full = false;
  #finishing = false;
  #dropped = false;
  readonly #flush = (): void => this.#writeQueued();

  constructor(sink: FrameSink, codec: Codec | undefined, events: OutgoingEvents) {
    this.#sink = sink;
    this.#codec = codec;
    this.#events = events;
  }

  get started(): number {
    return this.#started;
  }

  send({ frame }: EncodedBatch): boolean {
    this.#queuedBytes += frame.byteLength;
    const codec = this.#codec;
    if (codec !== undefined && frame.byteLength - FRAME_HEAD_BYTES >= COMPRESSION_THRESHOLD_BYTES) {
      const entry: Entry = { frame: undefined };
      this.#queue.push(entry);
      this.#compress(entry, frame, codec);
    } else {
      this.#queue.push({ frame });
      this.#schedule();
    }
    this.#full ||= this.#queuedBytes + this.#wireBytes >= HIGH_WATER_BYTES;
    return !this.#full;
  }

  finish(): void {
    this.#finishing = true;
    this.#schedule();
  }

  drop(): void {
    this.#dropped = true;
    this.#queue.clear();
  }

  /** All that is sent until the running code gives way leaves together: nextTick runs after the pending promises. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flush);
  }

  #writeQueued(): void {
    this.#scheduled = false;
    if (this.#dropped) return;
    this.#sink.cork();
    while (this.#wireBytes < WIRE_BYTES) {
      const frames = takeChunk(this.#queue);
      if (frames.length === 0) break;
      this.#write(frames);
    }
    this.#sink.uncork();
    if (this.#finishing && this.#queue.length === 0) this.#sink.end();
  }

  #write(frames: readonly Uint8Array[]): void {
    const chunk = joinFrames(frames);
    const bytes = chunk.byteLength;
    const batches = frames.length;
    this.#queuedBytes -= bytes;
    this.#wireBytes += bytes;
    this.#started += batches;
    this.#sink.write(chunk, (error) => {
      if (this.#dropped || (error !== undefined && error !== null)) return;
      this.#wireBytes -= bytes;
      this.#taken += batches;
      this.#events.taken(this.#taken);
      this.#afterWrite();
    });
  }

  #afterWrite(): void {
    if (this.#dropped) return;
    if (this.#queue.length > 0 && this.#wireBytes < WIRE_BYTES) this.#schedule();
    if (!this.#full || this.#queuedBytes + this.#wireBytes > HIGH_WATER_BYTES / 2) return;
    this.#full = false;
    if (!this.#finishing) this.#events.writable();
  }

  #compress(entry: Entry, frame: Uint8Array, codec: Codec): void {
    codec.encode(frame.subarray(FRAME_HEAD_BYTES), (error, encoded) => {
      if (this.#dropped) return;
      if (error !== null) return this.#events.failed(error);
      const result = smallerFrame(frame, encoded, codec);
      this.#queuedBytes += result.byteLength - frame.byteLength;
      entry.frame = result;
      this.#schedule();
    });
  }
}

/** Takes the frames for one write: one large frame, or small ones up to a chunk. */
function takeChunk(queue: Fifo<Entry>): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let bytes = 0;
  for (let next = queue.peek()?.frame; next !== undefined; next = queue.peek()?.frame) {
    const fits =
      bytes + next.byteLength <= CHUNK_BYTES &&
      (next.byteLength <= COPY_UP_TO || areAdjacent(frames.at(-1), next));
    if (frames.length > 0 && !fits) break;
    queue.shift();
    frames.push(next);
    bytes += next.byteLength;
  }
  return frames;
}

/** One chunk of several frames: a wider view where they lie side by side in memory, as core encodes them, else a copy. */
function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const first = frames[0] as Uint8Array;
  if (frames.length === 1) return first;
  let bytes = 0;
  let adjacent = true;
  let previous: Uint8Array | undefined;
  for (const frame of frames) {
    adjacent &&= previous === undefined || areAdjacent(previous, frame);
    bytes += frame.byteLength;
    previous = frame;
  }
  if (adjacent) return new Uint8Array(first.buffer, first.byteOffset, bytes);
  const chunk = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const frame of frames) {
    chunk.set(frame, at);
    at += frame.byteLength;
  }
  return chunk;
}

function areAdjacent(before: Uint8Array | undefined, after: Uint8Array): boolean {
  return (
    before !== undefined &&
    before.buffer === after.buffer &&
    before.byteOffset + before.byteLength === after.byteOffset
  );
}
