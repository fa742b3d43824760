import type { Storage } from "../storage.js";
import { DurableLogs } from "./durable-logs.js";
import { createDurableTable } from "./durable-table.js";
import { GroupCommit } from "./group-commit.js";
import { basinsPrefix, streamsPrefix, tablePrefix } from "./keys.js";
import type { OrderedStore } from "./ordered-store.js";
import { Space } from "./space.js";

/** Everything in an ordered store. An acknowledgement waits for the store's commit, which many share. */
export function createDurableStorage<B extends object, S extends object>(store: OrderedStore): Storage<B, S> {
  const commit = new GroupCommit(store);
  const logs: DurableLogs = new DurableLogs(store, commit, (log, before) => space.trim(log, before));
  const space: Space = new Space(store, commit, logs);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await space.stop();
    await commit.close();
    await store.close();
  }

  space.resume();
  return {
    kind: "durable",
    basins: createDurableTable<B>(store, commit, basinsPrefix()),
    streams: (basin) => createDurableTable<S>(store, commit, streamsPrefix(basin)),
    table: <R extends object>(name: string) => createDurableTable<R>(store, commit, tablePrefix(name)),
    openLog: async (id) => logs.open(id),
    inspectLog: async (id) => logs.inspect(id),
    dropLog: (id) => space.drop(id),
    expire: (now) => space.expire(now),
    newLogId: () => logs.newId(),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
