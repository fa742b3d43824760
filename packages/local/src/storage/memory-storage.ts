import { MemoryLog } from "./memory-log.js";
import { createMemoryTable } from "./memory-table.js";
import type { Storage, Table } from "./storage.js";

/** Everything in memory, gone when the process ends. */
export function createMemoryStorage<B extends object, S extends object>(): Storage<B, S> {
  const streams = new Map<string, Table<S>>();
  const tables = new Map<string, Table<object>>();
  const logs = new Map<string, MemoryLog>();
  let lastLogId = 0;
  return {
    kind: "memory",
    basins: createMemoryTable<B>(),
    streams(basin) {
      let table = streams.get(basin);
      if (table === undefined) {
        table = createMemoryTable<S>();
        streams.set(basin, table);
      }
      return table;
    },
    table<R extends object>(kind: string) {
      let table = tables.get(kind);
      if (table === undefined) {
        table = createMemoryTable<R>();
        tables.set(kind, table);
      }
      // A kind has rows of one type, which its only user knows.
      return table as Table<R>;
    },
    async openLog(id) {
      let log = logs.get(id);
      if (log === undefined) {
        log = new MemoryLog(0);
        logs.set(id, log);
      }
      return log;
    },
    async inspectLog(id) {
      const log = logs.get(id);
      return log === undefined ? undefined : { state: log.state, storedBytes: log.storedBytes };
    },
    async dropLog(id) {
      logs.delete(id);
    },
    async expire(now) {
      const changed = new Map<string, number>();
      for (const [id, log] of logs) if (log.expire(now)) changed.set(id, log.storedBytes);
      return changed;
    },
    newLogId() {
      lastLogId += 1;
      return String(lastLogId);
    },
    async close() {
      streams.clear();
      tables.clear();
      logs.clear();
    },
  };
}
