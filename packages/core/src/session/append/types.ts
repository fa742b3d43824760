import type { S2Error } from "../../error/s2-error.js";
import type { StreamConfig } from "../../model/configs.js";
import type { AppendAck } from "../../model/position.js";
import type { AppendRecordInput } from "../../model/record.js";
import type { RetryConfig } from "../../retry/settings.js";
import type { RecordedStream } from "../recorder.js";

/** A batch for an append session's `writable`. */
export interface AppendArgs {
  /** What is appended, as a whole or not at all: 1 to 1000 records. */
  readonly records: readonly AppendRecordInput[];
  /** Must equal the stream's fencing token; at most 36 bytes. */
  readonly fencing_token?: string | null | undefined;
  /** Must equal the sequence number that the batch's first record will get. */
  readonly match_seq_num?: number | null | undefined;
}

/** Conditions of one submitted batch. */
export interface SubmitArgs {
  /** Refused with 412 unless it is the stream's; at most 36 bytes of UTF-8. Default: not checked. */
  readonly fencing_token?: string | null | undefined;
  /** Refused with 412 unless the first record gets this sequence number. Default: whatever place comes next. */
  readonly match_seq_num?: number | null | undefined;
  /** Accepted for older code; the size is computed while encoding. */
  readonly precalculatedSize?: number | undefined;
}

/** How exactly-once mode knows its own records again. */
export interface ExactlyOnceOptions {
  /**
   * Name of a header that the first record of each batch carries besides its own, with a value of this session (128
   * random bits in hexadecimal). Records are compared whole; without a marker, records of another writer that are
   * equal in body and headers count as this session's own. Readers see the header; it counts towards a batch's size;
   * a batch of command records alone carries none. Default: no marker.
   */
  readonly markerHeader?: string | undefined;
}

/** What an append session may have in flight, how it retries, and whether a batch may land twice. */
export interface AppendSessionOptions {
  /** Configuration of the stream, in case this session creates it (`create_stream_on_append` of the basin). */
  readonly streamConfig?: StreamConfig | undefined;
  /**
   * Bytes that may be unacknowledged before writers wait: an integer of at least 1 MiB. Default 10 MiB. Each batch counts
   * 2 KiB more than its metered bytes.
   */
  readonly maxInflightBytes?: number | undefined;
  /** Batches that may be unacknowledged before writers wait: an integer of at least 1. Default: no bound of its own. */
  readonly maxInflightBatches?: number | undefined;
  /**
   * For the only writer of a stream: each batch demands its place in it, so none can land twice. After a break the
   * session reads the log from the first unacknowledged place, acknowledges what has landed and sends only the rest.
   * Needs the rights to read and to check the tail; refuses a `match_seq_num` of your own. Records of another writer
   * end the session with code `WRITER_CONFLICT`. Default false.
   */
  readonly exactlyOnce?: boolean | ExactlyOnceOptions | undefined;
  /**
   * How this session retries, where that differs from its client: what is not given here is as there. With
   * `maxAttempts: "unlimited"` it outlasts outages of any length, while calls of the same client still give up.
   */
  readonly retry?: RetryConfig | undefined;
}

/** A stream of acknowledgements that can also be iterated. */
export interface AcksStream extends RecordedStream<AppendAck> {}

/** A batch whose place in the order is fixed. */
export interface AppendTicket {
  /** Settles when the batch is durable, or has failed. */
  ack(): Promise<AppendAck>;
  /** Metered size of the batch, in bytes. */
  readonly bytes: number;
  /** How many records it has. */
  readonly numRecords: number;
}

/**
 * A pipelined writer of one stream. Batches are appended in the order they were submitted; each settles exactly once.
 * When the connection breaks, unacknowledged batches are sent again as the append retry policy allows.
 */
export interface AppendSession extends AsyncDisposable {
  /** Acknowledgements in order, recorded from the first access of `readable` or `acks()`. */
  readonly readable: ReadableStream<AppendAck>;
  /** Takes batches; a write waits while too much is unacknowledged. Closing it closes the session. */
  readonly writable: WritableStream<AppendArgs>;
  /**
   * Appends a batch; never waits for capacity. Resolves once the batch is durable.
   * A batch refused before sending (`INVALID_ARGUMENT`) rejects only its own promise.
   * Other failures end the session; they are also reported by `close()`, so a promise may be left alone.
   */
  submit(records: AppendRecordInput | readonly AppendRecordInput[], args?: SubmitArgs): Promise<AppendAck>;
  /** Waits for capacity, then fixes the batch's place in the order and resolves with its ticket. */
  enqueue(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: SubmitArgs,
  ): Promise<AppendTicket>;
  /** Refuses further batches, waits until all have settled, and ends. Rejects with what ended the session before. */
  close(): Promise<void>;
  /** The same stream as `readable`. */
  acks(): AcksStream;
  /** The newest acknowledgement. */
  lastAckedPosition(): AppendAck | undefined;
  /** What ended the session, if it failed. */
  failureCause(): S2Error | undefined;
}
