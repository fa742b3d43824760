import type { BasinRow, StreamRow } from "../src/service/rows.js";
import { createMemoryStorage } from "../src/storage/memory-storage.js";
import type { LogEntry, Storage, StreamLog } from "../src/storage/storage.js";

/** A storage whose appends become durable only when told. */
export interface HeldStorage extends Storage<BasinRow, StreamRow> {
  /** Appends that wait to become durable. */
  readonly held: number;
  /** Makes this many of them durable, oldest first; all without a number. */
  release(count?: number): Promise<void>;
  /** Fails all of them. */
  fail(reason: Error): Promise<void>;
}

export function createHeldStorage(): HeldStorage {
  const memory = createMemoryStorage<BasinRow, StreamRow>();
  const waiting: { readonly write: () => void; readonly fail: (reason: Error) => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    kind: "held",
    basins: memory.basins,
    streams: (basin) => memory.streams(basin),
    table: (kind) => memory.table(kind),
    async openLog(id) {
      const log = await memory.openLog(id);
      return holding(log, (entry, now) => {
        return new Promise((resolve, reject) => {
          waiting.push({ write: () => void log.append(entry, now).then(resolve), fail: reject });
        });
      });
    },
    inspectLog: (id) => memory.inspectLog(id),
    dropLog: (id) => memory.dropLog(id),
    expire: (now) => memory.expire(now),
    newLogId: () => memory.newLogId(),
    close: () => memory.close(),
    get held() {
      return waiting.length;
    },
    async release(count = Number.POSITIVE_INFINITY) {
      await settle();
      for (const { write } of waiting.splice(0, count)) write();
      await settle();
    },
    async fail(reason) {
      await settle();
      for (const { fail } of waiting.splice(0)) fail(reason);
      await settle();
    },
  };
}

function holding(log: StreamLog, append: (entry: LogEntry, now: number) => Promise<void>): StreamLog {
  return {
    get state() {
      return log.state;
    },
    append,
    read: (range, now) => log.read(range, now),
    findTimestamp: (timestamp, now) => log.findTimestamp(timestamp, now),
    trim: (before) => log.trim(before),
    presence: (now) => log.presence(now),
    get storedBytes() {
      return log.storedBytes;
    },
  };
}
