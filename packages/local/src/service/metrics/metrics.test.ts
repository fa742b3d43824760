import type { Metric } from "@s2-dev/streamstore-core";
import { describe, expect, test } from "vitest";
import { BASIN, bodies, createHarness, type Harness, refusal, START, trim } from "../../../test/harness.js";
import { DEFAULT_BASIN, EMPTY_LAYER } from "../configs.js";
import type { MetricQuery } from "./metrics.js";

const NOW = Math.floor(START / 1000);
const MINUTE = Math.floor(NOW / 60) * 60;
const HOUR = Math.floor(NOW / 3600) * 3600;

type Part = Partial<Pick<MetricQuery<string>, "start" | "end" | "interval">>;

function query<Set extends string>(set: Set, part: Part = {}): MetricQuery<Set> {
  return { set, start: NOW, end: NOW, interval: undefined, ...part };
}

/** Series by name: their values. */
function valuesOf(metrics: readonly Metric[]): Record<string, unknown> {
  return Object.fromEntries(
    metrics.flatMap((metric) => Object.values(metric).map((one) => [one.name, one.values] as const)),
  );
}

async function minutesLater(harness: Harness, minutes: number): Promise<void> {
  await harness.clock.advance(minutes * 60_000);
}

describe("the storage of a stream and its basin", () => {
  test("is what was appended, less what was trimmed, expired or deleted", async () => {
    const harness = await createHarness({ config: { retention: { ageSecs: 600 } } });
    const { metrics } = harness.service;
    const stored = (): number[] => {
      const at = Math.floor(harness.service.clock.epoch() / 1000);
      const [stream] = metrics.stream(BASIN, "s", query("storage", { start: at, end: at }));
      const [basin] = metrics.basin(BASIN, query("storage", { start: at, end: at }));
      return [stream, basin].map((metric) =>
        metric !== undefined && "gauge" in metric ? (metric.gauge.values[0]?.[1] ?? -1) : -1,
      );
    };
    await harness.service.streams.create(BASIN, "other", EMPTY_LAYER, undefined);
    await harness.append(bodies("a", "b", "c"));
    await harness.append(bodies("12345678"), {}, "other");
    expect(stored()).toEqual([27, 43]);
    // The middle of a batch; the command itself is kept.
    await harness.append([trim(2)]);
    expect(stored()).toEqual([9 + 22, 31 + 16]);
    await minutesLater(harness, 12);
    expect(stored()).toEqual([0, 16]);
    await harness.service.streams.delete(BASIN, "other");
    expect(stored()).toEqual([0, 0]);
  });

  test("has a value at every minute of a range, or hour for a basin", async () => {
    const harness = await createHarness();
    await harness.append(bodies("a"));
    await minutesLater(harness, 2);
    await harness.append(bodies("b"));
    const { metrics } = harness.service;
    const range = { start: MINUTE - 60, end: MINUTE + 180 };
    expect(metrics.stream(BASIN, "s", query("storage", range))).toEqual([
      {
        gauge: {
          name: "metered_size",
          unit: "bytes",
          values: [
            [MINUTE - 60, 0],
            [MINUTE, 0],
            [MINUTE + 60, 9],
            [MINUTE + 120, 18],
          ],
        },
      },
    ]);
    expect(valuesOf(metrics.basin(BASIN, query("storage", { start: HOUR - 3600, end: NOW })))).toEqual({
      metered_size: [
        [HOUR - 3600, 0],
        [HOUR, 18],
      ],
    });
  });

  test("is nothing for what does not exist", async () => {
    const { metrics } = (await createHarness()).service;
    expect(valuesOf(metrics.stream("no-basin", "s", query("storage")))).toEqual({
      metered_size: [[MINUTE, 0]],
    });
    expect(valuesOf(metrics.basin("no-basin", query("read-ops")))).toEqual({ unary: [], streaming: [] });
  });
});

