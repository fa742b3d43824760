import type { U64 } from "./u64.js";

/** Where a record is: its sequence number and timestamp; as a tail: the next sequence number and the last timestamp. */
export interface Position {
  /** Sequence number. */
  readonly seq_num: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: U64;
}

/**
 * Records that were appended together, encoded once: `bytes` is the concatenation of the records as they stand in a
 * protobuf `ReadBatch` (each a tagged `SequencedRecord`). Sequence numbers within are contiguous.
 */
export interface StoredBatch {
  /** Sequence number of the first one. */
  readonly firstSeqNum: number;
  /** How many records it has. */
  readonly count: number;
  /** Time of the first one, in milliseconds since the epoch. */
  readonly firstTimestamp: U64;
  /** Time of the last one, in milliseconds since the epoch. */
  readonly lastTimestamp: U64;
  /** Sum of the records' metered sizes, in bytes. */
  readonly meteredBytes: number;
  /** Milliseconds since the epoch after which the records are gone; `Infinity` when they never expire. */
  readonly expiresAt: number;
  /** Whether the data records are encrypted; command records never are. */
  readonly sealed: boolean;
  /** The records, encoded one after the other. */
  readonly bytes: Uint8Array;
}

/** What one append changes, all of it or nothing. */
export interface LogEntry {
  /** The records, as they were appended together. */
  readonly batch: StoredBatch;
  /** The fencing token from now on, when the batch sets one. */
  readonly fencingToken?: string;
  /** The first sequence number to keep from now on, when the batch trims. */
  readonly trimPoint?: U64;
}

/** What a log knows of itself when it is opened. */
export interface LogState {
  /** Where the next record goes. */
  readonly tail: Position;
  /** The token that appends must name; empty if there is none. */
  readonly fencingToken: string;
  /** First sequence number to keep; 2^64-1 once the stream is being deleted. */
  readonly trimPoint: U64;
  /** When the tail was last written, in milliseconds since the epoch. */
  readonly lastWriteAt: number;
}

/** What can be known of a log without opening it. */
export interface LogSummary {
  /** Its tail, trim point and fencing token. */
  readonly state: LogState;
  /** Metered bytes of the records that are neither trimmed nor given back. */
  readonly storedBytes: number;
}

/** Which records a read wants. */
export interface LogRange {
  /** First sequence number. */
  readonly from: number;
  /** Exclusive end. */
  readonly to: number;
  /** Batches are given until they hold this many records or bytes; the last may exceed it. */
  readonly maxRecords: number;
  /** Batches are given until they hold this many bytes; the last may exceed it. */
  readonly maxBytes: number;
}

/** Whether a log holds records: `expiresAt` is when the last of them will be gone, `Infinity` for never. */
export type LogPresence = { readonly empty: true } | { readonly empty: false; readonly expiresAt: number };

/** There is no room for what was to be written; nothing has been written. */
export class StorageFullError extends Error {
  /** `"StorageFullError"`. */
  override readonly name = "StorageFullError";
}

/** The records of one stream. */
export interface StreamLog {
  /** As it was when opened. */
  readonly state: LogState;
  /** Appends; resolves when durable. Calls are made in order and resolve in order. */
  append(entry: LogEntry, now: number): Promise<void>;
  /**
   * Why records of so many metered bytes cannot be appended now, if there is no room for them. What trims is not asked
   * for, and need not be let in. Without this method there is always room.
   */
  refusal?(meteredBytes: number): StorageFullError | undefined;
  /** Live batches that hold any of the range's records, in order. */
  read(range: LogRange, now: number): Promise<readonly StoredBatch[]>;
  /** Sequence number of the first live record whose timestamp is at least this. */
  findTimestamp(timestamp: U64, now: number): Promise<number | undefined>;
  /** Removes the records before this sequence number. When it fails, it is tried again at the next `expire`. */
  trim(before: U64): Promise<void>;
  /** Records that are trimmed do not count, removed or not. */
  presence(now: number): Promise<LogPresence>;
  /** Metered bytes of the records that are neither trimmed nor given back. */
  readonly storedBytes: number;
}

/** Metadata is opaque to storage: a JSON value under a name. */
export type Row = Readonly<Record<string, unknown>>;

/** A part of a listing, ordered by the bytes of the names. */
export interface RowRange {
  /** Only names that begin with this. */
  readonly prefix: string;
  /** Exclusive. */
  readonly startAfter: string;
  /** Most rows to give. */
  readonly limit: number;
}

/** One part of a listing, in order; `hasMore` says whether others follow. */
export interface RowPage<R> {
  /** Names and what is stored under them, in the order of the names. */
  readonly rows: readonly (readonly [name: string, row: R])[];
  /** Whether there are more behind it. */
  readonly hasMore: boolean;
}

/** Rows by name, for example a basin's streams. Writes resolve when durable. */
export interface Table<R extends object> {
  /** The row of that name. */
  get(name: string): Promise<R | undefined>;
  /** Stores a row, in place of an older one. */
  put(name: string, row: R): Promise<void>;
  /** Removes a row; nothing happens when there is none. */
  delete(name: string): Promise<void>;
  /** Rows in the order of their names. */
  list(range: RowRange): Promise<RowPage<R>>;
}

/**
 * Where a server keeps everything. All methods may take their time, so that a durable store with group commit fits
 * behind it; nothing in here knows a rule of the service.
 */
export interface Storage<B extends object = Row, S extends object = Row> {
  /** A word for logs, for example `memory`. */
  readonly kind: string;
  /** The basins. */
  readonly basins: Table<B>;
  /** The streams of one basin. */
  streams(basin: string): Table<S>;
  /** Rows of another kind, by the name of the kind: access tokens, for example. */
  table<R extends object>(kind: string): Table<R>;
  /** Opens a log, or begins one. The id is never used again once the log is dropped. */
  openLog(id: string): Promise<StreamLog>;
  /** What a log knows of itself; `undefined` when nothing was ever written to it. */
  inspectLog(id: string): Promise<LogSummary | undefined>;
  /** Removes a log and everything in it; its space may be given back later. */
  dropLog(id: string): Promise<void>;
  /** Gives back the space of expired records, in all logs: the logs that had any, and the metered bytes left there. */
  expire(now: number): Promise<ReadonlyMap<string, number>>;
  /** A log id that was never used before. */
  newLogId(): string;
  /** Lets go of everything it holds open. */
  close(): Promise<void>;
}
