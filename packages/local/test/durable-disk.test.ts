import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { DirectoryInUseError, openDurableStorage, StorageFullError } from "../src/durable.js";
import { EMPTY_LAYER } from "../src/service/configs.js";
import { startLocal } from "../src/start-local.js";
import { lockDirectory, ownerOf } from "../src/storage/durable/directory-lock.js";
import { createDurableStorage } from "../src/storage/durable/durable-storage.js";
import { openLmdbStore } from "../src/storage/durable/lmdb-store.js";
import type { StreamLog } from "../src/storage/storage.js";
import { openDurable, useDirectory } from "./durable-directory.js";
import { appendInput, BASIN, bodies, createHarness, refusal, trim, wordOf } from "./harness.js";
import { ALL, batch, firsts } from "./storage-contract.js";

const directory = useDirectory();
const MIB = 1024 * 1024;
const file = (): string => join(directory(), "s2.mdb");

/** What is free on a disk of this size that has nothing else on it. */
const disk = (bytes: number) => (): number =>
  bytes - (statSync(file(), { throwIfNoEntry: false })?.size ?? 0);

describe("a disk that is full", () => {
  const openOn = async (bytes: number) =>
    createDurableStorage<never, never>(await openLmdbStore(directory(), disk(bytes)));

  /** Appends batches of this size until there is no room for another; how many there are then. */
  async function fill(log: StreamLog, bodyBytes: number): Promise<number> {
    for (let next = log.state.tail.seq_num, appends: Promise<void>[] = []; ; next += 1) {
      const full = log.refusal?.(bodyBytes);
      if (full !== undefined && appends.length === 0) {
        expect(full).toBeInstanceOf(StorageFullError);
        expect(full.message).toContain(`the directory ${directory()} is full: `);
        return next;
      }
      if (full === undefined) appends.push(log.append({ batch: batch(next, [next], { bodyBytes }) }, 0));
      if (full === undefined && appends.length < 50) continue;
      await Promise.all(appends);
      appends = [];
      if (full !== undefined) next -= 1;
    }
  }

  test.each([1000, 100_000])(
    "takes no more batches of %d bytes, gives what it has, and goes on when there is space again",
    async (bodyBytes) => {
      const storage = await openOn(12 * MIB);
      const log = await storage.openLog(storage.newLogId());
      const count = await fill(log, bodyBytes);
      // The disk is never used up, and not left half empty either.
      expect(disk(12 * MIB)()).toBeGreaterThan(0);
      expect(count * bodyBytes).toBeGreaterThan(4 * MIB);
      expect(firsts(await log.read({ ...ALL, from: count - 2 }, 0))).toEqual([count - 2, count - 1]);

      await log.append({ batch: batch(count, [count]), trimPoint: count }, 0);
      await log.trim(count);
      const more = await fill(log, bodyBytes);
      expect((more - count) * bodyBytes).toBeGreaterThan(2 * MIB);
      await storage.close();
    },
    30_000,
  );

  test("takes no new rows, and lets those that are there be changed and deleted", async () => {
    const storage = await openOn(12 * MIB);
    await storage.basins.put("old", {} as never);
    const log = await storage.openLog(storage.newLogId());
    for (const bodyBytes of [100_000, 1000]) await fill(log, bodyBytes);
    await expect(storage.basins.put("new", {} as never)).rejects.toThrow(StorageFullError);
    await storage.basins.put("old", { deleted: true } as never);
    await storage.basins.delete("old");
    await storage.close();
  });

  test("is not filled by one commit that is larger than all that is free", async () => {
    let free = Number.POSITIVE_INFINITY;
    const storage = createDurableStorage<never, never>(await openLmdbStore(directory(), () => free));
    const log = await storage.openLog(storage.newLogId());
    free = 70 * MIB;
    const appends = Array.from({ length: 80 }, (_none, n) =>
      log.append({ batch: batch(n, [n], { bodyBytes: MIB - 100 }) }, 0),
    );
    const outcomes = await Promise.allSettled(appends);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(80).fill("rejected"));
    await storage.close();
  });

  test("is refused where there is not even room to begin", async () => {
    await expect(openLmdbStore(directory(), () => 100_000)).rejects.toThrow(
      `the directory ${directory()} is full: to begin there`,
    );
    expect(existsSync(file())).toBe(false);
  });

  test("can be opened again, and read", async () => {
    const storage = await openOn(12 * MIB);
    const id = storage.newLogId();
    const count = await fill(await storage.openLog(id), 100_000);
    await storage.close();
    const again = createDurableStorage(await openLmdbStore(directory(), () => 0));
    const log = await again.openLog(id);
    expect(log.state.tail.seq_num).toBe(count);
    expect(firsts(await log.read({ ...ALL, from: count - 1 }, 0))).toEqual([count - 1]);
    await again.close();
  });

  test("answers appends with `unavailable`, and cuts nobody off", async () => {
    let free = Number.POSITIVE_INFINITY;
    const storage = createDurableStorage<never, never>(await openLmdbStore(directory(), () => free));
    const harness = await createHarness({ storage });
    await harness.append(bodies("a"));
    const session = await harness.open();
    expect(wordOf(await session.next())).toBe("0:a");
    expect(wordOf(await session.next())).toBe("heartbeat tail=1");
    free = 0;
    // What is left in the file itself is for little more than a trim.
    const large = { body: Buffer.alloc(1_000_000) };
    expect(await refusal(harness.append([large]))).toBe("unavailable");
    const opening = await harness.service.records.openAppend({ basin: BASIN, stream: "s" });
    await expect(opening.append(appendInput([large]))).rejects.toThrow(
      `the directory ${directory()} is full: 0 bytes are free on its disk`,
    );
    const created = harness.service.streams.create(BASIN, "t", EMPTY_LAYER, undefined);
    await expect(created).rejects.toThrow(StorageFullError);
    free = Number.POSITIVE_INFINITY;
    expect((await harness.append(bodies("b"))).start.seq_num).toBe(1);
    expect(wordOf(await session.next())).toBe("1:b tail=2");
    session.close();
    await harness.service.close();
  });

  test("lets a trim be appended, which gives space back", async () => {
    const storage = await openOn(12 * MIB);
    const harness = await createHarness({ storage });
    const large = { body: Buffer.alloc(200_000) };
    let last = 0;
    for (let failure = ""; failure === ""; ) {
      failure = await harness.append([large]).then(
        ({ end }) => {
          last = end.seq_num;
          return "";
        },
        (error: Error) => error.message,
      );
    }
    await harness.append([trim(last)]);
    await storage.expire(0);
    expect((await harness.append([large])).start.seq_num).toBe(last + 1);
    await harness.service.close();
  });
});

