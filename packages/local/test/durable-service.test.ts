import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, test } from "vitest";
import { applyInit } from "../src/init/init-file.js";
import { DEFAULT_BASIN, EMPTY_LAYER, type StreamConfigLayer } from "../src/service/configs.js";
import { createService, type Service } from "../src/service/service.js";
import { createDurableStorage } from "../src/storage/durable/durable-storage.js";
import { openLmdbStore } from "../src/storage/durable/lmdb-store.js";
import { createHeldStore, openDurable, type ServiceStorage, useDirectory } from "./durable-directory.js";
import {
  appendInput,
  BASIN,
  bodies,
  fence,
  readRequest,
  refusal,
  type ShortRecord,
  START,
  textsOf,
  trim,
} from "./harness.js";

const directory = useDirectory();
const KEY = Buffer.alloc(32, 1).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 2).toString("base64");
const SCOPE = { basins: { prefix: "" }, op_groups: { account: { read: true, write: false } } };

interface Running {
  readonly service: Service;
  readonly storage: ServiceStorage;
  readonly clock: FakeClock;
}

/** A service on the directory, with a clock that stands at so many milliseconds after `START`. */
async function start(
  at = 0,
  options: { deletionMs?: number; storage?: ServiceStorage } = {},
): Promise<Running> {
  const fake = createFakeClock();
  const clock = Object.assign(fake, { epoch: () => START + at + fake.now() });
  const storage: ServiceStorage = options.storage ?? (await openDurable(directory()));
  const { deletionMs } = options;
  const service = await createService({ storage, clock, random: () => 0, deletionMs });
  return { service, storage, clock };
}

/** A service with a basin and its stream `s`. */
async function startWithStream(config: Partial<StreamConfigLayer> = {}, options = {}): Promise<Running> {
  const running = await start(0, options);
  await running.service.basins.create(BASIN, DEFAULT_BASIN, undefined);
  await running.service.streams.create(BASIN, "s", { ...EMPTY_LAYER, ...config }, undefined);
  return running;
}

async function append({ service }: Running, records: readonly ShortRecord[], more = {}, access = {}) {
  const opening = await service.records.openAppend({ basin: BASIN, stream: "s", ...access });
  return opening.append(appendInput(records, more));
}

async function read({ service }: Running, access = {}): Promise<string[]> {
  const session = await service.records.read(
    { basin: BASIN, stream: "s", ...access },
    readRequest({ waitSecs: 0 }),
  );
  const output = await session.next();
  session.close();
  return output?.kind === "records" ? textsOf(output) : [];
}

/** A service that ends when only the first step of its stream's deletion is on the disk. */
async function endWithinDeletion(): Promise<void> {
  const store = createHeldStore(await openLmdbStore(directory()));
  const opening = startWithStream({}, { storage: createDurableStorage(store) });
  for (let step = 0; step < 4; step += 1) await store.release();
  const before = await opening;
  before.service.streams.delete(BASIN, "s").catch(() => undefined);
  await store.releaseOne();
  // The process ends here: the row of the stream does not say yet that it is deleted.
  await store.close();
}

const names = async ({ service }: Running): Promise<string[]> => {
  const { items } = await service.streams.list(BASIN, { prefix: "", startAfter: "", limit: 0 });
  return items.map(({ name }) => name);
};

/** What the metrics say of the stream's size. */
const stored = ({ service }: Running): number | undefined =>
  service.usage.basins.get(BASIN)?.streams.get("s")?.value;

