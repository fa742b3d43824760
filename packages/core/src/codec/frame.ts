import { FRAME_HEAD_BYTES, MAX_FRAME_LENGTH } from "../model/limits.js";
import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { Fifo } from "../util/fifo.js";
import { writeFrameHead } from "./frame-head.js";
import { joinPieces } from "./join-pieces.js";
import { protocolError } from "./protocol-error.js";

export { FRAME_HEAD_BYTES, writeFrameHead };

export type FrameCompression = "none" | "zstd" | "gzip";

/** The flags of a session frame. */
export interface FrameFlags {
  /** The last frame of a session that failed: a status and the body of an error. */
  readonly terminal: boolean;
  readonly compression: FrameCompression;
  /** The server asks to go on over a new connection. */
  readonly reconnectAdvised: boolean;
}

/** A frame of an s2s session. */
export interface Frame extends FrameFlags {
  /** Still compressed when `compression` says so. A view on what was received where possible. */
  readonly payload: Uint8Array;
}

const TERMINAL = 0x80;
const RECONNECT_ADVISED = 0x10;
const COMPRESSION_SHIFT = 5;
const COMPRESSIONS: readonly FrameCompression[] = ["none", "zstd", "gzip"];
/** So many waiting chunks of so few bytes on average are merged. Of more bytes it takes more of them, so it stays linear. */
const MANY_CHUNKS = 256;
const SMALL_CHUNK = 64;