describe("a file that is not whole", () => {
  /** A store with small and large values, closed. */
  async function filled(): Promise<void> {
    const storage = await openDurable(directory());
    const log = await storage.openLog(storage.newLogId());
    const appends = Array.from({ length: 300 }, (_none, n) =>
      log.append({ batch: batch(n, [n], { bodyBytes: n % 3 === 0 ? 10_000 : 500 }) }, 0),
    );
    await Promise.all(appends);
    await storage.close();
  }

  test("is refused wherever it was cut off", async () => {
    await filled();
    const whole = readFileSync(file());
    for (let size = 1; size < whole.length; size += 37 * 4096 + 5) {
      writeFileSync(file(), whole);
      truncateSync(file(), size);
      await expect(openDurableStorage(directory())).rejects.toThrow(
        `cannot use the directory ${directory()}: s2.mdb in it is not a file of this storage, or is damaged`,
      );
    }
    writeFileSync(file(), whole);
    await (await openDurableStorage(directory())).close();
  });

  test("is taken when nothing but free pages is missing at its end", async () => {
    const storage = await openDurable(directory());
    const log = await storage.openLog(storage.newLogId());
    await log.append({ batch: batch(0, [0]) }, 0);
    await log.append({ batch: batch(1, [0], { bodyBytes: 1_000_000 }) }, 0);
    await log.append({ batch: batch(2, [0]), trimPoint: 2 }, 0);
    await log.trim(2);
    for (let n = 3; n < 20; n += 1) await log.append({ batch: batch(n, [0]) }, 0);
    await storage.close();
    const { size } = statSync(file());
    truncateSync(file(), size - 4096);
    await (await openDurableStorage(directory())).close();
  });

  test.each([
    ["its first head", 0],
    ["its second head", 4096],
  ])("is refused without %s", async (_what, at) => {
    await filled();
    const bytes = readFileSync(file());
    bytes.fill(0, at, at + 4096);
    writeFileSync(file(), bytes);
    await expect(openDurableStorage(directory())).rejects.toThrow("or is damaged");
  });

  test("is refused when a page is not one that its tree leads to", async () => {
    await filled();
    const bytes = readFileSync(file());
    // All but the heads.
    bytes.fill(0xff, 8192);
    writeFileSync(file(), bytes);
    await expect(openDurableStorage(directory())).rejects.toThrow(/or is damaged: page \d+ is none/);
  });
});

