import { type EncodedBatch, Fifo, type FramePlace } from "@s2-dev/streamstore-core/transport";
import { COMPRESSION_THRESHOLD_BYTES, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";
import { smallerFrame } from "./frame-compression.js";
import { createSmallFrames, type SmallFrames } from "./small-frames.js";

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
  /** Its writes may not have happened, even of those whose callback is told of no error. */
  readonly destroyed: boolean;
  /** The connection, which other streams share. */
  readonly session?: object | undefined;
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
  /** Cumulative number of batches that the peer has answered. */
  answered(batches: number): void;
  /** Ends the request when everything has been written. */
  finish(): void;
  /** Forgets what has not been handed to the wire. No event afterwards. */
  drop(): void;
}

/** Where a frame lies; `memory` is undefined while it is being compressed. */
interface Entry {
  memory: Uint8Array | undefined;
  start: number;
  end: number;
  release(): void;
}

/** The frames of one write. */
interface Chunk {
  readonly entries: readonly Readonly<Entry>[];
  readonly bytes: number;
  /** They lie side by side in memory. */
  readonly isAdjacent: boolean;
}

export function createOutgoing(sink: FrameSink, codec: Codec | undefined, events: OutgoingEvents): Outgoing {
  return new OutgoingFrames(sink, codec, events);
}

class OutgoingFrames implements Outgoing {
  readonly #sink: FrameSink;
  readonly #codec: Codec | undefined;
  readonly #events: OutgoingEvents;
  readonly #queue = new Fifo<Readonly<Entry>>();
  readonly #small: SmallFrames;
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
    this.#small = createSmallFrames(sink.session);
  }

  get started(): number {
    return this.#started;
  }

  send(batch: EncodedBatch): boolean {
    const place = batch.place ?? placeOf(batch.frame);
    const bytes = place.end - place.start;
    this.#queuedBytes += bytes;
    const codec = this.#codec;
    if (codec !== undefined && bytes - FRAME_HEAD_BYTES >= COMPRESSION_THRESHOLD_BYTES) {
      const entry: Entry = { memory: undefined, start: 0, end: 0, release: nothing };
      this.#queue.push(entry);
      this.#compress(entry, batch.frame, codec);
    } else {
      this.#queue.push(place);
      this.#schedule();
    }
    this.#full ||= this.#queuedBytes + this.#wireBytes >= HIGH_WATER_BYTES;
    return !this.#full;
  }

  answered(batches: number): void {
    this.#small.answered(batches);
    if (this.#queue.length > 0) this.#schedule();
  }

  finish(): void {
    this.#finishing = true;
    this.#schedule();
  }

  drop(): void {
    this.#dropped = true;
    this.#queue.clear();
    this.#small.clear();
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
    while (this.#wireBytes < WIRE_BYTES && this.#small.hasRoom(this.#queuedBytes)) {
      const chunk = takeChunk(this.#queue);
      if (chunk.entries.length === 0) break;
      this.#write(chunk);
    }
    this.#sink.uncork();
    if (this.#finishing && this.#queue.length === 0) this.#sink.end();
  }

  #write(chunk: Chunk): void {
    const { bytes } = chunk;
    const batches = chunk.entries.length;
    this.#queuedBytes -= bytes;
    this.#wireBytes += bytes;
    this.#small.wrote(bytes, this.#started);
    this.#started += batches;
    this.#sink.write(joinFrames(chunk), (error) => {
      // A part of what a destroyed stream was given may still be on its way to the socket: it stays held.
      if (this.#dropped || this.#sink.destroyed || (error !== undefined && error !== null)) return;
      for (const entry of chunk.entries) entry.release();
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
      entry.memory = result;
      entry.end = result.byteLength;
      this.#schedule();
    });
  }
}

function placeOf(frame: Uint8Array): FramePlace {
  return { memory: frame, start: 0, end: frame.byteLength, hold: nothing, release: nothing };
}

function nothing(): void {}

const NOTHING: Chunk = { entries: [], bytes: 0, isAdjacent: true };

/** Takes the frames for one write: one large frame, or small ones and neighbours up to a chunk. */
function takeChunk(queue: Fifo<Readonly<Entry>>): Chunk {
  let last = queue.peek();
  if (last?.memory === undefined) return NOTHING;
  queue.shift();
  // A list of one takes 24 bytes, one that an item is pushed to 150.
  const entries = [last];
  let bytes = last.end - last.start;
  let isAdjacent = true;
  for (let next = queue.peek(); next?.memory !== undefined; next = queue.peek()) {
    const size = next.end - next.start;
    const isNeighbour = next.memory === last.memory && next.start === last.end;
    if (bytes + size > CHUNK_BYTES || (size > COPY_UP_TO && !isNeighbour)) break;
    isAdjacent &&= isNeighbour;
    queue.shift();
    entries.push(next);
    bytes += size;
    last = next;
  }
  return { entries, bytes, isAdjacent };
}

/** One chunk of several frames: a wider view where they lie side by side in memory, as core encodes them, else a copy. */
function joinFrames({ entries, bytes, isAdjacent }: Chunk): Uint8Array {
  const first = entries[0] as Entry;
  if (isAdjacent) return viewOf(first, bytes);
  const chunk = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const entry of entries) {
    const size = entry.end - entry.start;
    chunk.set(viewOf(entry, size), at);
    at += size;
  }
  return chunk;
}

function viewOf(entry: Readonly<Entry>, bytes: number): Uint8Array {
  const memory = entry.memory as Uint8Array;
  const { start } = entry;
  if (bytes === memory.byteLength) return memory;
  const { buffer, byteOffset } = memory;
  return new Uint8Array(buffer, byteOffset + start, bytes);
}
