import { describe, expect, test } from "vitest";
import { BASIN, bodies, createHarness, refusal, trim } from "../../test/harness.js";
import { createMemoryStorage } from "../storage/memory-storage.js";
import type { Table } from "../storage/storage.js";
import { DEFAULT_BASIN, EMPTY_LAYER } from "./configs.js";
import type { BasinRow, StreamRow } from "./rows.js";

const TICK = 66_000;

describe("retention", () => {
  test("hides records once they are older than the stream keeps them, and gives their space back", async () => {
    const { append, read, clock, service } = await createHarness({ config: { retention: { ageSecs: 10 } } });
    await append([{ body: "a", timestamp: 1 }]);
    await clock.advance(6_000);
    await append(bodies("b"));
    expect(await read({ waitSecs: 0 })).toEqual(["0:a", "1:b"]);
    await clock.advance(5_000);
    expect(await read({ waitSecs: 0 })).toEqual(["1:b"]);
    await clock.advance(TICK);
    expect(await read({ waitSecs: 0 })).toEqual([]);
    const log = service.live.peek(BASIN, "s")?.log;
    expect(await log?.read({ from: 0, to: 9, maxRecords: 9, maxBytes: 9 }, 0)).toEqual([]);
    expect((await append(bodies("c"))).start.seq_num).toBe(2);
  });

  test("is that of the time of the append", async () => {
    const { append, read, clock, service } = await createHarness({ config: { retention: { ageSecs: 10 } } });
    await append(bodies("short"));
    await service.streams.patch(BASIN, "s", { retention: "infinite" });
    await append(bodies("for ever"));
    await clock.advance(1_000_000);
    expect(await read({ waitSecs: 0 })).toEqual(["1:for ever"]);
  });
});

describe("delete on empty", () => {
  const exists = async (service: Awaited<ReturnType<typeof createHarness>>["service"]): Promise<boolean> =>
    service.streams.settings(BASIN, "s").then(
      () => true,
      () => false,
    );

  test("deletes a stream that was never written, once it is old enough", async () => {
    const { service, clock } = await createHarness({ config: { minAgeSecs: 100 } });
    await clock.advance(TICK);
    expect(await exists(service)).toBe(true);
    await clock.advance(TICK);
    expect(await refusal(service.streams.settings(BASIN, "s"))).toBe("stream_not_found");
  });

  test("is off at 0", async () => {
    const { service, clock } = await createHarness();
    await clock.advance(100 * TICK);
    expect(await exists(service)).toBe(true);
  });

  test("spares a stream with records, and looks again when the last of them is gone", async () => {
    const { service, clock, append } = await createHarness({
      config: { minAgeSecs: 5, retention: { ageSecs: 1000 } },
    });
    await append(bodies("a"));
    await clock.advance(900_000);
    expect(await exists(service)).toBe(true);
    await clock.advance(100_000 + 2 * TICK);
    expect(await exists(service)).toBe(false);
  });

  test("spares a stream that is written to at the last moment, and looks again later", async () => {
    const memory = createMemoryStorage<BasinRow, StreamRow>();
    let write: (() => Promise<unknown>) | undefined;
    const storage: typeof memory = {
      ...memory,
      streams: (basin) => ({
        ...memory.streams(basin),
        async get(name) {
          const now = write;
          write = undefined;
          await now?.();
          return memory.streams(basin).get(name);
        },
      }),
    };
    const { service, clock, append, read } = await createHarness({
      storage,
      config: { minAgeSecs: 100, retention: { ageSecs: 10 } },
    });
    await append(bodies("a"));
    await clock.advance(101_000);
    // The row is asked for when the stream has been found to be empty.
    write = () => append(bodies("late"));
    await service.janitor.tick();
    expect(write).toBeUndefined();
    expect(await read({ waitSecs: 0 })).toEqual(["1:late"]);
    await clock.advance(600_000 + TICK);
    expect(await exists(service)).toBe(false);
  });

  test("is woken by a trim where records never expire", async () => {
    const { service, clock, append } = await createHarness({
      config: { minAgeSecs: 5, retention: "infinite" },
    });
    await append(bodies("a"));
    await clock.advance(2_000_000);
    expect(await exists(service)).toBe(true);
    await append([trim(2)]);
    await clock.advance(TICK);
    expect(await exists(service)).toBe(false);
  });

  test("is woken by being switched on, or changed", async () => {
    const { service, clock } = await createHarness({ config: { minAgeSecs: 1_000_000 } });
    await clock.advance(TICK);
    await service.streams.patch(BASIN, "s", { deleteOnEmpty: { minAgeSecs: 5 } });
    await clock.advance(TICK);
    expect(await exists(service)).toBe(false);
  });
});

/** A memory storage that lists a basin's streams when it is told to, if that basin is one of those that are held. */
function createSlowStorage(held: readonly string[]) {
  const memory = createMemoryStorage<BasinRow, StreamRow>();
  const waiting = new Map<string, () => void>();
  const slow = (basin: string): Table<StreamRow> => {
    const table = memory.streams(basin);
    if (!held.includes(basin)) return table;
    return {
      ...table,
      list: (range) => new Promise((resolve) => waiting.set(basin, () => resolve(table.list(range)))),
    };
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    storage: { ...memory, streams: slow },
    async release(basin: string): Promise<void> {
      for (let more = true; more; ) {
        await turn();
        const go = waiting.get(basin);
        waiting.delete(basin);
        go?.();
        more = go !== undefined;
      }
    },
  };
}

describe("the deletion of a basin", () => {
  test("that is asked for twice spares the new basin of the same name", async () => {
    const { storage, release } = createSlowStorage(["slow-basin-1", "slow-basin-2"]);
    const { service, append, read } = await createHarness({ storage });
    for (const name of ["slow-basin-1", "slow-basin-2"]) {
      await service.basins.create(name, DEFAULT_BASIN, undefined);
    }
    await service.streams.delete(BASIN, "s");
    for (const name of ["slow-basin-1", BASIN, "slow-basin-2", BASIN]) await service.basins.delete(name);
    await release("slow-basin-1");
    await service.basins.create(BASIN, DEFAULT_BASIN, undefined);
    await service.streams.create(BASIN, "s", EMPTY_LAYER, undefined);
    await append(bodies("a"));
    await release("slow-basin-2");
    await service.janitor.tick();
    expect(await read({ waitSecs: 0 })).toEqual(["0:a"]);
  });

  test("is of no basin that nobody has deleted", async () => {
    const { service, append, read } = await createHarness();
    await append(bodies("a"));
    service.janitor.basinDeleted(BASIN);
    await service.janitor.tick();
    expect(await read({ waitSecs: 0 })).toEqual(["0:a"]);
  });
});

test("a service that is closed leaves no timer", async () => {
  const { service, clock } = await createHarness();
  await service.close();
  expect(clock.pending).toEqual([]);
});
