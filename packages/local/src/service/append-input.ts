import type { RawHeader, RecordData } from "../storage/record-encoding.js";
import type { U64 } from "../storage/u64.js";
import { invalid, refuse, type ServiceError } from "./errors.js";
import { fencingTokenFault, MAX_TOKEN_BYTES } from "./names.js";

/** A record to append, decoded but not judged. */
export interface AppendRecord extends RecordData {
  /** `undefined` when the client gave none. */
  readonly timestamp: U64 | undefined;
}

/** An append, decoded but not judged. */
export interface AppendInput {
  readonly records: readonly AppendRecord[];
  readonly match_seq_num: U64 | undefined;
  readonly fencing_token: string | undefined;
}

/** A command record of a batch. */
export type Command =
  | { readonly op: "fence"; readonly index: number; readonly token: string }
  | { readonly op: "trim"; readonly index: number; readonly point: U64 };

/** Which commands a caller may append. */
export interface CommandRights {
  readonly fence: boolean;
  readonly trim: boolean;
}

/** An append whose records are in order. */
export interface CheckedAppend {
  readonly records: readonly AppendRecord[];
  readonly commands: readonly Command[];
  readonly meteredBytes: number;
  readonly matchSeqNum: U64 | undefined;
  readonly fencingToken: string | undefined;
}

/** Limits of a batch. @see https://s2.dev/docs/limits */
export const MAX_BATCH_RECORDS = 1000;
/** Metered bytes; also the limit of one record. */
export const MAX_BATCH_BYTES = 1024 * 1024;

const TRIM_POINT_BYTES = 8;
const NO_COMMANDS: readonly Command[] = [];
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Applies the rules about records, batches and commands.
 * @throws ServiceError 422 for what breaks one, 403 for a command without the right to it.
 */
export function checkAppend(input: AppendInput, rights?: CommandRights): CheckedAppend {
  const { records } = input;
  let commands: Command[] | undefined;
  let meteredBytes = 0;
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as AppendRecord;
    const command = record.headers.length === 0 ? undefined : commandOf(record, index);
    if (command !== undefined) {
      if (rights?.[command.op] === false) throw commandDenied(command.op);
      commands ??= [];
      commands.push(command);
    }
    const size = meteredSize(record);
    if (size > MAX_BATCH_BYTES) throw invalid("record must have metered size less than 1 MiB");
    meteredBytes += size;
  }
  if (records.length === 0) throw invalid("record batch must not be empty");
  if (records.length > MAX_BATCH_RECORDS) throw invalid("record batch must not exceed 1000 records");
  if (meteredBytes > MAX_BATCH_BYTES) throw invalid("record batch must not exceed a metered size of 1 MiB");
  const fault = input.fencing_token === undefined ? undefined : fencingTokenFault(input.fencing_token);
  if (fault !== undefined) throw invalid(fault);
  return {
    records,
    commands: commands ?? NO_COMMANDS,
    meteredBytes,
    matchSeqNum: input.match_seq_num,
    fencingToken: input.fencing_token,
  };
}

/** 8, and 2 for each header, and all bytes of names, values and body. */
function meteredSize(record: RecordData): number {
  let size = 8 + record.body.length;
  for (const header of record.headers) size += 2 + header[0].length + header[1].length;
  return size;
}

/** Whether a record with these headers is a command. */
export function isCommand(headers: readonly RawHeader[]): boolean {
  return headers.length === 1 && (headers[0] as RawHeader)[0].length === 0;
}

function commandDenied(op: Command["op"]): ServiceError {
  return refuse("permission_denied", `operation \`${op}\` is not permitted by the access token`);
}

function commandOf(record: AppendRecord, index: number): Command | undefined {
  if (!isCommand(record.headers)) {
    for (const [name] of record.headers) if (name.length === 0) throw invalid("invalid header: empty name");
    return undefined;
  }
  const op = Buffer.from((record.headers[0] as RawHeader)[1]).toString("latin1");
  if (op === "fence") return { op, index, token: fencingToken(record.body) };
  if (op === "trim") return { op, index, point: trimPoint(record.body) };
  throw invalid("unknown command");
}

function fencingToken(body: Uint8Array): string {
  let token: string;
  try {
    token = utf8.decode(body);
  } catch {
    throw invalid("invalid `fence` command: invalid UTF-8");
  }
  if (body.length <= MAX_TOKEN_BYTES) return token;
  throw invalid(`invalid \`fence\` command: ${fencingTokenFault(token)}`);
}

function trimPoint(body: Uint8Array): U64 {
  if (body.length !== TRIM_POINT_BYTES) {
    throw invalid(
      `invalid \`trim\` command: earliest sequence number to trim to was ${body.length} bytes, must be 8`,
    );
  }
  const point = new DataView(body.buffer, body.byteOffset, body.length).getBigUint64(0);
  return point <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(point) : point;
}
