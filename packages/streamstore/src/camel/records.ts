import * as core from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/client";
import type { StreamConfig } from "./configs.js";
import { checkInput, errorFrom, guarded, invalidArgument } from "./errors.js";
import { isDate } from "./positions.js";
import { checkedSize } from "./sizes.js";

type Part = string | Uint8Array;
type Headers = ReadonlyArray<readonly [Part, Part]>;

/** A record of text to append. */
export interface StringAppendRecord {
  /** The content. */
  readonly body: string;
  /** Pairs of name and value. */
  readonly headers?: ReadonlyArray<readonly [string, string]> | undefined;
  /** Milliseconds since the epoch. Default: the server's arrival time. */
  readonly timestamp?: number | Date | undefined;
  /** What the record counts for, in metered bytes. */
  readonly meteredBytes: number;
}

/** A record of bytes to append. */
export interface BytesAppendRecord {
  /** The content. */
  readonly body: Uint8Array;
  /** Pairs of name and value. */
  readonly headers?: ReadonlyArray<readonly [Uint8Array, Uint8Array]> | undefined;
  /** Milliseconds since the epoch. Default: the server's arrival time. */
  readonly timestamp?: number | Date | undefined;
  /** What the record counts for, in metered bytes. */
  readonly meteredBytes: number;
}

/** A record to append, made by `AppendRecord.string` or `.bytes`. */
export type AppendRecord = StringAppendRecord | BytesAppendRecord;

/** Headers of a record to append, in order. */
export type AppendHeaders<Format extends "string" | "bytes" = "string"> = Format extends "string"
  ? [string, string][]
  : [Uint8Array, Uint8Array][];

/** Ways to make a record. Sizes are checked when the record is appended. */
export interface AppendRecordHelpers {
  /** A record of text. */
  string(params: {
    readonly body: string;
    readonly headers?: ReadonlyArray<readonly [string, string]> | undefined;
    readonly timestamp?: number | Date | undefined;
  }): StringAppendRecord;
  /** Header parts that are text become UTF-8. */
  bytes(params: {
    readonly body: Uint8Array;
    readonly headers?: ReadonlyArray<readonly [Part, Part]> | undefined;
    readonly timestamp?: number | Date | undefined;
  }): BytesAppendRecord;
  /** The command that sets the stream's fencing token; an empty one clears it. At most 36 bytes. */
  fence(fencingToken: string, timestamp?: number | Date): StringAppendRecord;
  /** The command that drops all records before `seqNum`. */
  trim(seqNum: number, timestamp?: number | Date): BytesAppendRecord;
  /** The largest body, in bytes, that a record with these headers can have. */
  maxBodyBytes(headers?: ReadonlyArray<readonly [Part, Part]>): number;
}

const TRIM = new TextEncoder().encode("trim");

export const AppendRecord: AppendRecordHelpers = {
  string(params) {
    checkInput(params, "params");
    const { body, headers, timestamp } = params;
    return metered(body, headers, timestamp);
  },
  bytes(params) {
    checkInput(params, "params");
    const { body, headers, timestamp } = params;
    // Sized as given, so that what is no header is refused before it is taken apart.
    metered(body, headers, timestamp);
    const pairs = headers?.map(([name, value]) => [bytesOf(name), bytesOf(value)] as const);
    return metered(body, pairs, timestamp);
  },
  fence: (fencingToken, timestamp) => {
    guarded(() => core.AppendRecord.fence(fencingToken));
    return metered(fencingToken, [["", "fence"]] as const, timestamp);
  },
  trim: (seqNum, timestamp) => {
    if (!Number.isSafeInteger(seqNum) || seqNum < 0) {
      throw invalidArgument(`seqNum of a trim must be an integer from 0 to 2^53-1; got ${String(seqNum)}`);
    }
    const body = new Uint8Array(8);
    new DataView(body.buffer).setBigUint64(0, BigInt(seqNum));
    return metered(body, [[new Uint8Array(0), TRIM.slice()]] as const, timestamp);
  },
  maxBodyBytes: (headers) => Math.max(0, core.MAX_RECORD_BYTES - meteredBytes({ headers })),
};

/** What a batch is appended with. Made by `AppendInput.create`; a plain object with `records` does as well. */
export interface AppendInput {
  /** What is appended, as a whole or not at all. */
  readonly records: ReadonlyArray<AppendRecord>;
  /** Must equal the sequence number that the first record will get. */
  readonly matchSeqNum?: number | undefined;
  /** Must equal the stream's fencing token. */
  readonly fencingToken?: string | undefined;
  /** Configuration of the stream, in case a unary append creates it; a session has its own. */
  readonly streamConfig?: StreamConfig | undefined;
  /** What the batch counts for, in metered bytes. */
  readonly meteredBytes: number;
}

/** How a batch is made. */
export interface AppendInputHelpers {
  /** A batch of 1 to 1000 records and at most 1 MiB. Throws `INVALID_ARGUMENT` for any other. */
  create(
    records: ReadonlyArray<AppendRecord>,
    options?: {
      readonly matchSeqNum?: number | undefined;
      readonly fencingToken?: string | undefined;
      readonly streamConfig?: StreamConfig | undefined;
    },
  ): AppendInput;
}

