import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { expect, test } from "vitest";
import { appendInput, bodies, fence, readRequest, refusal, textsOf, trim } from "../test/harness.js";
import { EMPTY_LAYER } from "./service/configs.js";
import type { Service } from "./service/service.js";
import { type LocalServer, startLocal } from "./start-local.js";
import type { LocalState } from "./state.js";

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
