import { invalidArgument, show } from "../error/make.js";
import { checkFencingToken } from "./fencing-token.js";
import { MAX_U64 } from "./limits.js";
import type { AppendHeader, AppendHeadersInput, RecordFormat } from "./record.js";

/** Headers to append, all of them in one format. */
export type AppendHeaders<Format extends RecordFormat = "string"> = Format extends "string"
  ? [string, string][] | Record<string, string>
  : [Uint8Array, Uint8Array][];

/** A record to append whose body and headers are all in one format. */
export interface AppendRecordForFormat<Format extends RecordFormat = "string"> {
  /** The content; empty if left out. */
  body?: Format extends "string" ? string : Uint8Array;
  /** Names and values, as an object or in their order. */
  headers?: AppendHeaders<Format>;
  /** Milliseconds since the epoch, by convention. Default: the server's arrival time. */
  timestamp?: number | bigint | null;
}

/** A record to append in which text and bytes are mixed. */
export interface MixedAppendRecord {
  /** The content, as text or bytes; empty if left out. */
  body?: string | Uint8Array;
  /** Names and values, as an object or in their order; text and bytes may be mixed. */
  headers?: AppendHeader[] | Record<string, string | Uint8Array>;
  /** Milliseconds since the epoch, by convention. Default: the server's arrival time. */
  timestamp?: number | bigint | null;
}

/** A record to append. Plain objects of this shape are accepted wherever records are. */
export type AppendRecord =
  | AppendRecordForFormat<"string">
  | AppendRecordForFormat<"bytes">
  | MixedAppendRecord;

/** The older name of the type `AppendRecord`. */
export type AppendRecordType = AppendRecord;

/** Ways to make a record; each gives a new plain object. Sizes are checked when the record is appended. */
export interface AppendRecordHelpers {
  /** A record of text: `AppendRecord.make("hello", { kind: "greeting" })`. `timestamp` is in milliseconds. */
  make(
    body?: string,
    headers?: AppendHeaders<"string">,
    timestamp?: number | bigint,
  ): AppendRecordForFormat<"string">;
  /** A record of bytes. */
  make(
    body: Uint8Array,
    headers?: AppendHeaders<"bytes">,
    timestamp?: number | bigint,
  ): AppendRecordForFormat<"bytes">;
  /** A record that mixes both, for example a body of bytes with headers of text. */
  make(
    body?: string | Uint8Array,
    headers?: AppendHeadersInput,
    timestamp?: number | bigint,
  ): MixedAppendRecord;
  /** A command record: one header with an empty name, whose value is the command. */
  command(name: string, body?: string, timestamp?: number | bigint): AppendRecordForFormat<"string">;
  command(name: Uint8Array, body?: Uint8Array, timestamp?: number | bigint): AppendRecordForFormat<"bytes">;
  command(
    name: string | Uint8Array,
    body?: string | Uint8Array,
    timestamp?: number | bigint,
  ): MixedAppendRecord;
  /**
   * The command that sets the stream's fencing token; an empty one clears it.
   * @throws S2Error `INVALID_ARGUMENT` when the token is longer than 36 bytes.
   */
  fence(token: string, timestamp?: number | bigint): AppendRecordForFormat<"string">;
  /**
   * The command that drops all records before `seqNum`, an unsigned 64-bit integer.
   * @throws S2Error `INVALID_ARGUMENT` for anything else.
   */
  trim(seqNum: number | bigint, timestamp?: number | bigint): AppendRecordForFormat<"bytes">;
}

/** Helpers that make records to append; also the type of such a record. */
export const AppendRecord: AppendRecordHelpers = /* @__PURE__ */ Object.freeze({
  make,
  command,
  fence,
  trim,
} as AppendRecordHelpers);

const FENCE = "fence";
const TRIM = /* @__PURE__ */ Uint8Array.of(0x74, 0x72, 0x69, 0x6d);

function make(
  body?: string | Uint8Array,
  headers?: AppendHeadersInput,
  timestamp?: number | bigint,
): MixedAppendRecord {
  const record: MixedAppendRecord = {};
  if (body !== undefined) record.body = body;
  if (headers !== undefined) record.headers = headers as NonNullable<MixedAppendRecord["headers"]>;
  if (timestamp !== undefined) record.timestamp = timestamp;
  return record;
}

function command(
  name: string | Uint8Array,
  body?: string | Uint8Array,
  timestamp?: number | bigint,
): MixedAppendRecord {
  const emptyName = typeof name === "string" ? "" : new Uint8Array(0);
  return make(body, [[emptyName, name]], timestamp);
}

function fence(token: string, timestamp?: number | bigint): MixedAppendRecord {
  checkFencingToken(token, "fencing token");
  return command(FENCE, token, timestamp);
}

function trim(seqNum: number | bigint, timestamp?: number | bigint): MixedAppendRecord {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setBigUint64(0, trimPoint(seqNum));
  return command(TRIM.slice(), body, timestamp);
}

function trimPoint(seqNum: number | bigint): bigint {
  const valid =
    typeof seqNum === "bigint"
      ? seqNum >= 0n && seqNum <= MAX_U64
      : Number.isSafeInteger(seqNum) && seqNum >= 0;
  if (!valid) {
    throw invalidArgument(
      `trim seqNum must be a safe non-negative integer or an unsigned 64-bit bigint, not ${show(seqNum)}`,
    );
  }
  return BigInt(seqNum);
}
