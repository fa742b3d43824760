import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, test } from "vitest";
import { appendInput, bodies, fence, readRequest, refusal, textsOf, trim } from "../test/harness.js";
import type { LocalServer } from "./local-server.js";
import { EMPTY_LAYER } from "./service/configs.js";
import type { BasinRow, StreamRow } from "./service/rows.js";
import type { Service } from "./service/service.js";
import { startLocal } from "./start-local.js";
import { dumpState, type LocalState, loadState } from "./state.js";
import { createMemoryStorage } from "./storage/memory-storage.js";
import type { StoredBatch } from "./storage/storage.js";
import { U64_MAX } from "./storage/u64.js";

const BASIN = "dumped-basin";
const SECS = 1000;

const clock = Object.assign(createFakeClock(), { epoch: () => 1_700_000_000_000 + clock.now() });

function start(state?: LocalState): Promise<LocalServer> {
  return startLocal({ listen: false, clock, ...(state === undefined ? {} : { state }) });
}

/** What another server says that was given the state, after a journey as text. */
async function after(local: LocalServer): Promise<Service> {
  const other = await start(JSON.parse(JSON.stringify(await local.dump())) as LocalState);
  return other.service;
}

async function append(service: Service, stream: string, records: Parameters<typeof appendInput>[0]) {
  return (await service.records.openAppend({ basin: BASIN, stream })).append(appendInput(records));
}

async function texts(service: Service, stream: string): Promise<string[]> {
  const session = await service.records.read({ basin: BASIN, stream }, readRequest({ waitSecs: 0 }));
  const found: string[] = [];
  for (let output = await session.next(); output?.kind === "records"; output = await session.next()) {
    found.push(...textsOf(output));
  }
  session.close();
  return found;
}

async function withBasin(): Promise<LocalServer> {
  const local = await start();
  await local.service.basins.create(
    BASIN,
    {
      defaults: { ...EMPTY_LAYER, uncapped: true, retention: { ageSecs: 2n ** 60n } },
      streamCipher: null,
      createOnAppend: true,
      createOnRead: true,
    },
    "token",
  );
  return local;
}

test("records come back with their numbers, times and headers, and the stream goes on behind them", async () => {
  const local = await withBasin();
  await append(local.service, "s", [
    { body: "a", timestamp: 2n ** 60n, headers: [["k", "v"]] },
    { body: "b" },
  ]);
  await append(local.service, "s", [{ body: Uint8Array.of(0xff) }]);
  const copy = await after(local);
  expect(await texts(copy, "s")).toEqual(await texts(local.service, "s"));
  expect(await copy.records.checkTail({ basin: BASIN, stream: "s" })).toEqual({
    seq_num: 3,
    timestamp: 2n ** 60n,
  });
  expect((await append(copy, "s", bodies("c"))).start).toEqual({ seq_num: 3, timestamp: 2n ** 60n });
  expect(await local.service.records.checkTail({ basin: BASIN, stream: "s" })).toMatchObject({ seq_num: 3 });
});

test("configurations, creations and rights come back", async () => {
  const local = await withBasin();
  const { service } = local;
  await service.streams.create(BASIN, "s", { ...EMPTY_LAYER, mode: "arrival" }, "request");
  await service.locations.setDefault("aws:us-west-2");
  const secret = await service.accessTokens.issue({
    id: "token",
    scope: { ops: ["read"] },
    autoPrefixStreams: false,
    expiresAt: clock.epoch() + 60 * SECS,
  });
  const copy = await after(local);
  expect(await copy.basins.settings(BASIN)).toEqual(await service.basins.settings(BASIN));
  expect(await copy.streams.settings(BASIN, "s")).toEqual(await service.streams.settings(BASIN, "s"));
  const [outcome] = await copy.streams.create(BASIN, "s", { ...EMPTY_LAYER, mode: "arrival" }, "request");
  expect(outcome).toBe("noop");
  expect((await copy.locations.default()).name).toBe("aws:us-west-2");
  expect((await copy.accessTokens.authenticate(secret)).id).toBe("token");
  expect(JSON.stringify(await local.dump())).not.toContain(secret);
});