/** A frame around a payload. */
export function encodeFrame(flags: Partial<FrameFlags>, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(frame, 0, payload.length, flagsByte(flags));
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** The frame with which a server ends a session that failed: the status and the JSON body a unary call would get. */
export function encodeTerminalFrame(status: number, json: string): Uint8Array {
  const body = new TextEncoder().encode(json);
  const payload = new Uint8Array(2 + body.length);
  payload[0] = status >>> 8;
  payload[1] = status & 0xff;
  payload.set(body, 2);
  return encodeFrame({ terminal: true }, payload);
}

/** The flags byte of a frame's head. */
export function flagsByte(flags: Partial<FrameFlags>): number {
  return (
    (flags.terminal === true ? TERMINAL : 0) |
    (COMPRESSIONS.indexOf(flags.compression ?? "none") << COMPRESSION_SHIFT) |
    (flags.reconnectAdvised === true ? RECONNECT_ADVISED : 0)
  );
}

/** A frame whose payload lies where it was received, in pieces cut by the chunks it came in. */
export interface FrameInPieces extends FrameFlags {
  /** In order, none of them empty. */
  readonly pieces: readonly Uint8Array[];
}

export interface FrameDecoderOptions {
  /** Largest value of a frame's length field, in bytes. Default: 2 MiB, the service's own limit. */
  readonly maxLength?: number;
}

/** Cuts a stream of bytes into frames. */
export interface FrameDecoder {
  /** Takes the next bytes received; they must not change until their frames are used up. */
  push(chunk: Uint8Array): void;
  /**
   * The next whole frame, or `undefined` when more bytes are needed.
   * @throws S2Error `PROTOCOL_ERROR`, from then on at every call.
   */
  next(): Frame | undefined;
  /** The same without copying a payload that spans chunks. */
  nextInPieces(): FrameInPieces | undefined;
  /** Bytes taken that belong to no frame given yet; more than 0 at the end of the stream means it was cut off. */
  readonly pendingBytes: number;
}

/** Creates a decoder of session frames. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  return new ChunkedFrameDecoder(options.maxLength ?? MAX_FRAME_LENGTH);
}

function compressionOf(flags: number): FrameCompression {
  return COMPRESSIONS[(flags >>> COMPRESSION_SHIFT) & 3] as FrameCompression;
}

class ChunkedFrameDecoder implements FrameDecoder {
  readonly #maxLength: number;
  /** The chunk being read; those behind it wait in the queue. */
  #chunk: Uint8Array = EMPTY_BYTES;
  #at = 0;
  // The chunk's own, kept: asking for them costs as much as making a view.
  #buffer: ArrayBufferLike = EMPTY_BYTES.buffer;
  #byteOffset = 0;
  readonly #queue = new Fifo<Uint8Array>();
  /** The head of the frame being read, as far as it has come. */
  #head = 0;
  #headBytes = 0;
  #pending = 0;
  #failure: Error | undefined;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#failure !== undefined) return;
    this.#pending += chunk.length;
    this.#queue.push(chunk);
    const { length } = this.#queue;
    if (length >= MANY_CHUNKS && this.#pending < length * SMALL_CHUNK) this.#mergeQueue();
  }

  next(): Frame | undefined {
    const length = this.#payloadLength();
    if (length < 0) return undefined;
    // Most often an ack, of which there is one for each batch sent: not by way of pieces.
    const payload = this.#isInChunk(length) ? this.#takeView(length) : joinPieces(this.#takePieces(length));
    const flags = this.#takeFlags(length);
    return {
      terminal: (flags & TERMINAL) !== 0,
      compression: compressionOf(flags),
      reconnectAdvised: (flags & RECONNECT_ADVISED) !== 0,
      payload,
    };
  }

  nextInPieces(): FrameInPieces | undefined {
    const length = this.#payloadLength();
    if (length < 0) return undefined;
    const pieces = this.#isInChunk(length) ? [this.#takeView(length)] : this.#takePieces(length);
    const flags = this.#takeFlags(length);
    return {
      terminal: (flags & TERMINAL) !== 0,
      compression: compressionOf(flags),
      reconnectAdvised: (flags & RECONNECT_ADVISED) !== 0,
      pieces,
    };
  }

  /** Of the next frame, once all of it has come; -1 before. */
  #payloadLength(): number {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#headBytes < FRAME_HEAD_BYTES && !this.#readHead()) return -1;
    const length = (this.#head >>> 8) - 1;
    return this.#pending - FRAME_HEAD_BYTES < length ? -1 : length;
  }

  /** Ends a frame whose payload has been taken. */
  #takeFlags(length: number): number {
    const flags = this.#head & 0xff;
    if (this.#at === this.#chunk.length) this.#letGoOfChunk();
    this.#head = 0;
    this.#headBytes = 0;
    this.#pending -= FRAME_HEAD_BYTES + length;
    return flags;
  }

  /** Reads the four bytes of a head and checks them as they come; false while some are missing. */
  #readHead(): boolean {
    while (this.#headBytes < FRAME_HEAD_BYTES) {
      if (!this.#hasBytes()) return false;
      this.#head = ((this.#head << 8) | (this.#chunk[this.#at++] as number)) >>> 0;
      this.#headBytes += 1;
      // Behind a bad length nothing more may come.
      if (this.#headBytes === FRAME_HEAD_BYTES - 1) this.#checkLength(this.#head);
    }
    if (((this.#head >>> COMPRESSION_SHIFT) & 3) === 3)
      throw this.#fail("A frame has an unknown compression");
    return true;
  }

  #checkLength(length: number): void {
    if (length === 0) throw this.#fail("A frame has the length 0");
    if (length > this.#maxLength)
      throw this.#fail(`A frame has the length ${length}; the limit is ${this.#maxLength}`);
  }

  /** Whether the next bytes, at least one, lie in one chunk: then no list of them has to grow. */
  #isInChunk(length: number): boolean {
    return length > 0 && this.#hasBytes() && this.#chunk.length - this.#at >= length;
  }

  /** The next bytes, all of which have come. */
  #takePieces(length: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && this.#hasBytes()) {
      const size = Math.min(missing, this.#chunk.length - this.#at);
      pieces.push(this.#takeView(size));
      missing -= size;
    }
    return pieces;
  }

  /** The next bytes, all of which are in this chunk. */
  #takeView(length: number): Uint8Array {
    const view = new Uint8Array(this.#buffer, this.#byteOffset + this.#at, length);
    this.#at += length;
    return view;
  }

  /** A used up chunk would keep the 64 KiB that the runtime read into, for as long as nothing more comes. */
  #letGoOfChunk(): void {
    this.#chunk = EMPTY_BYTES;
    this.#buffer = EMPTY_BYTES.buffer;
    this.#at = 0;
  }

  /** Whether there is a byte to read; goes on to the next chunk when one is used up. */
  #hasBytes(): boolean {
    if (this.#at < this.#chunk.length) return true;
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#buffer = next.buffer;
      this.#byteOffset = next.byteOffset;
    }
    this.#chunk = next ?? EMPTY_BYTES;
    this.#at = 0;
    return next !== undefined;
  }

  /** Small chunks weigh more than they hold. */
  #mergeQueue(): void {
    const merged = joinPieces([...this.#queue]);
    this.#queue.clear();
    this.#queue.push(merged);
  }

  #fail(message: string): Error {
    this.#failure = protocolError(message);
    // Nothing that was received can be used any more.
    this.#queue.clear();
    this.#letGoOfChunk();
    return this.#failure;
  }
}
