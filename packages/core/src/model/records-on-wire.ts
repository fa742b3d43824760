import type { FencingToken, StreamNameStr, U64 } from "./names.js";
import type { StreamPosition } from "./position.js";

/** How record data stands in JSON: as text, or as base64. */
export type S2Format = "raw" | "base64";

/** One header in JSON. */
export type Header = [name: string, value: string];

/** A record to append, in JSON. The name `AppendRecord` is that of the helper that makes records. */
export interface GeneratedAppendRecord {
  /** Milliseconds since the epoch; the service's time if left out. */
  timestamp?: U64 | null | undefined;
  /** Pairs of name and value. */
  headers?: Header[] | undefined;
  /** The content: text, or base64, as the format says. */
  body?: string | undefined;
}

/** Body of an append, in JSON. */
export interface AppendInput {
  /** 1 to 1000 records of together at most 1 MiB metered bytes; appended all or none. */
  records: GeneratedAppendRecord[];
  /** Append only if the first record gets this sequence number. */
  match_seq_num?: U64 | null | undefined;
  /** Append only if the stream's fencing token is this one. */
  fencing_token?: FencingToken | null | undefined;
}

/** A record read, in JSON. */
export interface SequencedRecord {
  /** Its place in the stream. */
  seq_num: U64;
  /** Milliseconds since the epoch. */
  timestamp: U64;
  /** Left out when there are none. */
  headers?: Header[] | undefined;
  /** Left out when empty. */
  body?: string | undefined;
}

/** Answer of a unary read and data of an SSE `batch`, in JSON. The name `ReadBatch` is that of the decoded form. */
export interface GeneratedReadBatch {
  /** The records, in order. */
  records: SequencedRecord[];
  /** Present when the batch came from the live end of the stream. */
  tail?: StreamPosition | null | undefined;
}

/** Answer of a tail check. */
export interface TailResponse {
  /** Sequence number of the next record, and timestamp of the last. */
  tail: StreamPosition;
}

/** What a tail check takes. */
export interface CheckTailArgs {
  /** Name of the stream. */
  stream: StreamNameStr;
}

/** Query of a read, by its wire names; at most one of the first three. */
export interface ReadQuery {
  /** Begins at this sequence number. */
  seq_num?: U64 | undefined;
  /** Begins at the first record from this time on, in milliseconds since the epoch. */
  timestamp?: U64 | undefined;
  /** Begins so many records before the tail. */
  tail_offset?: U64 | undefined;
  /** Begins at the tail when the start lies beyond it, instead of failing. */
  clamp?: boolean | undefined;
  /** Most records to read. */
  count?: U64 | undefined;
  /** Most metered bytes to read. */
  bytes?: U64 | undefined;
  /** Timestamp at which the read ends, exclusive. */
  until?: U64 | undefined;
  /** Whole seconds. */
  wait?: number | undefined;
}

/** The parts of a read request. */
export interface ReadData {
  /** A read has none. */
  body?: never;
  /** How bodies are written, and the key of an encrypted stream. */
  headers?: { "s2-format"?: S2Format | undefined; "s2-encryption-key"?: string | undefined } | undefined;
  /** The stream that is read. */
  path: { stream: StreamNameStr };
  /** Where the read begins, and where it ends. */
  query?: ReadQuery | undefined;
  /** The path of the call. */
  url: "/streams/{stream}/records";
}

/** Body of an error with a code. */
export interface ErrorInfo {
  /** The service's code of what went wrong. */
  code: string;
  /** The same for people; not meant to be parsed. */
  message: string;
}

/** Body of a 412. The value is the stream's actual state. */
export type AppendConditionFailed = { fencing_token_mismatch: FencingToken } | { seq_num_mismatch: U64 };

/** Data of an SSE `ping`. */
export interface PingEventData {
  /** Milliseconds since the epoch. */
  timestamp: U64;
  /** Missing from older servers. */
  tail?: StreamPosition | undefined;
}
