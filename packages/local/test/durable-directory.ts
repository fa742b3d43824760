import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { BasinRow, StreamRow } from "../src/service/rows.js";
import { createDurableStorage } from "../src/storage/durable/durable-storage.js";
import { openLmdbStore } from "../src/storage/durable/lmdb-store.js";
import type { Change, OrderedStore } from "../src/storage/durable/ordered-store.js";
import type { Row, Storage } from "../src/storage/storage.js";

/** A directory of its own for each test, removed at its end. */
export function useDirectory(): () => string {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "s2-durable-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return () => directory;
}

export async function openDurable<B extends object = Row, S extends object = Row>(
  directory: string,
): Promise<Storage<B, S>> {
  return createDurableStorage<B, S>(await openLmdbStore(directory));
}

/** A store whose commits wait until they are let go. */
export interface HeldStore extends OrderedStore {
  /** How many changes each commit had that reached the store beneath, or failed. */
  readonly commits: readonly number[];
  /** Lets the waiting commit go, and those that come until there is none. */
  release(): Promise<void>;
  /** Lets the waiting commit alone go. */
  releaseOne(): Promise<void>;
  /** Fails the waiting commit. */
  fail(reason: Error): Promise<void>;
  /** From now on nothing waits. */
  letGo(): Promise<void>;
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

export function createHeldStore(store: OrderedStore): HeldStore {
  const commits: number[] = [];
  let held = true;
  let waiting: { readonly go: () => Promise<void>; readonly fail: (reason: Error) => void } | undefined;
  const take = () => {
    const taken = waiting;
    waiting = undefined;
    return taken;
  };
  async function releaseOne(): Promise<void> {
    await turns();
    await take()?.go();
    await turns();
  }
  return {
    get: (key) => store.get(key),
    entries: (range) => store.entries(range),
    lastUpTo: (key, from) => store.lastUpTo(key, from),
    refusal: (bytes) => store.refusal(bytes),
    close: () => store.close(),
    commits,
    commit(changes: readonly Change[]) {
      commits.push(changes.length);
      if (!held) return store.commit(changes);
      return new Promise((resolve, reject) => {
        waiting = { go: () => store.commit(changes).then(resolve, reject), fail: reject };
      });
    },
    releaseOne,
    async release() {
      for (await turns(); waiting !== undefined; ) await releaseOne();
    },
    async fail(reason) {
      await turns();
      take()?.fail(reason);
      await turns();
    },
    async letGo() {
      held = false;
      await this.release();
    },
  };
}

export type ServiceStorage = Storage<BasinRow, StreamRow>;