describe("a directory that another process of the same number has", () => {
  const owner = { pid: process.pid, host: "container", since: "today" };

  test("is refused at once, and says whose it is", async () => {
    const lock = await lockDirectory(directory(), owner);
    const failure = await openDurableStorage(directory()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DirectoryInUseError);
    expect(failure).toMatchObject({ directory: directory(), owner });
    await lock.release();
    await (await openDurableStorage(directory())).close();
  });

  test("also where its name is longer than an address of a socket", async () => {
    const deep = join(directory(), "d".repeat(200));
    mkdirSync(deep);
    const lock = await lockDirectory(deep, owner);
    // Elsewhere such a directory cannot be locked this way.
    if (process.platform === "linux")
      await expect(lockDirectory(deep, owner)).rejects.toThrow(DirectoryInUseError);
    await lock.release();
    await (await lockDirectory(deep, owner)).release();
  });

  test("is had by the first of those who find that process gone", async () => {
    const path = join(directory(), "s2.1.sock");
    const listen = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", listen, path]);
    // One of them learns late that nobody answered.
    let tell: (() => void) | undefined;
    vi.resetModules();
    vi.doMock("node:net", async (original) => {
      const net = await original<typeof import("node:net")>();
      let calls = 0;
      const connect = (to: string) => {
        calls += 1;
        if (calls > 1) return net.connect(to);
        const socket = new net.Socket();
        tell = () => socket.emit("error", Object.assign(new Error(), { code: "ECONNREFUSED" }));
        return socket;
      };
      return { ...net, connect };
    });
    const mocked = await import("../src/storage/durable/directory-lock.js");
    vi.doUnmock("node:net");
    const late = mocked.lockDirectory(directory(), owner).catch((error: Error) => error.name);
    while (tell === undefined) await new Promise((resolve) => setImmediate(resolve));
    const first = await lockDirectory(directory(), owner);
    tell();
    expect(await late).toBe("DirectoryInUseError");
    expect(await ownerOf(directory())).toMatchObject(owner);
    await first.release();
    expect(readdirSync(directory())).toEqual([]);
  });

  test("is not had by who finds nobody, while another is just coming", async () => {
    // Alive, but without a claim yet.
    const other = createServer((socket) => socket.end(JSON.stringify(owner)));
    const hidden = join(directory(), "hidden");
    await new Promise<void>((resolve) => other.listen(hidden, resolve));
    vi.resetModules();
    vi.doMock("node:fs", async (original) => {
      const fs = await original<typeof import("node:fs")>();
      const linkSync = (from: string, to: string): void => {
        // It has seen claims that have gone since, so that its own is another.
        fs.linkSync(hidden, join(directory(), "s2.7.sock"));
        fs.linkSync(from, to);
      };
      return { ...fs, linkSync };
    });
    const mocked = await import("../src/storage/durable/directory-lock.js");
    vi.doUnmock("node:fs");
    const late = await mocked
      .lockDirectory(directory(), { ...owner, since: "too late" })
      .catch((error: unknown) => error);
    expect(late).toMatchObject({ name: "DirectoryInUseError", owner });
    await new Promise((resolve) => other.close(resolve));
    // What both have left is of no use to anybody, and goes with the next.
    const next = await lockDirectory(directory(), owner);
    await next.release();
    expect(readdirSync(directory())).toEqual([]);
  });

  test("is known to be lost by who was taken for dead, and stays with who has it", async () => {
    const lost = await lockDirectory(directory(), owner);
    rmSync(join(directory(), "s2.1.sock"));
    const lock = await lockDirectory(directory(), owner);
    expect([lost.isOurs(), lock.isOurs()]).toEqual([false, true]);
    await lost.release();
    await expect(openDurableStorage(directory())).rejects.toThrow(DirectoryInUseError);
    await lock.release();
    await (await openDurableStorage(directory())).close();
  });

  test("is free when that process has ended, however it did", async () => {
    const listen = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", listen, join(directory(), "s2.1.sock")]);
    expect(existsSync(join(directory(), "s2.1.sock"))).toBe(true);
    const storage = await openDurableStorage(directory());
    await storage.close();
    expect(existsSync(join(directory(), "s2.1.sock"))).toBe(false);
  });
});

test("a write that fails names the directory, and nothing is written there after it", async () => {
  vi.resetModules();
  vi.doMock("lmdb", async (original) => {
    const lmdb = await original<typeof import("lmdb")>();
    const open = (options: never) => {
      const env = lmdb.open(options);
      // As LMDB fails when the disk does.
      env.batch = () =>
        Promise.reject(
          Object.assign(new Error("Commit failed"), {
            commitError: Promise.reject(new Error("Input/output error")),
          }),
        );
      return env as never;
    };
    return { ...lmdb, open: open as never };
  });
  const { openDurableStorage: open } = await import("../src/durable.js");
  const storage = await open(directory());
  vi.doUnmock("lmdb");
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(storage.basins.put("x", {} as never)).rejects.toThrow(
      `cannot write to the directory ${directory()}: Input/output error; nothing is written there until`,
    );
  }
  expect(await storage.basins.get("x")).toBeUndefined();
  await storage.close();
  await (await openDurableStorage(directory())).close();
});

test.runIf(process.platform === "linux")("a directory that cannot be made is refused at once", async () => {
  await expect(startLocal({ dir: "/proc/s2/data", listen: false })).rejects.toThrow(
    "cannot use the directory /proc/s2/data: ENOENT",
  );
});
