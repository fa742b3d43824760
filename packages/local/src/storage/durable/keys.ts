/**
 * The keys of a durable storage: a letter for the kind of row, then what makes their order. Numbers are big-endian, so
 * that the order of the bytes is theirs.
 */
const BASIN = "b";
const STREAM = "s";
const ROW = "t";
const META = "m";
const HEADER = "h";
const PAYLOAD = "p";
const EXPIRY = "x";
const CHORE = "c";

const LOG_ID_BYTES = 8;
const BUCKET_BYTES = 6;
const SEQ_NUM_AT = 1 + LOG_ID_BYTES;
/** Expiries are told apart by the minute. */
const BUCKET_MS = 60_000;
/** Later than this is never. */
const MAX_BUCKET = 2 ** (8 * BUCKET_BYTES) - 2;
const MAX_SEQ_NUM = Number.MAX_SAFE_INTEGER;

/** The bytes that all keys of a table begin with. */
export type TablePrefix = Uint8Array;

export function basinsPrefix(): TablePrefix {
  return Buffer.from(BASIN);
}

/** Names of basins hold no NUL. */
export function streamsPrefix(basin: string): TablePrefix {
  return Buffer.from(`${STREAM}${basin}\0`);
}

export function tablePrefix(kind: string): TablePrefix {
  return Buffer.from(`${ROW}${kind}\0`);
}

export function rowKey(prefix: TablePrefix, name: string): Uint8Array {
  return Buffer.concat([prefix, Buffer.from(name)]);
}

/** The first key behind all that begin with these bytes; the last of them is not 255. */
export function behind(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  end[end.length - 1] = (end[end.length - 1] as number) + 1;
  return end;
}

/** Says what the log is: `LogMeta`. */
export function metaKey(logId: string): Uint8Array {
  return logKey(META, logId, 0);
}

/** Says what is still to be done for a log: `Chore`. */
export function choreKey(logId: string): Uint8Array {
  return logKey(CHORE, logId, 0);
}

export function choreRange(): { from: Uint8Array; to: Uint8Array } {
  return { from: Buffer.from(CHORE), to: behind(Buffer.from(CHORE)) };
}

/** The log that the key of a chore is of. */
export function logIdOfChore(key: Uint8Array): string {
  return hex(key, 1);
}

/** A batch, by its first sequence number. */
export function headerKey(logId: string, seqNum: number): Uint8Array {
  return seqKey(HEADER, logId, seqNum);
}

/** The bytes of a batch that are too long to stand in its header. */
export function payloadKey(logId: string, seqNum: number): Uint8Array {
  return seqKey(PAYLOAD, logId, seqNum);
}

/** The headers of a log from one sequence number up to another. */
export function headerRange(
  logId: string,
  from: number,
  to: number = MAX_SEQ_NUM,
): { from: Uint8Array; to: Uint8Array } {
  return { from: headerKey(logId, from), to: headerKey(logId, to) };
}

export function seqNumOf(header: Uint8Array): number {
  return readNumber(header, SEQ_NUM_AT);
}

/** Which minute something expires in; `undefined` for what never does. */
export function bucketOf(expiresAt: number): number | undefined {
  const bucket = Math.max(0, Math.floor(expiresAt / BUCKET_MS));
  return bucket <= MAX_BUCKET ? bucket : undefined;
}

/** Says that batches which expire in this minute begin at this sequence number of the log. */
export function expiryKey(bucket: number, logId: string, seqNum: number): Uint8Array {
  const key = Buffer.alloc(1 + BUCKET_BYTES + LOG_ID_BYTES + 8);
  key.write(EXPIRY, 0);
  key.writeUIntBE(bucket, 1, BUCKET_BYTES);
  key.write(logId, 1 + BUCKET_BYTES, "hex");
  writeNumber(key, 1 + BUCKET_BYTES + LOG_ID_BYTES, seqNum);
  return key;
}

/** All expiry keys of minutes up to this one. */
export function expiryRange(lastBucket: number): { from: Uint8Array; to: Uint8Array } {
  const to = Buffer.alloc(1 + BUCKET_BYTES);
  to.write(EXPIRY, 0);
  to.writeUIntBE(Math.min(lastBucket, MAX_BUCKET) + 1, 1, BUCKET_BYTES);
  return { from: Buffer.from(EXPIRY), to };
}

/** What an expiry key says. */
export function expiryOf(key: Uint8Array): { bucket: number; logId: string; seqNum: number } {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
  return {
    bucket: bytes.readUIntBE(1, BUCKET_BYTES),
    logId: hex(key, 1 + BUCKET_BYTES),
    seqNum: readNumber(key, 1 + BUCKET_BYTES + LOG_ID_BYTES),
  };
}

function logKey(kind: string, logId: string, extra: number): Buffer {
  const key = Buffer.alloc(1 + LOG_ID_BYTES + extra);
  key.write(kind, 0);
  key.write(logId, 1, "hex");
  return key;
}

function seqKey(kind: string, logId: string, seqNum: number): Buffer {
  const key = logKey(kind, logId, 8);
  writeNumber(key, SEQ_NUM_AT, seqNum);
  return key;
}

function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value % 2 ** 32, at + 4);
}

function readNumber(key: Uint8Array, at: number): number {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

function hex(key: Uint8Array, at: number): string {
  return Buffer.from(key.buffer, key.byteOffset + at, LOG_ID_BYTES).toString("hex");
}
