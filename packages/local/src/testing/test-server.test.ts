import { describe, expect, test } from "vitest";
import { type LocalFixture, useLocal } from "./vitest.js";

const BASIN = "fixture-basin";

async function basinsOf({ local }: LocalFixture): Promise<string[]> {
  const { items } = await local.service.basins.list({ prefix: "", startAfter: "", limit: 0 });
  return items.map(({ name }) => name);
}

const outside = useLocal();
test.runIf(true)("a server is there in a test", () => {
  expect(outside.local.port).toBe(0);
  expect(outside.clientOptions.transport).toBe(outside.local.transport);
});

describe("a server for each test", () => {
  const server = useLocal({ init: { basins: [{ name: BASIN }] } });
  test.each([1, 2])("is a new one (%i)", async (round) => {
    expect(await basinsOf(server)).toEqual([BASIN]);
    const settings = await server.local.service.basins.settings(BASIN);
    await server.local.service.basins.create(`another-${round}`, settings, undefined);
  });
});

describe("a server for a file", () => {
  const server = useLocal({ lives: "file" });
  let first: unknown;
  test.each([1, 2])("is the same one (%i)", () => {
    first ??= server.local;
    expect(server.local).toBe(first);
  });
});

describe("a server that listens, and one with a token", () => {
  const server = useLocal({ listen: true, auth: { rootToken: "root" } });
  test("can be reached over a socket, with its own options", async () => {
    const { endpoints, accessToken, transport } = server.clientOptions;
    expect(transport).toBeUndefined();
    const status = async (token: string): Promise<number> =>
      (await fetch(`${endpoints.account}/v1/basins`, { headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect([await status(accessToken), await status("other")]).toEqual([200, 401]);
  });
});

describe("time", () => {
  const still = useLocal({ stillClock: true });
  test("stands still until it is advanced, where that was asked for", async () => {
    const { clock } = still.local.service;
    const before = clock.epoch();
    expect(new Date(before).toISOString()).toBe("2026-01-01T00:00:00.000Z");
    await still.clock.advance(1000);
    expect(clock.epoch()).toBe(before + 1000);
  });

  const moving = useLocal();
  test("goes on elsewhere", () => {
    expect(() => moving.clock).toThrow("stillClock");
  });
});

describe("a fixture that is looked at too early", () => {
  const server = useLocal();
  let failure: unknown;
  try {
    void server.local;
  } catch (error) {
    failure = error;
  }
  test("says so", () => {
    expect(String(failure)).toContain("only while a test does");
  });
});
