import type { BasinRow, StreamRow } from "./service/rows.js";
import { plain, rich } from "./storage/row-encoding.js";
import type { LogEntry, Storage, StoredBatch, Table } from "./storage/storage.js";
import { U64_MAX } from "./storage/u64.js";

/** Everything that a server holds, as JSON: a fixture for tests, or a bug to send to somebody. */
export interface LocalState {
  readonly version: 1;
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

/** Writes down what a storage holds now; what is being deleted is left out. */
export async function dumpState(storage: Storage<BasinRow, StreamRow>, now: number): Promise<LocalState> {
  const basins: DumpedBasin[] = [];
  for (const [name, row] of await rowsOf(storage.basins)) {
    if (row.deletedAt !== null) continue;
    const streams: DumpedStream[] = [];
    for (const [stream, streamRow] of await rowsOf(storage.streams(name))) {
      if (streamRow.deletedAt === null) streams.push(await dumpStream(storage, stream, streamRow, now));
    }
    basins.push({ name, row: plain(row), streams });
  }
  const tables: Record<string, Rows> = {};
  for (const kind of TABLES) {
    tables[kind] = (await rowsOf(storage.table(kind))).map(([name, row]) => [name, plain(row)]);
  }
  return { version: 1, basins, tables };
}

async function dumpStream(
  storage: Storage<BasinRow, StreamRow>,
  name: string,
  row: StreamRow,
  now: number,
): Promise<DumpedStream> {
  const log = await storage.openLog(row.logId);
  const { tail, fencingToken, trimPoint, lastWriteAt } = log.state;
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

/** Fills a storage. @throws Error for what is no dump or of another version, or when the storage has basins. */
export async function loadState(storage: Storage<BasinRow, StreamRow>, state: LocalState): Promise<void> {
  if (state.version !== 1) throw new Error(`state is of version ${String(state.version)}, and must be of 1`);
  const { rows } = await storage.basins.list({ prefix: "", startAfter: "", limit: 1 });
  if (rows.length > 0) throw new Error("state can be loaded into an empty storage only; this one has basins");
  for (const basin of state.basins) {
    await storage.basins.put(basin.name, rich(basin.row) as BasinRow);
    for (const stream of basin.streams) {
      const logId = storage.newLogId();
      await storage.streams(basin.name).put(stream.name, { ...(rich(stream.row) as StreamRow), logId });
      await loadLog(storage, logId, stream.log);
    }
  }
  for (const [kind, rows] of Object.entries(state.tables)) {
    const table = storage.table<object>(kind);
    for (const [name, row] of rows) await table.put(name, rich(row) as object);
  }
}

async function loadLog(
  storage: Storage<BasinRow, StreamRow>,
  logId: string,
  dumped: DumpedStream["log"],
): Promise<void> {
  const log = await storage.openLog(logId);
  const trimPoint = rich(dumped.trim_point) as LogEntry["trimPoint"];
  const commands = {
    fencingToken: dumped.fencing_token,
    ...(trimPoint === undefined || trimPoint === U64_MAX ? {} : { trimPoint }),
  };
  for (const { bytes, ...facts } of dumped.batches) {
    const batch = { ...(rich(facts) as StoredBatch), bytes: new Uint8Array(Buffer.from(bytes, "base64")) };
    await log.append({ batch, ...commands }, dumped.last_write_at);
  }
  if (log.state.tail.seq_num !== dumped.next_seq_num)
    await log.append(emptyEnd(dumped, commands), dumped.last_write_at);
  if (commands.trimPoint !== undefined) await log.trim(commands.trimPoint);
}

/** For a log whose end is trimmed or has expired: a batch of nothing, that says where the log goes on. */
function emptyEnd(dumped: DumpedStream["log"], commands: Omit<LogEntry, "batch">): LogEntry {
  const timestamp = rich(dumped.last_timestamp) as StoredBatch["lastTimestamp"];
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
