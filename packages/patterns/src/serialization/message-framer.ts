import { invalidArgument, type S2Error } from "@s2-dev/streamstore-core";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkIsFunction } from "../options/check-values.js";
import { splitIntoBatches } from "./batches.js";
import { chunkBytes, MAX_CHUNK_BODY_BYTES, maxChunkBodyBytes } from "./chunk.js";
import { numberRecords, writerIdBytes } from "./dedupe.js";
import { type FramedRecord, frameChunksToRecords } from "./frame.js";
import { checkMaxFrameBytes, DEFAULT_MAX_FRAME_BYTES } from "./frame-assembler.js";
import { FrameSizeError } from "./frame-size-error.js";
import { toU64 } from "./u64.js";
import { createWriterId } from "./writer-id.js";

/** How messages become records. */
export interface FramerOptions {
  /**
   * Largest record body in bytes: an integer of at least 1. Default `MAX_CHUNK_BODY_BYTES`, or less when a `writerId`
   * of your own is longer than 12 bytes.
   */
  readonly chunkSize?: number | undefined;
  /**
   * Number of the first record. When given, every record carries its number and the writer's id, so that readers drop
   * the copies which retries can leave.
   */
  readonly dedupeSeq?: bigint | number | undefined;
  /**
   * Name of this writer in dedupe headers, at most 256 bytes of UTF-8. Default: 12 random characters.
   * A program that keeps its name together with the next `dedupeSeq` can repeat messages after a crash, and readers
   * drop those that had landed. No two writers may have the same name at a time.
   */
  readonly writerId?: string | undefined;
  /** Largest message in bytes, default 100 MiB. A reader needs at least the same. */
  readonly maxFrameBytes?: number | undefined;
}

/** Of the sessions that use it, too. */
const NAMES: OptionNames<FramerOptions & { matchSeqNum: unknown }> = {
  chunkSize: true,
  dedupeSeq: true,
  writerId: true,
  maxFrameBytes: true,
  matchSeqNum: true,
};

/** The batches of one message, in order. */
export type MessageBatches = readonly (readonly FramedRecord[])[];

/** Turns messages into batches, numbering records from message to message. */
export class MessageFramer<M> {
  readonly #serialize: (message: M) => Uint8Array;
  readonly #chunkSize: number;
  readonly #maxFrameBytes: number;
  readonly #writerId: Uint8Array;
  #dedupeSeq: bigint | undefined;

  constructor(serialize: (message: M) => Uint8Array, options: FramerOptions) {
    checkOptions<object>(options, "a serializing session", NAMES);
    const { dedupeSeq, writerId = createWriterId(), maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    checkMaxFrameBytes(maxFrameBytes);
    checkIsFunction(serialize, "the serializer");
    this.#serialize = serialize;
    this.#maxFrameBytes = maxFrameBytes;
    this.#writerId = writerIdBytes(writerId);
    this.#dedupeSeq = dedupeSeq === undefined ? undefined : toU64(dedupeSeq, "dedupeSeq");
    this.#chunkSize = resolveChunkSize(options.chunkSize, dedupeSeq === undefined ? undefined : writerId);
  }

  /** The number of the next record, if records are numbered. */
  get nextDedupeSeq(): bigint | undefined {
    return this.#dedupeSeq;
  }

  /**
   * The batches of a message. Bodies are views on what the serializer gave.
   * @throws FrameSizeError when the message is too large; what the serializer throws; nothing is counted then.
   */
  frame(message: M): MessageBatches {
    const payload = this.#serialize(message);
    if (!isBytes(payload)) throw notBytesError(payload);
    if (payload.length > this.#maxFrameBytes) {
      throw new FrameSizeError({ bytes: payload.length, maxFrameBytes: this.#maxFrameBytes });
    }
    const records = frameChunksToRecords(chunkBytes(payload, this.#chunkSize));
    if (this.#dedupeSeq !== undefined) {
      // Numbers are used up even if the message then fails: one that may have landed must never name other content.
      this.#dedupeSeq = numberRecords(records, this.#writerId, this.#dedupeSeq);
    }
    return splitIntoBatches(records);
  }
}

function resolveChunkSize(chunkSize: number | undefined, writerId: string | undefined): number {
  const limit = maxChunkBodyBytes(writerId);
  if (chunkSize === undefined) return Math.min(MAX_CHUNK_BODY_BYTES, limit);
  if (Number.isSafeInteger(chunkSize) && chunkSize >= 1 && chunkSize <= limit) return chunkSize;
  throw invalidArgument(`chunkSize must be an integer from 1 to ${limit}; got ${chunkSize}`);
}

/** By tag and not by class, so that an array of another realm counts. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array";
}

function notBytesError(value: unknown): S2Error {
  const found =
    typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : typeof value;
  return invalidArgument(`the serializer must return a Uint8Array; got ${found}`);
}