test("fences, trims and expiry hold on", async () => {
  const local = await withBasin();
  const { service } = local;
  await append(service, "s", bodies("a", "b", "c"));
  await append(service, "s", [fence("mine"), trim(2)]);
  await service.streams.create(BASIN, "short", { ...EMPTY_LAYER, retention: { ageSecs: 1 } }, undefined);
  await append(service, "short", bodies("x", "y"));
  await append(service, "trimmed", [...bodies("x"), trim(2)]);
  await clock.advance(2 * SECS);
  const copy = await after(local);
  const opening = await copy.records.openAppend({ basin: BASIN, stream: "s" });
  expect(await refusal(opening.append(appendInput(bodies("d"), { fencing_token: "theirs" })))).toContain(
    '"mine"',
  );
  expect((await texts(copy, "s"))[0]).toBe("2:c");
  expect(await texts(copy, "short")).toEqual([]);
  expect((await append(copy, "short", bodies("z"))).start.seq_num).toBe(2);
  expect((await append(copy, "trimmed", bodies("z"))).start.seq_num).toBe(2);
  expect((await texts(copy, "trimmed")).at(-1)).toBe("2:z");
});

test("a stream that nobody wrote to begins at its beginning", async () => {
  const local = await withBasin();
  await local.service.streams.create(BASIN, "empty", EMPTY_LAYER, undefined);
  const copy = await after(local);
  expect((await append(copy, "empty", bodies("a"))).start.seq_num).toBe(0);
});

test("a dump of another version is refused", async () => {
  await expect(start({ version: 2, basins: [], tables: {} } as unknown as LocalState)).rejects.toThrow(
    "version 2",
  );
});

describe("a state that is not one that was dumped", () => {
  // biome-ignore lint/suspicious/noExplicitAny: what is wrong with it is the point.
  type Changed = { basins: any[]; tables: Record<string, any> };

  async function dumped(): Promise<Record<string, never>> {
    const local = await withBasin();
    await append(local.service, "s", bodies("a", "b"));
    await append(local.service, "s", bodies("c"));
    return JSON.parse(JSON.stringify(await local.dump())) as Record<string, never>;
  }

  test.each<[string, (state: Changed) => void]>([
    ["state.basins[0].name", (state) => (state.basins[0].name = "Not Allowed")],
    [
      "state.basins[0].row.settings.createOnAppend",
      (state) => (state.basins[0].row.settings.createOnAppend = 1),
    ],
    [
      "state.basins[0].row.settings.defaults.mode",
      (state) => (state.basins[0].row.settings.defaults.mode = "x"),
    ],
    ["state.basins[0].row", (state) => (state.basins[0].row = null)],
    ["state.basins[0].streams", (state) => delete state.basins[0].streams],
    ["state.basins[0].extra", (state) => (state.basins[0].extra = 1)],
    [
      "state.basins[0].streams[0].row.settings.minAgeSecs",
      (state) => (stream(state).row.settings.minAgeSecs = -1),
    ],
    ["state.basins[0].streams[0].log.trim_point", (state) => (stream(state).log.trim_point = "all")],
    ["state.basins[0].streams[0].log.trim_point", (state) => (stream(state).log.trim_point = 4)],
    ["state.basins[0].streams[0].log.next_seq_num", (state) => (stream(state).log.next_seq_num = 1)],
    ["state.basins[0].streams[0].log.batches[1].firstSeqNum", (state) => stream(state).log.batches.reverse()],
    ["state.basins[0].streams[0].log.batches[0].count", (state) => (batches(state)[0].count = 0)],
    [
      "state.basins[0].streams[0].log.batches[0].bytes",
      (state) => (batches(state)[0].bytes = "bm90IHJlY29yZHM="),
    ],
    ["state.basins[0].streams[0].log.batches[0].bytes", (state) => (batches(state)[0].count = 3)],
    ["state.basins[0].streams[0].log.batches[0].bytes", (state) => (batches(state)[0].meteredBytes = 4)],
    [
      "state.basins[0].streams[0].log.batches[1].bytes",
      (state) => (batches(state)[1].bytes = batches(state)[0].bytes),
    ],
    ["state.tables.account", (state) => (state.tables.account = {})],
    [
      "state.tables.access-tokens[0][1].secretDigest",
      (state) => (state.tables["access-tokens"] = [["id", token]]),
    ],
    [
      "state.tables.access-tokens[0][1].secretDigest",
      (state) => (state.tables["access-tokens"] = [["id", { ...token, secretDigest: "00" }]]),
    ],
    [
      "state.tables.access-tokens[0][1].scope.basins",
      (state) => (state.tables["access-tokens"] = [["id", { ...token, ...digest, scope: { basins: 5 } }]]),
    ],
    [
      "state.tables.access-tokens[0][1].scope.ops.0",
      (state) => (state.tables["access-tokens"] = [["id", { ...token, ...digest, scope: { ops: ["x"] } }]]),
    ],
    [
      "state.tables.access-tokens[0][0]",
      (state) => (state.tables["access-tokens"] = [["", { ...token, ...digest }]]),
    ],
    ["state.tables.others", (state) => (state.tables.others = [])],
    ["state.basins[1].name", (state) => state.basins.push(state.basins[0])],
  ])("is refused, naming %s, and nothing of it is loaded", async (place, change) => {
    const state = (await dumped()) as unknown as Changed;
    change(state);
    const storage = createMemoryStorage<BasinRow, StreamRow>();
    const failure = await loadState(storage, state as unknown as LocalState).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect((failure as Error).message).toContain(`${place} must be `);
    expect((await storage.basins.list({ prefix: "", startAfter: "", limit: 9 })).rows).toEqual([]);
  });

  const stream = (state: Changed) => state.basins[0].streams[0];
  const batches = (state: Changed) => stream(state).log.batches;
  const token = { scope: {}, autoPrefixStreams: false, expiresAt: null };
  const digest = { secretDigest: "0".repeat(64) };

  test.each([null, 5, "state", [], {}])("is refused when it is %j", async (state) => {
    await expect(start(state as unknown as LocalState)).rejects.toThrow("state is of version");
  });
});

