import type { StreamPosition } from "./position.js";

/** How record data is given to the reader: as text, or as the bytes that are stored. */
export type RecordFormat = "string" | "bytes";

/** One header to append: a name and a value, each text or bytes. */
export type AppendHeader = readonly [name: string | Uint8Array, value: string | Uint8Array];

/** Headers to append: pairs keep order and duplicates; an object is shorter to write. */
export type AppendHeadersInput = readonly AppendHeader[] | Readonly<Record<string, string | Uint8Array>>;

/** A record to append. Text is stored as UTF-8; text and bytes may be mixed freely. */
export interface AppendRecordInput {
  /** Default: empty. With its headers at most 1 MiB metered, see `maxBodyBytes`. */
  readonly body?: string | Uint8Array | undefined;
  /** Default: none. A name has at least one character. */
  readonly headers?: AppendHeadersInput | undefined;
  /**
   * Milliseconds since the epoch, by convention; a safe integer or an unsigned 64-bit bigint.
   * Default (also for `null`): the server's arrival time.
   */
  readonly timestamp?: number | bigint | null | undefined;
}

/** Headers as read in string format: by name, the last of duplicates winning. */
export type StringHeaders = Record<string, string>;
/** All headers in order, as read in string format. */
export type StringHeaderList = [string, string][];
/** All headers in order, as read in bytes format. */
export type BytesHeaderList = [Uint8Array, Uint8Array][];

/** The `headers` of a record as read, in the chosen format. */
export type ReadHeaders<F extends RecordFormat = "string"> = F extends "bytes"
  ? BytesHeaderList
  : StringHeaders;

/** A record read as text. Bytes that are not UTF-8 become U+FFFD. */
export interface StringReadRecord {
  /** Its place in the stream, from 0 on. */
  seq_num: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** The content, as text. */
  body: string;
  /** By name; of equal names the last. */
  headers: StringHeaders;
  /** Every header in order, duplicates included. */
  headerList: StringHeaderList;
}

/** A record read as bytes. Body and headers are views on the received batch: copy what you keep for long. */
export interface BytesReadRecord {
  /** Its place in the stream, from 0 on. */
  seq_num: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** The content, as bytes. */
  body: Uint8Array;
  /** Every header in order, duplicates included. */
  headers: BytesHeaderList;
  /** The same list as `headers`. */
  headerList: BytesHeaderList;
}

/** A record as read, in the chosen format. */
export type ReadRecord<F extends RecordFormat = "string"> = F extends "bytes"
  ? BytesReadRecord
  : StringReadRecord;

/** What a unary read answers, and one batch of a read session. */
export interface ReadBatch<F extends RecordFormat = "string"> {
  /** The records, in order. */
  records: ReadRecord<F>[];
  /** Present when the batch came from the live end of the stream. */
  tail?: StreamPosition;
  /** Of a session's batch: with it, everything up to `tail` has been handed over. */
  caughtUp?: true;
}

/** What to do with a timestamp beyond 2^53-1: end the read with `UNSAFE_INTEGER`, or give `Number.MAX_SAFE_INTEGER`. */
export type UnsafeTimestamps = "error" | "saturate";

/** How a reader wants its records. */
export interface ReadFormat<F extends RecordFormat = RecordFormat> {
  /** Bodies and headers as text or as bytes. */
  readonly as: F;
  /** What becomes of timestamps beyond 2^53-1. */
  readonly unsafeTimestamps: UnsafeTimestamps;
}

/**
 * Where a frame lies: in `memory`, from `start` up to `end`, which is not written to while anybody holds it. A session
 * holds it until the batch is acknowledged, and once more for each link that it gives the batch to; the link lets go of
 * it when it will surely not be read again. A link that never does only keeps the memory from being used again.
 */
export interface FramePlace {
  /** What the frame lies in, with others. */
  readonly memory: Uint8Array;
  /** Where the frame begins in `memory`, in bytes. */
  readonly start: number;
  /** Where the frame ends in `memory`, in bytes. */
  readonly end: number;
  /** Keeps the memory from being used for another frame. */
  hold(): void;
  /** Exactly once for each hold. */
  release(): void;
}

/** A batch ready to send: four bytes of frame head, then the protobuf `AppendInput`, encoded once. */
export interface EncodedBatch {
  /** The batch as it goes on the wire. */
  readonly frame: Uint8Array;
  /** Where the frame lies in memory that it shares with others, if it does. A view made of each costs more than this. */
  readonly place?: FramePlace | undefined;
  /** How many records are in it. */
  readonly recordCount: number;
  /** What it counts for in limits and in-flight capacity, in metered bytes. */
  readonly meteredBytes: number;
  /** Carries `match_seq_num`, so a second copy of it cannot land. */
  readonly conditional: boolean;
}

/** One decoded batch of a read. */
export interface DecodedBatch<F extends RecordFormat = RecordFormat> {
  /** The records, in order; none in a heartbeat. */
  readonly records: ReadRecord<F>[];
  /** The stream's tail, where the server has said it. */
  readonly tail: StreamPosition | undefined;
  /** Sum of the records' metered sizes, in bytes. */
  readonly meteredBytes: number;
  /** Why decoding stopped before the end (an unsafe integer): the records before it are good. */
  readonly failure: Error | undefined;
}