describe("throughput and operations", () => {
  test("count appended bytes by storage class", async () => {
    const harness = await createHarness({ config: { storageClass: "standard" } });
    await harness.service.streams.create(BASIN, "fast", EMPTY_LAYER, undefined);
    await harness.append(bodies("abc"));
    await harness.append(bodies("x"), {}, "fast");
    await minutesLater(harness, 1);
    await harness.append(bodies("abc"));
    const { metrics } = harness.service;
    const range = { start: MINUTE, end: MINUTE + 120 };
    expect(valuesOf(metrics.basin(BASIN, query("append-throughput", range)))).toEqual({
      standard: [
        [MINUTE, 11],
        [MINUTE + 60, 11],
      ],
      express: [[MINUTE, 9]],
    });
    expect(valuesOf(metrics.basin(BASIN, query("append-throughput", { ...range, interval: "day" })))).toEqual(
      {
        standard: [[Math.floor(NOW / 86_400) * 86_400, 22]],
        express: [[Math.floor(NOW / 86_400) * 86_400, 9]],
      },
    );
  });

  test("count one append a stream, minute and connection", async () => {
    const harness = await createHarness();
    const { usage, metrics } = harness.service;
    const [first, second] = [{}, {}];
    const count = (connection: object, stream = "s"): void =>
      usage.appends(BASIN, stream, "express", connection)();
    for (let times = 0; times < 10; times += 1) count(first);
    count(second);
    count(first, "t");
    await minutesLater(harness, 1);
    count(first);
    expect(valuesOf(metrics.basin(BASIN, query("append-ops", { start: MINUTE, end: MINUTE + 120 })))).toEqual(
      {
        express: [
          [MINUTE, 3],
          [MINUTE + 60, 1],
        ],
      },
    );
  });

  test("count every unary read, and each minute of a streaming one", async () => {
    const harness = await createHarness();
    const { usage, metrics } = harness.service;
    usage.unaryRead(BASIN, 100);
    usage.unaryRead(BASIN, 1);
    const sent = usage.streamingRead(BASIN, "s", {});
    for (const bytes of [5, 0, 5]) sent(bytes);
    await minutesLater(harness, 1);
    sent(0);
    const range = { start: MINUTE, end: MINUTE + 120 };
    expect(valuesOf(metrics.basin(BASIN, query("read-ops", range)))).toEqual({
      unary: [[MINUTE, 2]],
      streaming: [
        [MINUTE, 1],
        [MINUTE + 60, 1],
      ],
    });
    expect(valuesOf(metrics.basin(BASIN, query("read-throughput", range)))).toEqual({
      read: [[MINUTE, 111]],
    });
  });

  test("count calls by operation, and name only those that were made", async () => {
    const { usage, metrics } = (await createHarness()).service;
    usage.accountOperation("list_basins");
    usage.accountOperation("list_basins");
    usage.basinOperation(BASIN, "create_stream");
    expect(metrics.account(query("account-ops"))).toEqual([
      { accumulation: { name: "list_basins", unit: "operations", interval: "hour", values: [[HOUR, 2]] } },
    ]);
    expect(metrics.account(query("account-ops", { start: HOUR - 7200, end: HOUR }))).toEqual([]);
    expect(valuesOf(metrics.basin(BASIN, query("basin-ops")))).toEqual({ create_stream: [[HOUR, 1]] });
  });

  test("cost nothing here", async () => {
    const { metrics } = (await createHarness()).service;
    expect(valuesOf(metrics.account(query("estimated-billable-usage")))).toMatchObject({ total: [] });
  });
});

describe("active basins", () => {
  test("are those that had a stream at some time in the range", async () => {
    const harness = await createHarness();
    const { metrics, streams } = harness.service;
    const active = (start: number, end: number): unknown =>
      valuesOf(metrics.account(query("active-basins", { start, end }))).active_basins;
    expect(active(NOW - 60, NOW - 1)).toEqual([]);
    expect(active(NOW - 60, NOW)).toEqual([BASIN]);
    await minutesLater(harness, 10);
    await streams.delete(BASIN, "s");
    await minutesLater(harness, 10);
    expect(active(NOW + 60, NOW + 120)).toEqual([BASIN]);
    expect(active(NOW + 700, NOW + 800)).toEqual([]);
  });

  test("begin with the second in which they get a stream", async () => {
    const harness = await createHarness();
    const { basins, streams, metrics } = harness.service;
    await harness.clock.advance(10_900);
    await basins.create("later-basin", DEFAULT_BASIN, undefined);
    await streams.create("later-basin", "s", EMPTY_LAYER, undefined);
    const active = (end: number): unknown =>
      valuesOf(metrics.account(query("active-basins", { end }))).active_basins;
    expect(active(NOW + 9)).toEqual([BASIN]);
    expect(active(NOW + 10)).toEqual(["later-basin", BASIN]);
  });
});

describe("a range", () => {
  test.each([
    [{ start: undefined }, "requires `start` and `end`"],
    [{ end: undefined }, "requires `start` and `end`"],
    [{ start: NOW, end: NOW - 1 }, "must not be after"],
    [{ start: NOW - 90 * 86_400 - 1, end: NOW }, "90 days"],
    [{ end: NOW + 3601 }, "future"],
    [{ interval: "minute" as const }, "no interval `minute`"],
  ])("%j is refused", async (part, words) => {
    const { metrics } = (await createHarness()).service;
    const asked = async (): Promise<unknown> => metrics.account(query("estimated-billable-usage", part));
    await expect(asked()).rejects.toThrow(words);
    expect(await refusal(asked())).toBe("invalid");
  });

  test.each([
    { start: NOW - 90 * 86_400, end: NOW },
    { start: NOW, end: NOW + 3600 },
    { start: NOW, end: NOW },
  ])("%j is taken", async (part) => {
    const { metrics } = (await createHarness()).service;
    expect(metrics.account(query("account-ops", part))).toEqual([]);
  });
});

describe("memory", () => {
  test("is bounded in streams and basins that are gone, and in storage classes", async () => {
    const { usage } = (await createHarness()).service;
    for (let index = 0; index < 10_100; index += 1) {
      usage.streamCreated("many");
      usage.stored("many", `stream-${index}`, 1);
      usage.streamGone("many", `stream-${index}`, index === 10_099);
    }
    expect(usage.basins.get("many")?.streams.size).toBe(10_000);
    expect(usage.basins.get("many")?.storage.value).toBe(0);
    for (let index = 0; index < 100; index += 1) usage.appended("many", `class-${index}`, 1);
    expect([...(usage.basins.get("many")?.appendedBytes.keys() ?? [])]).toHaveLength(17);
    for (let index = 0; index < 10_100; index += 1) usage.basinOperation(`basin-${index}`, "list_streams");
    expect(usage.basins.size).toBe(10_000);
    expect(usage.basins.has(BASIN)).toBe(true);
  });
});
