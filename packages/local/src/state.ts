import { invalidArgument } from "@s2-dev/streamstore-core";
import type { BasinRow, StreamRow } from "./service/rows.js";
import { checkState } from "./state-check.js";
import { plain, rich } from "./storage/row-encoding.js";
import type { LogEntry, Storage, StoredBatch, Table } from "./storage/storage.js";
import { type U64, U64_MAX } from "./storage/u64.js";

/** Everything that a server holds, as JSON: a fixture for tests, or a bug to send to somebody. */
export interface LocalState {
  /** The format of this value. */
  readonly version: 1;
  /** The basins, with their streams and records. */
  readonly basins: readonly DumpedBasin[];
  /** Other rows by kind, such as access tokens (of whose secrets only digests are kept). */
  readonly tables: Readonly<Record<string, Rows>>;
}

type Rows = readonly (readonly [name: string, row: unknown])[];

interface DumpedBasin {
  readonly name: string;
  readonly row: unknown;
  readonly streams: readonly DumpedStream[];
}

interface DumpedStream {
  readonly name: string;
  readonly row: unknown;
  readonly log: {
    readonly fencing_token: string;
    readonly trim_point: unknown;
    /** Milliseconds since the epoch. */
    readonly last_write_at: number;
    readonly next_seq_num: number;
    readonly last_timestamp: unknown;
    readonly batches: readonly DumpedBatch[];
  };
}

/** A stored batch; its bytes in base64. */
type DumpedBatch = Readonly<Record<Exclude<keyof StoredBatch, "bytes">, unknown>> & {
  readonly bytes: string;
};

const TABLES = ["access-tokens", "account"];
const PAGE = 1000;
const READ_BYTES = 4 * 1024 * 1024;
/** The text of a dump is a string, which Node.js bounds to 512 MiB. */
const MAX_DUMP_BYTES = 256 * 1024 * 1024;

/**
 * Writes down what a storage holds now; what is being deleted is left out.
 * @throws Error when it holds more metered bytes than `maxBytes`: a dump is one value in memory, and larger as text.
 */
export async function dumpState(
  storage: Storage<BasinRow, StreamRow>,
  now: number,
  maxBytes: number = MAX_DUMP_BYTES,
): Promise<LocalState> {
  await requireSize(storage, maxBytes);
  const basins: DumpedBasin[] = [];
  for (const [name, row] of await rowsOf(storage.basins)) {
    if (row.deletedAt !== null) continue;
    const streams: DumpedStream[] = [];
    for (const [stream, streamRow] of await rowsOf(storage.streams(name))) {
      const dumped = streamRow.deletedAt === null && (await dumpStream(storage, stream, streamRow, now));
      if (dumped) streams.push(dumped);
    }
    basins.push({ name, row: plain(row), streams });
  }
  const tables: Record<string, Rows> = {};
  for (const kind of TABLES) {
    tables[kind] = (await rowsOf(storage.table(kind))).map(([name, row]) => [name, plain(row)]);
  }
  return { version: 1, basins, tables };
}

async function requireSize(storage: Storage<BasinRow, StreamRow>, maxBytes: number): Promise<void> {
  let bytes = 0;
  for (const [name] of await rowsOf(storage.basins)) {
    for (const [, { logId }] of await rowsOf(storage.streams(name)))
      bytes += (await storage.inspectLog(logId))?.storedBytes ?? 0;
  }
  if (bytes > maxBytes)
    throw new Error(
      `a dump holds at most ${maxBytes} metered bytes, and ${bytes} are stored: trim or delete streams`,
    );
}

/** A stream as it is; `undefined` when it has been trimmed for good, which comes before its row says so. */
async function dumpStream(
  storage: Storage<BasinRow, StreamRow>,
  name: string,
  row: StreamRow,
  now: number,
): Promise<DumpedStream | undefined> {
  const log = await storage.openLog(row.logId);
  const { tail, fencingToken, trimPoint, lastWriteAt } = log.state;
  if (trimPoint === U64_MAX) return undefined;
  const batches: DumpedBatch[] = [];
  for (let from = 0; from < tail.seq_num; ) {
    const range = { from, to: tail.seq_num, maxRecords: Number.POSITIVE_INFINITY, maxBytes: READ_BYTES };
    const found = await log.read(range, now);
    for (const batch of found) {
      const { bytes, ...facts } = batch;
      batches.push({ ...(plain(facts) as typeof facts), bytes: Buffer.from(bytes).toString("base64") });
      from = batch.firstSeqNum + batch.count;
    }
    if (found.length === 0) break;
  }
  return {
    name,
    row: plain(row),
    log: {
      fencing_token: fencingToken,
      trim_point: plain(trimPoint),
      last_write_at: lastWriteAt,
      next_seq_num: tail.seq_num,
      last_timestamp: plain(tail.timestamp),
      batches,
    },
  };
}

/**
 * Fills a storage, with all of it or nothing.
 * @throws S2Error for what is no dump, naming the place. @throws Error when the storage holds something.
 */