describe("a load that fails on the way", () => {
  /** A storage that fails at its n-th write of a row of a stream. */
  function failing(storage: ReturnType<typeof memory>): ReturnType<typeof memory> {
    return {
      ...storage,
      streams: (basin) => ({
        ...storage.streams(basin),
        put: () => Promise.reject(new Error("no space left on device")),
      }),
    };
  }
  const memory = () => createMemoryStorage<BasinRow, StreamRow>();

  test.each(["access-tokens", "account"])("spares what was there before: %s", async (kind) => {
    const local = await withBasin();
    await append(local.service, "s", bodies("a"));
    const storage = memory();
    await storage.table(kind).put("mine", { row: 1 });
    await expect(loadState(failing(storage), await local.dump())).rejects.toThrow(`has rows of ${kind}`);
    expect(await storage.table(kind).get("mine")).toEqual({ row: 1 });
  });

  test("leaves nothing behind", async () => {
    const local = await withBasin();
    await append(local.service, "s", bodies("a"));
    const state = await local.dump();
    const storage = memory();
    await expect(loadState(failing(storage), state)).rejects.toThrow("no space left on device");
    expect((await storage.basins.list({ prefix: "", startAfter: "", limit: 9 })).rows).toEqual([]);
    await loadState(storage, state);
    const { service } = await startLocal({ listen: false, clock, storage });
    expect(await texts(service, "s")).toEqual(["0:a"]);
  });

  test("or is cut off by the end of the process is noticed, and can be done again", async () => {
    const local = await withBasin();
    await append(local.service, "s", bodies("a"));
    const state = await local.dump();
    const storage = memory();
    // As if it had ended behind the first row: not even the clearing is done.
    const ended = {
      ...failing(storage),
      basins: { ...storage.basins, delete: () => new Promise<void>(() => undefined) },
    };
    void loadState(ended, state).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    const kept = { ...storage, close: async () => undefined };
    await expect(startLocal({ listen: false, clock, storage: kept })).rejects.toThrow("was cut off here");
    const { service } = await startLocal({ listen: false, clock, storage, state });
    expect(await texts(service, "s")).toEqual(["0:a"]);
  });
});

test("a stream that is trimmed for good is in no dump, although its row is", async () => {
  const local = await withBasin();
  await append(local.service, "s", bodies("a"));
  await append(local.service, "t", bodies("b"));
  const storage = createMemoryStorage<BasinRow, StreamRow>();
  await loadState(storage, await local.dump());
  const log = await storage.openLog((await storage.streams(BASIN).get("s"))?.logId ?? "");
  const [batch] = await log.read({ from: 0, to: 1, maxRecords: 1, maxBytes: 1 }, 0);
  const end = { ...batch, firstSeqNum: 1, count: 0, meteredBytes: 0, bytes: new Uint8Array(0) };
  await log.append({ batch: end as StoredBatch, trimPoint: U64_MAX }, 0);
  const [basin] = (await dumpState(storage, 0)).basins;
  expect(basin?.streams.map(({ name }) => name)).toEqual(["t"]);
});

test("a dump that would be too large is refused", async () => {
  const local = await withBasin();
  await append(local.service, "s", bodies("a", "b"));
  const storage = createMemoryStorage<BasinRow, StreamRow>();
  await loadState(storage, await local.dump());
  await expect(dumpState(storage, 0, 17)).rejects.toThrow(
    "a dump holds at most 17 metered bytes, and 18 are stored",
  );
  expect((await dumpState(storage, 0, 18)).basins).toHaveLength(1);
});