export const AppendInput: AppendInputHelpers = {
  create(records, options = {}) {
    if (!Array.isArray(records)) throw invalidArgument(`records must be an array; got ${show(records)}`);
    checkInput(options, "the options of an append");
    const { matchSeqNum, fencingToken, streamConfig } = options;
    if (records.length < 1 || records.length > core.MAX_BATCH_RECORDS) {
      throw invalidArgument(
        `records of an append must be 1 to ${core.MAX_BATCH_RECORDS}; got ${records.length}`,
      );
    }
    if (matchSeqNum !== undefined && !(Number.isSafeInteger(matchSeqNum) && matchSeqNum >= 0)) {
      throw invalidArgument(`matchSeqNum must be an integer from 0 to 2^53-1; got ${String(matchSeqNum)}`);
    }
    if (fencingToken !== undefined) guarded(() => core.AppendRecord.fence(fencingToken));
    const size = sizeOfBatch(records);
    if (size > core.MAX_BATCH_BYTES) {
      throw invalidArgument(
        `records of an append must be at most ${core.MAX_BATCH_BYTES} metered bytes; got ${size}`,
      );
    }
    return {
      records,
      ...(matchSeqNum === undefined ? {} : { matchSeqNum }),
      ...(fencingToken === undefined ? {} : { fencingToken }),
      ...(streamConfig === undefined ? {} : { streamConfig }),
      meteredBytes: size,
    };
  },
};

/** Metered size of a record to append, or of one that was read, in bytes. */
export function meteredBytes(record: {
  readonly body?: string | Uint8Array | undefined;
  readonly headers?: ReadonlyArray<readonly [Part, Part]> | undefined;
}): number {
  try {
    return checkedSize(record);
  } catch (thrown) {
    throw errorFrom(thrown);
  }
}

/** Metered size of a batch: what its records say, or where they do not, what they measure. */
function sizeOfBatch(records: ReadonlyArray<AppendRecord>): number {
  let total = 0;
  for (const [index, record] of records.entries()) {
    if (typeof record !== "object" || record === null) {
      throw invalidArgument(`records[${index}] must be an object, not ${String(record)}`);
    }
    total += record.meteredBytes ?? meteredBytes(record);
  }
  return total;
}

/**
 * A record as the engine takes it. Only a `Date` needs another object. Throws `INVALID_ARGUMENT` for conditions in it,
 * which the engine knows by other names: they would be overlooked.
 */
export function recordToWire(record: AppendRecord): core.AppendRecordInput {
  checkNoCondition(record);
  return isDate(record?.timestamp)
    ? { ...record, timestamp: record.timestamp.getTime() }
    : (record as core.AppendRecordInput);
}

/** The records of an input, as the engine takes them. */
export function recordsToWire(input: AppendInput): readonly core.AppendRecordInput[] {
  const records: unknown = input?.records;
  if (!Array.isArray(records)) {
    throw invalidArgument("an append must be an AppendInput: an object with an array of records");
  }
  let hasDate = false;
  for (const [index, record] of (records as AppendRecord[]).entries()) {
    checkNoCondition(record, index);
    hasDate ||= isDate(record?.timestamp);
  }
  return hasDate ? (records as AppendRecord[]).map(recordToWire) : (records as core.AppendRecordInput[]);
}

interface Conditions {
  readonly matchSeqNum?: unknown;
  readonly fencingToken?: unknown;
}

function checkNoCondition(record: object, index = 0): void {
  const { matchSeqNum, fencingToken } = (record ?? {}) as Conditions;
  if ((matchSeqNum ?? fencingToken ?? undefined) === undefined) return;
  const name = matchSeqNum === undefined ? "fencingToken" : "matchSeqNum";
  throw invalidArgument(
    `records[${index}] must not have ${name}: it is a condition of the whole AppendInput`,
  );
}

/** The conditions of an input, as the engine takes them. */
export function conditionsToWire({ matchSeqNum, fencingToken }: AppendInput): {
  match_seq_num?: number;
  fencing_token?: string;
} {
  return {
    ...(matchSeqNum === undefined ? {} : { match_seq_num: matchSeqNum }),
    ...(fencingToken === undefined ? {} : { fencing_token: fencingToken }),
  };
}

/** A batch of the engine as an input. */
export function inputFromBatch({ records, match_seq_num, fencing_token }: core.BatchOutput): AppendInput {
  // What the engine batches came in as records of this entry, and goes through it unchanged.
  const ours = records as AppendRecord[];
  return {
    records: ours,
    ...(fencing_token === undefined ? {} : { fencingToken: fencing_token }),
    ...(match_seq_num === undefined ? {} : { matchSeqNum: match_seq_num }),
    meteredBytes: sizeOfBatch(ours),
  };
}

/** Written out, not spread: to make and to read a spread record takes 1.1 us more. */
function metered<B extends Part, H extends Headers | undefined, T>(
  body: B,
  headers: H,
  timestamp: T,
): { body: B; headers: H; timestamp: T; meteredBytes: number } {
  return { body, headers, timestamp, meteredBytes: meteredBytes({ body, headers }) };
}

function bytesOf(part: Part): Uint8Array {
  return typeof part === "string" ? new TextEncoder().encode(part) : part;
}