describe("a server that is started again on its directory", () => {
  test("knows its streams as they were: tails, fences, trims, configurations", async () => {
    const before = await startWithStream({ mode: "client-prefer", uncapped: true });
    await before.service.streams.patch(BASIN, "s", { retention: { ageSecs: (2n ** 53n) as never } });
    const settings = await before.service.streams.settings(BASIN, "s");
    await append(before, [...bodies("a", "b"), fence("mine"), trim(1)]);
    const tail = await before.service.records.checkTail({ basin: BASIN, stream: "s" });
    await before.service.close();

    // On a clock that is an hour behind: no timestamp goes back.
    const after = await start(-3_600_000);
    await after.service.janitor.tick();
    // A record of one byte, a fence and a trim; the first record is trimmed.
    expect(stored(after)).toBe(9 + 19 + 22);
    expect(await after.service.streams.settings(BASIN, "s")).toEqual(settings);
    expect(await after.service.records.checkTail({ basin: BASIN, stream: "s" })).toEqual(tail);
    expect(await refusal(append(after, bodies("c"), { fencing_token: "yours" }))).toContain("mine");
    expect(await refusal(append(after, bodies("c"), { match_seq_num: 3 }))).toContain("412");
    const ack = await append(after, bodies("c"), { match_seq_num: 4, fencing_token: "mine" });
    expect(ack.start).toEqual({ seq_num: 4, timestamp: tail.timestamp });
    expect((await read(after)).map((text) => text.slice(0, 3))).toEqual(["1:b", "2:m", "3:\0", "4:c"]);
    await after.service.close();
  });

  test("knows its account: basins, places, tokens, and what was created by which request", async () => {
    const before = await start();
    await before.service.locations.setDefault("aws:us-west-2");
    await before.service.basins.create(BASIN, DEFAULT_BASIN, "basin-request");
    await before.service.streams.create(BASIN, "s", EMPTY_LAYER, "stream-request");
    const request = { id: "t", scope: SCOPE, autoPrefixStreams: false, expiresAt: undefined };
    const secret = await before.service.accessTokens.issue(request);
    await before.service.close();

    const { service } = await start();
    expect(await service.locations.default()).toMatchObject({ name: "aws:us-west-2" });
    const { items } = await service.basins.list({ prefix: "", startAfter: "", limit: 0 });
    expect(items).toMatchObject([{ name: BASIN, location: "aws:us-west-2", createdAt: START }]);
    expect((await service.basins.create(BASIN, DEFAULT_BASIN, "basin-request"))[0]).toBe("noop");
    expect(await refusal(service.basins.create(BASIN, DEFAULT_BASIN, "another"))).toBe(
      "resource_already_exists",
    );
    expect((await service.streams.create(BASIN, "s", EMPTY_LAYER, "stream-request"))[0]).toBe("noop");
    await service.accessTokens.authenticate(secret);
    expect(await refusal(service.accessTokens.authenticate(`${secret}x`))).toBe("authn");
    await service.close();
  });

  test("opens what was encrypted with its key, and with no other", async () => {
    const before = await start();
    await before.service.basins.create(BASIN, { ...DEFAULT_BASIN, streamCipher: "aes-256-gcm" }, undefined);
    await before.service.streams.create(BASIN, "s", EMPTY_LAYER, undefined);
    await append(before, bodies("secret"), {}, { encryptionKey: KEY });
    await before.service.close();

    const after = await start();
    expect(await read(after, { encryptionKey: KEY })).toEqual(["0:secret"]);
    expect(await refusal(read(after, { encryptionKey: OTHER_KEY }))).toBe("decryption_failed");
    await after.service.close();
  });

  test("completes deletions that were waiting", async () => {
    const before = await startWithStream({}, { deletionMs: 60_000 });
    await before.service.streams.create(BASIN, "stays", EMPTY_LAYER, undefined);
    await append(before, bodies("a"));
    await before.service.streams.delete(BASIN, "s");
    await before.service.basins.create("other-basin", DEFAULT_BASIN, undefined);
    await before.service.basins.delete("other-basin");
    expect(await names(before)).toEqual(["s", "stays"]);
    await before.service.close();

    const after = await start();
    await after.service.janitor.tick();
    expect(await names(after)).toEqual(["stays"]);
    const { items } = await after.service.basins.list({ prefix: "", startAfter: "", limit: 0 });
    expect(items.map(({ name }) => name)).toEqual([BASIN]);
    await after.service.close();
  });

  test("completes a deletion of which only the first step is on the disk", async () => {
    await endWithinDeletion();

    const after = await start();
    await after.service.janitor.tick();
    expect(await names(after)).toEqual([]);
    await after.service.close();
  });

  test("spares a stream that was created while an older one of its name was being cleared away", async () => {
    const before = await startWithStream({}, { deletionMs: 60_000 });
    await before.service.streams.create(BASIN, "a", EMPTY_LAYER, undefined);
    for (const name of ["a", "s"]) await before.service.streams.delete(BASIN, name);
    await before.service.close();

    // The page with both of them has been read when the first is looked at.
    const storage: ServiceStorage = await openDurable(directory());
    const { logId } = (await storage.streams(BASIN).get("a")) ?? { logId: "" };
    let go = (): void => undefined;
    const looked = new Promise<void>((resolve) => {
      go = resolve;
    });
    const held = {
      ...storage,
      inspectLog: async (id: string) => {
        if (id === logId) await looked;
        return storage.inspectLog(id);
      },
    };
    const after = await start(0, { storage: held });
    await after.service.streams.delete(BASIN, "s");
    await after.service.streams.create(BASIN, "s", EMPTY_LAYER, undefined);
    await append(after, bodies("new"));
    go();
    await after.service.janitor.takenUp();
    expect(await names(after)).toEqual(["s"]);
    expect(await read(after)).toEqual(["0:new"]);
    await after.service.close();
  });

  test("ensures what its init file names, although it was being deleted", async () => {
    const before = await startWithStream({}, { deletionMs: 60_000 });
    await append(before, bodies("a"));
    await before.service.streams.delete(BASIN, "s");
    await before.service.basins.create("other-basin", DEFAULT_BASIN, undefined);
    await before.service.streams.create("other-basin", "t", EMPTY_LAYER, undefined);
    await before.service.basins.delete("other-basin");
    await before.service.close();

    const after = await start(0, { deletionMs: 60_000 });
    const basins = [
      { name: BASIN, streams: [{ name: "s" }] },
      { name: "other-basin", streams: [{ name: "t" }] },
    ];
    await applyInit(after.service, { basins });
    await after.service.janitor.tick();
    expect((await append(after, bodies("b"))).start.seq_num).toBe(0);
    expect(await after.service.streams.settings("other-basin", "t")).toMatchObject({ minAgeSecs: 0 });
    await after.service.close();
  });

  test("ensures a stream of its init file of whose deletion only the first step is on the disk", async () => {
    await endWithinDeletion();

    const after = await start();
    await applyInit(after.service, { basins: [{ name: BASIN, streams: [{ name: "s" }] }] });
    await after.service.janitor.tick();
    expect(await names(after)).toEqual(["s"]);
    await after.service.close();
  });

  test("deletes streams that are empty for long enough, also those that nobody asks for", async () => {
    const before = await startWithStream({ minAgeSecs: 100, retention: { ageSecs: 10 } });
    await append(before, bodies("a"));
    await before.service.close();

    const after = await start(1_000_000);
    await after.service.janitor.tick();
    expect(await names(after)).toEqual([]);
    await after.service.close();
  });

  test("gives back the space of what has expired meanwhile, in streams that nobody uses", async () => {
    const before = await startWithStream({ retention: { ageSecs: 10 } });
    await append(before, bodies("a", "b"));
    await before.service.close();

    const after = await start(5_000);
    await after.service.janitor.tick();
    expect(stored(after)).toBe(18);
    await after.clock.advance(5_000);
    await after.service.janitor.tick();
    expect(stored(after)).toBe(0);
    const row = await after.storage.streams(BASIN).get("s");
    expect((await after.storage.inspectLog(row?.logId ?? ""))?.storedBytes).toBe(0);
    expect((await append(after, bodies("c"))).start.seq_num).toBe(2);
    await after.service.close();
  });
});