export async function loadState(storage: Storage<BasinRow, StreamRow>, given: LocalState): Promise<void> {
  const { version } = (given ?? {}) as Partial<LocalState>;
  if (version !== 1) throw invalidArgument(`state is of version ${String(version)}, and must be of 1`);
  const state = rich(given) as LocalState;
  checkState(state);
  const marks = storage.table<Mark>(MARKS);
  if ((await marks.get(LOADING)) !== undefined) await clear(storage);
  await requireEmpty(storage);
  await marks.put(LOADING, {});
  try {
    await fill(storage, state);
  } catch (error) {
    // What cannot be cleared is so before the next load.
    await clear(storage).catch(() => undefined);
    throw error;
  }
  await marks.delete(LOADING);
}

/** What a load that fails clears must be its own. @throws Error when the storage holds something. */
async function requireEmpty(storage: Storage<BasinRow, StreamRow>): Promise<void> {
  const tables = [
    ["basins", storage.basins] as const,
    ...TABLES.map((kind) => [kind, storage.table(kind)] as const),
  ];
  for (const [kind, table] of tables) {
    const { rows } = await table.list({ prefix: "", startAfter: "", limit: 1 });
    if (rows.length > 0)
      throw new Error(`state can be loaded into an empty storage only; this one has rows of ${kind}`);
  }
}

/** @throws Error when a load was cut off, so that half of it may be there. */
export async function requireWhole(storage: Storage<BasinRow, StreamRow>): Promise<void> {
  if ((await storage.table<Mark>(MARKS).get(LOADING)) === undefined) return;
  throw new Error("a load of `state` was cut off here: give the state again, or begin with an empty storage");
}

/** Says that something is under way, under the name of what it is. */
type Mark = Readonly<Record<never, never>>;
const MARKS = "marks";
const LOADING = "loading";

async function fill(storage: Storage<BasinRow, StreamRow>, state: LocalState): Promise<void> {
  for (const basin of state.basins) {
    await storage.basins.put(basin.name, basin.row as BasinRow);
    for (const stream of basin.streams) {
      const logId = storage.newLogId();
      await storage.streams(basin.name).put(stream.name, { ...(stream.row as StreamRow), logId });
      await loadLog(storage, logId, stream.log);
    }
  }
  for (const [kind, rows] of Object.entries(state.tables)) {
    const table = storage.table<object>(kind);
    for (const [name, row] of rows) await table.put(name, row as object);
  }
}

/** Removes what a load that was not completed has left. */
async function clear(storage: Storage<BasinRow, StreamRow>): Promise<void> {
  for (const kind of TABLES) {
    const table = storage.table<object>(kind);
    for (const [name] of await rowsOf(table)) await table.delete(name);
  }
  for (const [basin] of await rowsOf(storage.basins)) {
    const streams = storage.streams(basin);
    for (const [name, { logId }] of await rowsOf(streams)) {
      await storage.dropLog(logId);
      await streams.delete(name);
    }
    await storage.basins.delete(basin);
  }
  await storage.table<Mark>(MARKS).delete(LOADING);
}

async function loadLog(
  storage: Storage<BasinRow, StreamRow>,
  logId: string,
  dumped: DumpedStream["log"],
): Promise<void> {
  const log = await storage.openLog(logId);
  const trimPoint = dumped.trim_point as U64;
  const commands = { fencingToken: dumped.fencing_token, trimPoint };
  for (let at = 0; at < dumped.batches.length; at += PAGE) {
    const appends = dumped.batches.slice(at, at + PAGE).map(({ bytes, ...facts }) => {
      const batch = { ...(facts as StoredBatch), bytes: new Uint8Array(Buffer.from(bytes, "base64")) };
      return log.append({ batch, ...commands }, dumped.last_write_at);
    });
    await Promise.all(appends);
  }
  if (log.state.tail.seq_num !== dumped.next_seq_num)
    await log.append(emptyEnd(dumped, commands), dumped.last_write_at);
  await log.trim(trimPoint);
}

/** For a log whose end is trimmed or has expired: a batch of nothing, that says where the log goes on. */
function emptyEnd(dumped: DumpedStream["log"], commands: Omit<LogEntry, "batch">): LogEntry {
  const timestamp = dumped.last_timestamp as StoredBatch["lastTimestamp"];
  const end: StoredBatch = {
    firstSeqNum: dumped.next_seq_num,
    count: 0,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    meteredBytes: 0,
    expiresAt: 0,
    sealed: false,
    bytes: new Uint8Array(0),
  };
  return { batch: end, ...commands };
}

async function rowsOf<R extends object>(table: Table<R>): Promise<(readonly [name: string, row: R])[]> {
  const rows: (readonly [string, R])[] = [];
  for (let startAfter = "", more = true; more; ) {
    const page = await table.list({ prefix: "", startAfter, limit: PAGE });
    rows.push(...page.rows);
    more = page.hasMore;
    startAfter = page.rows.at(-1)?.[0] ?? startAfter;
  }
  return rows;
}
