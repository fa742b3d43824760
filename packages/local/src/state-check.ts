import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import {
  type Check,
  expect,
  flag,
  integer,
  isObject,
  list,
  nullable,
  oneOf,
  shape,
  text,
  uniqueList,
} from "./options/check.js";
import { basinNameFault, fencingTokenFault, streamNameFault, tokenIdFault } from "./service/names.js";
import { RecordCursor } from "./storage/record-cursor.js";
import type { StoredBatch } from "./storage/storage.js";
import { type U64, U64_MAX } from "./storage/u64.js";

const RECORD_TAG = 0x0a;

const u64: Check = (value, where) => {
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  const isWithin = isWhole && (value as U64) >= 0 && (value as U64) <= U64_MAX;
  expect(isWithin, where, "a whole number from 0 to 2^64-1", value);
};
const time: Check = (value, where) =>
  expect(typeof value === "number" && value >= 0, where, "milliseconds since the epoch", value);
const secs = u64;
const cipher = nullable(oneOf("aegis-256", "aes-256-gcm"));
const mode = oneOf("client-prefer", "client-require", "arrival");
const retention: Check = (value, where) => {
  if (value !== "infinite") shape({ ageSecs: secs }, ["ageSecs"])(value, where);
};

const LAYER = all({
  storageClass: nullable(text),
  retention: nullable(retention),
  mode: nullable(mode),
  uncapped: nullable(flag),
  minAgeSecs: nullable(secs),
});
const RESOURCE = { createdAt: time, deletedAt: nullable(time), creationKey: nullable(text) };
const BASIN_ROW = all({
  settings: all({ defaults: LAYER, streamCipher: cipher, createOnAppend: flag, createOnRead: flag }),
  location: nullable(text),
  ...RESOURCE,
});
const STREAM_ROW = all({
  settings: all({ storageClass: text, retention, mode, uncapped: flag, minAgeSecs: secs }),
  cipher,
  logId: text,
  ...RESOURCE,
});
const TOKEN_ROW = all({
  scope: checkScope,
  autoPrefixStreams: flag,
  expiresAt: nullable(time),
  secretDigest(value, where) {
    const isDigest = typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
    expect(isDigest, where, "a SHA-256 in 64 hexadecimal digits");
  },
});
const ACCOUNT_ROW = all({ defaultLocation: nullable(text) });
const BATCH = all({
  firstSeqNum: integer(0),
  count: integer(1),
  firstTimestamp: u64,
  lastTimestamp: u64,
  meteredBytes: integer(0),
  expiresAt: time,
  sealed: flag,
  bytes: text,
});
const LOG = all({
  fencing_token: name(fencingTokenFault),
  trim_point: u64,
  last_write_at: time,
  next_seq_num: integer(0),
  last_timestamp: u64,
  batches: list((value, where) => {
    BATCH(value, where);
    checkRecords(value as Omit<StoredBatch, "bytes"> & { bytes: string }, where);
  }),
});
const STREAM = all({
  name: name(streamNameFault),
  row: STREAM_ROW,
  log(value, where) {
    LOG(value, where);
    checkOrder(value as OrderedLog, where);
  },
});
const STATE = all({
  version: (value, where) => expect(value === 1, where, "1", value),
  basins: uniqueList(all({ name: name(basinNameFault), row: BASIN_ROW, streams: uniqueList(STREAM) })),
  tables: shape({ "access-tokens": rows(TOKEN_ROW, name(tokenIdFault)), account: rows(ACCOUNT_ROW) }),
});

/** Checks a whole dump, of which large numbers are bigints again. @throws S2Error that names the place. */
export function checkState(state: unknown): void {
  STATE(state, "state");
}

/** A scope is what a request to issue a token may hold. */
function checkScope(value: unknown, where: string): void {
  expect(isObject(value), where, "an object", value);
  const { error } = requestSchemas.issue_access_token.safeParse({ id: "any", scope: value });
  const [issue] = error?.issues ?? [];
  const place = [where, ...(issue?.path.slice(1) ?? [])].join(".");
  expect(issue === undefined, place, `as the scope of an access token has it (${issue?.message})`);
}

interface OrderedLog {
  readonly trim_point: U64;
  readonly next_seq_num: number;
  readonly batches: readonly Pick<StoredBatch, "firstSeqNum" | "count">[];
}

/** Batches follow each other, and neither they nor what is trimmed go beyond the end. */
function checkOrder({ trim_point, next_seq_num, batches }: OrderedLog, where: string): void {
  let end = 0;
  for (const [index, { firstSeqNum, count }] of batches.entries()) {
    const place = `${where}.batches[${index}].firstSeqNum`;
    expect(firstSeqNum >= end, place, `at least ${end}, where the batch before it ends`, firstSeqNum);
    end = firstSeqNum + count;
  }
  expect(
    next_seq_num >= end,
    `${where}.next_seq_num`,
    `at least ${end}, where the last batch ends`,
    next_seq_num,
  );
  expect(trim_point <= next_seq_num, `${where}.trim_point`, `at most ${next_seq_num}, the end`, trim_point);
}

/** The bytes of a batch are the records that it is said to hold. */
function checkRecords(batch: Omit<StoredBatch, "bytes"> & { bytes: string }, where: string): void {
  const bytes = Buffer.from(batch.bytes, "base64");
  const isBase64 = bytes.toString("base64") === batch.bytes;
  expect(isBase64, `${where}.bytes`, "base64");
  const what = `${batch.count} records from ${batch.firstSeqNum} on, of ${batch.meteredBytes} metered bytes`;
  expect(holds(batch, bytes), `${where}.bytes`, what);
}

function holds(batch: Omit<StoredBatch, "bytes">, bytes: Uint8Array): boolean {
  const cursor = new RecordCursor(bytes);
  let [count, metered] = [0, 0];
  let last: U64 = batch.firstTimestamp;
  try {
    while (cursor.next()) {
      const isNext = cursor.seqNum === batch.firstSeqNum + count && cursor.timestamp >= last;
      if (!isNext || bytes[cursor.start] !== RECORD_TAG || cursor.end > bytes.length) return false;
      count += 1;
      metered += cursor.meteredBytes;
      last = cursor.timestamp;
    }
  } catch {
    return false;
  }
  // What is sealed is longer than it is metered.
  const isMetered = batch.sealed ? metered >= batch.meteredBytes : metered === batch.meteredBytes;
  return count === batch.count && BigInt(last) === BigInt(batch.lastTimestamp) && isMetered;
}

function rows(row: Check, name: Check = text): Check {
  return list((value, where) => {
    expect(Array.isArray(value) && value.length === 2, where, "a pair of a name and a row", value);
    name(value[0], `${where}[0]`);
    row(value[1], `${where}[1]`);
  });
}

/** An object with all of these members. */
function all(members: Readonly<Record<string, Check>>): Check {
  return shape(members, Object.keys(members));
}

function name(faultOf: (text: string) => string | undefined): Check {
  return (value, where) => {
    text(value, where);
    const fault = faultOf(value as string);
    expect(fault === undefined, where, `a name that is allowed (${fault})`, value);
  };
}
