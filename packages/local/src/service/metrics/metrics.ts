import type {
  AccountMetricSet,
  BasinMetricSet,
  Metric,
  StreamMetricSet,
  TimeseriesInterval,
} from "@s2-dev/streamstore-core";
import type { ServiceClock } from "../clock.js";
import { invalid } from "../errors.js";
import { type Accumulation, type Buckets, Gauge, INTERVAL_SECS } from "./series.js";
import { BasinUsage, type Usage } from "./usage.js";

/** The part of a metric set that is asked for. */
export interface MetricQuery<Set extends string> {
  readonly set: Set;
  /** Seconds since the epoch, inclusive. */
  readonly start: number | undefined;
  /** Seconds since the epoch, exclusive. */
  readonly end: number | undefined;
  readonly interval: TimeseriesInterval | undefined;
}

/** What the service tells of its use. */
export interface Metrics {
  account(query: MetricQuery<AccountMetricSet>): Metric[];
  basin(basin: string, query: MetricQuery<BasinMetricSet>): Metric[];
  stream(basin: string, stream: string, query: MetricQuery<StreamMetricSet>): Metric[];
}

const MAX_RANGE_SECS = 90 * 86_400;
/** How far a range may reach into the future, for clocks that differ. */
const LEEWAY_SECS = 3600;
/** What the hosted service bills; here all of it is free. */
const BILLING_DIMENSIONS = ["append", "read", "storage", "total"];

type Intervals = readonly [usual: TimeseriesInterval, ...others: TimeseriesInterval[]];
const SUMS_BY_MINUTE: Intervals = ["minute", "hour", "day"];
const SUMS_BY_HOUR: Intervals = ["hour", "minute", "day"];
const BILLING: Intervals = ["hour", "day"];

export function createMetrics(usage: Usage, clock: ServiceClock): Metrics {
  const nowSecs = (): number => Math.floor(clock.epoch() / 1000);

  function range(query: MetricQuery<string>, intervals: Intervals): Range {
    return rangeOf(query, intervals, nowSecs());
  }

  function gauge(source: Gauge, query: MetricQuery<string>, interval: TimeseriesInterval): Metric[] {
    const { buckets } = range(query, [interval]);
    return [{ gauge: { name: "metered_size", unit: "bytes", values: source.points(buckets, nowSecs()) } }];
  }

  return {
    account(query) {
      switch (query.set) {
        case "active-basins": {
          const { start, end } = range(query, ["hour", "minute", "day"]);
          return [{ label: { name: "active_basins", values: activeBasins(usage, start, end) } }];
        }
        case "account-ops":
          return operationSeries(usage.accountOperations, range(query, SUMS_BY_HOUR));
        case "estimated-billable-usage": {
          const { interval } = range(query, BILLING);
          return BILLING_DIMENSIONS.map((name) => ({
            accumulation: { name, unit: "usd", interval, values: [] },
          }));
        }
      }
    },

    basin(basin, query) {
      const figures = usage.basins.get(basin) ?? new BasinUsage();
      switch (query.set) {
        case "storage":
          return gauge(figures.storage, query, "hour");
        case "append-ops":
          return series(figures.appendOps, "operations", range(query, SUMS_BY_MINUTE));
        case "append-throughput":
          return series(figures.appendedBytes, "bytes", range(query, SUMS_BY_MINUTE));
        case "read-ops": {
          const reads = new Map([
            ["unary", figures.unaryReads],
            ["streaming", figures.streamingReads],
          ]);
          return series(reads, "operations", range(query, SUMS_BY_MINUTE));
        }
        case "read-throughput":
          return series(new Map([["read", figures.readBytes]]), "bytes", range(query, SUMS_BY_MINUTE));
        case "basin-ops":
          return operationSeries(figures.operations, range(query, SUMS_BY_HOUR));
      }
    },

    stream: (basin, stream, query) =>
      gauge(usage.basins.get(basin)?.streams.get(stream) ?? new Gauge(), query, "minute"),
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly interval: TimeseriesInterval;
  readonly buckets: Buckets;
}

/** @throws ServiceError 422 for a range or an interval that the set does not have. */
function rangeOf(query: MetricQuery<string>, intervals: Intervals, now: number): Range {
  const { set, start, end } = query;
  if (start === undefined || end === undefined) throw invalid(`\`${set}\` requires \`start\` and \`end\``);
  if (start > end) throw invalid("`start` must not be after `end`");
  if (end - start > MAX_RANGE_SECS) throw invalid("time range must not exceed 90 days");
  if (end > now + LEEWAY_SECS) throw invalid("`end` must not be in the future");
  const interval = query.interval ?? intervals[0];
  if (!intervals.includes(interval)) {
    const known = intervals.map((word) => `\`${word}\``).join(", ");
    throw invalid(`\`${set}\` has no interval \`${interval}\`, only ${known}`);
  }
  const step = INTERVAL_SECS[interval];
  const from = Math.floor(start / step) * step;
  // A range without length is the moment at which it lies.
  return { start, end, interval, buckets: { from, to: Math.max(end, from + 1), step } };
}

/** One series a name; those with nothing in the range are there too. */
function series(
  sources: ReadonlyMap<string, Accumulation>,
  unit: "bytes" | "operations",
  { interval, buckets }: Range,
): Metric[] {
  return [...sources].map(([name, source]) => ({
    accumulation: { name, unit, interval, values: source.points(buckets) },
  }));
}

/** One series an operation that was done in the range. */
function operationSeries(sources: ReadonlyMap<string, Accumulation>, range: Range): Metric[] {
  return series(sources, "operations", range).filter(
    (metric) => "accumulation" in metric && metric.accumulation.values.length > 0,
  );
}

/** The basins that had a stream at some time in the range, in order. */
function activeBasins(usage: Usage, start: number, end: number): string[] {
  const active: string[] = [];
  for (const [name, { spans }] of usage.basins) {
    // Whoever asks for what there is now says so in whole seconds.
    if (spans.some(({ from, to }) => Math.floor(from / 1000) <= end && to / 1000 >= start)) active.push(name);
  }
  return active.sort();
}
