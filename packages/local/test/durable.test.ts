import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { DirectoryInUseError, openDurableStorage } from "../src/durable.js";
import { startLocal } from "../src/start-local.js";
import { createDurableStorage } from "../src/storage/durable/durable-storage.js";
import { openLmdbStore } from "../src/storage/durable/lmdb-store.js";
import type { Storage } from "../src/storage/storage.js";
import { U64_MAX } from "../src/storage/u64.js";
import { createHeldStore, type HeldStore, openDurable, useDirectory } from "./durable-directory.js";
import { ALL, batch, firsts } from "./storage-contract.js";

const directory = useDirectory();

async function openHeld(): Promise<{ readonly store: HeldStore; readonly storage: Storage }> {
  const store = createHeldStore(await openLmdbStore(directory()));
  return { store, storage: createDurableStorage(store) };
}

/** Notes what a promise comes to, as soon as it does. */
function noted(promises: readonly Promise<unknown>[]): (string | undefined)[] {
  const outcomes: (string | undefined)[] = promises.map(() => undefined);
  promises.forEach((promise, index) => {
    promise.then(
      () => {
        outcomes[index] = "done";
      },
      (reason: Error) => {
        outcomes[index] = reason.message;
      },
    );
  });
  return outcomes;
}

describe("what was acknowledged", () => {
  test("is there again when the directory is opened again", async () => {
    const before = await openDurable(directory());
    const id = before.newLogId();
    await before.basins.put("basin", { never: Number.POSITIVE_INFINITY });
    await before.streams("basin").put("stream", { id });
    await before.table("tokens").put("token", { large: U64_MAX });
    const log = await before.openLog(id);
    await log.append({ batch: batch(0, [1, 2, 3], { bodyBytes: 5000 }), fencingToken: "fence" }, 5);
    await log.append({ batch: batch(3, [4, U64_MAX]), trimPoint: 1 }, 6);
    await log.trim(1);
    const { state, storedBytes } = log;
    await before.close();

    const after = await openDurable(directory());
    expect(await after.basins.get("basin")).toEqual({ never: Number.POSITIVE_INFINITY });
    expect(await after.streams("basin").get("stream")).toEqual({ id });
    expect(await after.table("tokens").get("token")).toEqual({ large: U64_MAX });
    expect(await after.inspectLog(id)).toEqual({ state, storedBytes });
    const reopened = await after.openLog(id);
    expect(reopened.state).toEqual(state);
    expect(state).toMatchObject({ fencingToken: "fence", trimPoint: 1, lastWriteAt: 6 });
    expect(firsts(await reopened.read(ALL, 0))).toEqual([0, 3]);
    await reopened.append({ batch: batch(5, [U64_MAX]) }, 7);
    await reopened.trim(4);
    expect(reopened.storedBytes).toBe(18);
    await after.close();
  });

  test("is acknowledged when its commit is done, and not before", async () => {
    const { store, storage } = await openHeld();
    const log = await storage.openLog(storage.newLogId());
    const outcomes = noted([
      storage.basins.put("a", {}),
      log.append({ batch: batch(0, [1]) }, 0),
      storage.streams("a").put("s", {}),
    ]);
    await store.releaseOne();
    expect(outcomes).toEqual(["done", "done", "done"]);

    const second = log.append({ batch: batch(1, [1]) }, 0);
    const third = noted([second]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(third).toEqual([undefined]);
    expect(log.state.tail.seq_num).toBe(1);
    expect(firsts(await log.read(ALL, 0))).toEqual([0]);
    await store.release();
    expect(third).toEqual(["done"]);
    expect(firsts(await log.read(ALL, 0))).toEqual([0, 1]);
    await storage.close();
  });

  test("shares commits: what comes during one goes into the next, whoever it is from", async () => {
    const { store, storage } = await openHeld();
    const logs = await Promise.all(Array.from({ length: 8 }, () => storage.openLog(storage.newLogId())));
    const order: string[] = [];
    const append = (seqNum: number) =>
      Promise.all(
        logs.map(async (log, writer) => {
          await log.append({ batch: batch(seqNum, [seqNum]) }, 0);
          order.push(`${seqNum}/${writer}`);
        }),
      );
    const first = append(0);
    await new Promise((resolve) => setImmediate(resolve));
    const rest = [append(1), append(2), append(3)];
    await store.release();
    await Promise.all([first, ...rest]);
    // A row for each batch and one for each log, however many batches it got.
    expect(store.commits).toEqual([16, 32]);
    expect(order).toEqual(
      [0, 1, 2, 3].flatMap((seqNum) => logs.map((_log, writer) => `${seqNum}/${writer}`)),
    );
    await storage.close();
  });

  test("is all that is left when a commit fails: what waits behind it fails too", async () => {
    const { store, storage } = await openHeld();
    const id = storage.newLogId();
    const log = await storage.openLog(id);
    const good = log.append({ batch: batch(0, [1]) }, 0);
    await store.releaseOne();
    await good;
    const outcomes = noted([log.append({ batch: batch(1, [2]) }, 0)]);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const behind = noted([log.append({ batch: batch(2, [3]) }, 0)]);
    await store.fail(new Error("no space left on device"));
    expect([...outcomes, ...behind]).toEqual(["no space left on device", "no space left on device"]);
    await expect(log.append({ batch: batch(3, [4]) }, 0)).rejects.toThrow("no space left on device");

    await store.letGo();
    const again = await storage.openLog(id);
    expect(again.state.tail.seq_num).toBe(1);
    await again.append({ batch: batch(1, [2]) }, 0);
    expect(firsts(await again.read(ALL, 0))).toEqual([0, 1]);
    await storage.close();
  });

  test("tells why a commit of the store itself failed", async () => {
    const storage = await openDurable(directory());
    await expect(storage.basins.put("x".repeat(3000), {})).rejects.toThrow("maximum key size");
    await storage.basins.put("x", {});
    await storage.close();
  });
});

describe("a log of more than one looks at in a turn", () => {
  const count = 5000;

  /** How many turns of the event loop others have while something is done. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await work;
    done = true;
    return turns;
  }

  test("lets others have their turn while it is searched for what is there", async () => {
    const storage = await openDurable(directory());
    const log = await storage.openLog(storage.newLogId());
    const expired = Array.from({ length: count }, (_none, n) =>
      log.append({ batch: batch(n, [n], { expiresAt: 10 }) }, 0),
    );
    await Promise.all([...expired, log.append({ batch: batch(count, [count], { expiresAt: 99 }) }, 0)]);
    const read = log.read(ALL, 10);
    expect(await turnsDuring(read)).toBeGreaterThan(1);
    expect(firsts(await read)).toEqual([count]);
    const found = log.findTimestamp(0, 10);
    expect(await turnsDuring(found)).toBeGreaterThan(1);
    expect(await found).toBe(count);
    const presence = log.presence(10);
    expect(await turnsDuring(presence)).toBeGreaterThan(1);
    expect(await presence).toEqual({ empty: false, expiresAt: 99 });
    await storage.close();
  });

  test("reads on behind what is trimmed meanwhile", async () => {
    const storage = await openDurable(directory());
    const log = await storage.openLog(storage.newLogId());
    const appends = Array.from({ length: count }, (_none, n) =>
      log.append({ batch: batch(n, [n], { bodyBytes: n < 10 ? 2000 : 1 }) }, 0),
    );
    await Promise.all(appends);
    const [found] = await Promise.all([log.read(ALL, 0), log.trim(100)]);
    expect(firsts(found).at(0)).toBe(0);
    expect(firsts(found).at(-1)).toBe(count - 1);
    await storage.close();
  });
});

describe("a directory", () => {
  test("has one owner, and the other is told who", async () => {
    const storage = await openDurableStorage(directory());
    const failure = await openDurableStorage(directory()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DirectoryInUseError);
    expect(failure).toMatchObject({ directory: directory(), owner: { pid: process.pid } });
    expect((failure as Error).message).toContain(`${directory()} is in use by process ${process.pid} on `);
    // Who was refused has disturbed nothing.
    await storage.basins.put("still", {} as never);
    await storage.close();
    const next = await openDurableStorage(directory());
    expect(await next.basins.get("still")).toEqual({});
    await next.close();
  });

  test("is made when it is missing, and refused when it is none", async () => {
    const nested = join(directory(), "a.b", "c");
    await (await openDurableStorage(nested)).close();
    const file = join(nested, "s2.mdb");
    expect(statSync(file).isFile()).toBe(true);
    await expect(openDurableStorage(file)).rejects.toThrow(`cannot use the directory ${file}`);
  });

  test("of another format is left alone", async () => {
    const store = await openLmdbStore(directory());
    await store.commit([{ key: Buffer.from("v"), value: Buffer.from("9") }]);
    await store.close();
    await expect(openDurableStorage(directory())).rejects.toThrow("is of format 9");
  });

  test.each([
    ["text", Buffer.from("hello\n")],
    ["noise", Buffer.alloc(20_000, 7)],
    ["zeros", Buffer.alloc(100_000)],
  ])("refuses a file that is not its own: %s", async (_, bytes) => {
    writeFileSync(join(directory(), "s2.mdb"), bytes);
    await expect(openDurableStorage(directory())).rejects.toThrow(
      `cannot use the directory ${directory()}: s2.mdb in it is not a file of this storage`,
    );
  });

  test("needs the package lmdb, and says so", async () => {
    vi.resetModules();
    vi.doMock("lmdb", () => {
      throw new Error("Cannot find package 'lmdb'");
    });
    const { openDurableStorage: open } = await import("../src/durable.js");
    await expect(open(directory())).rejects.toThrow("npm install lmdb");
    vi.doUnmock("lmdb");
  });

  test("and a storage are not given together", async () => {
    const storage = await openDurableStorage(directory());
    await expect(startLocal({ dir: directory(), storage })).rejects.toThrow(
      "dir and storage must be given one at a time",
    );
    await storage.close();
    await expect(storage.basins.get("x")).rejects.toThrow("closed");
    await expect(storage.basins.put("x", {} as never)).rejects.toThrow("closed");
  });
});

describe("space", () => {
  const MIB = 1024 * 1024;
  const size = (): number => statSync(join(directory(), "s2.mdb")).size / MIB;
  const rounds = 40;
  /** Appends 2 MiB in batches of 128 KiB and a hundred small ones. */
  async function appendRound(storage: Storage, id: string, expiresAt?: number): Promise<void> {
    const log = await storage.openLog(id);
    const options = expiresAt === undefined ? {} : { expiresAt };
    const appends: Promise<void>[] = [];
    for (let index = 0; index < 116; index += 1) {
      const bodyBytes = index < 16 ? 128 * 1024 : 200;
      const { seq_num } = { seq_num: index + (log.state.tail.seq_num ?? 0) };
      appends.push(log.append({ batch: batch(seq_num, [0], { ...options, bodyBytes }) }, 0));
    }
    await Promise.all(appends);
  }

  test.each([
    ["trimming", async (storage: Storage, id: string) => (await storage.openLog(id)).trim(U64_MAX)],
    ["retention", async (storage: Storage) => void (await storage.expire(70_000))],
  ])("is used again after %s: the file stays as large as what was there at once", async (_how, free) => {
    const storage = await openDurable(directory());
    const id = storage.newLogId();
    for (let round = 0; round < rounds; round += 1) {
      await appendRound(storage, id, 60_000);
      await free(storage, id);
    }
    expect((await storage.openLog(id)).storedBytes).toBe(0);
    expect(size()).toBeLessThan(10);
    await storage.close();
  });

  test("is used again after a log is dropped", async () => {
    const storage = await openDurable(directory());
    for (let round = 0; round < rounds; round += 1) {
      const id = storage.newLogId();
      await appendRound(storage, id);
      await storage.dropLog(id);
      // What gives space back goes one after the other.
      await storage.expire(0);
    }
    expect(size()).toBeLessThan(10);
    await storage.close();
  });

  test.each(["trim", "drop"])(
    "is given back after a %s that was cut off, at the next start",
    async (what) => {
      const { store, storage } = await openHeld();
      await store.letGo();
      const id = storage.newLogId();
      const log = await storage.openLog(id);
      const appends = Array.from({ length: 2000 }, (_none, n) =>
        log.append({ batch: batch(n, [n], { bodyBytes: 2000 }) }, 0),
      );
      await Promise.all(appends);
      const rows = (): number =>
        Array.from(store.entries({ from: Buffer.from("A"), to: Buffer.from("z") })).length;
      expect(rows()).toBeGreaterThan(4000);
      // As if killed right behind the commit: nothing has been removed when the store closes.
      if (what === "trim") await log.append({ batch: batch(2000, [2000]), trimPoint: 2000 }, 0);
      else await storage.dropLog(id);
      await storage.close();

      const after = createHeldStore(await openLmdbStore(directory()));
      const resumed = createDurableStorage(after);
      await after.letGo();
      await resumed.expire(0);
      const left = Array.from(after.entries({ from: Buffer.from("A"), to: Buffer.from("z") }));
      // Of the trimmed log what it is, and its last batch; format and owner besides.
      expect(left).toHaveLength(what === "trim" ? 4 : 2);
      expect((await resumed.inspectLog(id))?.storedBytes).toBe(what === "trim" ? 9 : undefined);
      await resumed.close();
    },
  );

  test.each(["trim", "drop"])(
    "is given back after a %s that failed, the next time it is looked for",
    async (what) => {
      const { store, storage } = await openHeld();
      const id = storage.newLogId();
      const log = await storage.openLog(id);
      const appended = Promise.all(
        Array.from({ length: 3 }, (_none, n) => {
          const trimPoint = what === "trim" && n === 2 ? { trimPoint: 3 } : {};
          return log.append({ batch: batch(n, [n], { bodyBytes: 2000 }), ...trimPoint }, 0);
        }),
      );
      await store.release();
      await appended;
      const work = noted([what === "trim" ? log.trim(3) : storage.dropLog(id)]);
      // The drop is certain with its first commit, and gives space back in its second.
      if (what === "drop") await store.releaseOne();
      await store.fail(new Error("no space left on device"));
      expect(work).toEqual([what === "trim" ? "no space left on device" : "done"]);
      const rows = (): number =>
        Array.from(store.entries({ from: Buffer.from("A"), to: Buffer.from("z") })).length;
      // A header and a payload for each batch, the chore, format and owner; and what the log is.
      expect(rows()).toBe(what === "trim" ? 10 : 9);

      await store.letGo();
      await storage.expire(0);
      expect(rows()).toBe(what === "trim" ? 3 : 2);
      expect((await storage.inspectLog(id))?.storedBytes).toBe(what === "trim" ? 0 : undefined);
      await storage.close();
    },
  );

  test("a batch that is trimmed while its log is dropped stays gone", async () => {
    const storage = await openDurable(directory());
    const id = storage.newLogId();
    const log = await storage.openLog(id);
    await log.append({ batch: batch(0, [1]) }, 0);
    await Promise.all([log.trim(1), log.append({ batch: batch(1, [1]) }, 0), storage.dropLog(id)]);
    await storage.expire(0);
    expect(await storage.inspectLog(id)).toBeUndefined();
    await expect(log.append({ batch: batch(2, [1]) }, 0)).rejects.toThrow("dropped");
    await storage.close();
  });
});
