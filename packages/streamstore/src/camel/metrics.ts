import type * as main from "@s2-dev/streamstore";
import { checkInput, rethrow } from "./errors.js";
import type { S2RequestOptions } from "./options.js";
import { millisOf } from "./positions.js";

interface MetricsRange {
  /** Milliseconds since the epoch if a number; rounded down to seconds. */
  start?: number | Date;
  /** Milliseconds since the epoch if a number; rounded down to seconds. */
  end?: number | Date;
  interval?: main.TimeseriesInterval;
}

/** Which metrics of the account, and of which time. */
export interface AccountMetricsInput extends MetricsRange {
  /** Which figures to fetch. */
  set: main.AccountMetricSet;
}
/** Which metrics of a basin, and of which time. */
export interface BasinMetricsInput extends MetricsRange {
  /** Name of the basin. */
  basin: string;
  /** Which figures to fetch. */
  set: main.BasinMetricSet;
}
/** Which metrics of a stream, and of which time. */
export interface StreamMetricsInput extends MetricsRange {
  /** Name of the basin. */
  basin: string;
  /** Name of the stream. */
  stream: string;
  /** Which figures to fetch. */
  set: main.StreamMetricSet;
}

/** One named value. */
export type ScalarMetric = main.ScalarMetric;
/** A named set of texts. */
export type LabelMetric = main.LabelMetric;
/** A series whose points each stand for one whole interval. */
export interface AccumulationMetric {
  /** Length of an interval. */
  interval: main.TimeseriesInterval;
  /** Name of the figure. */
  name: string;
  /** What is counted: bytes, operations or US dollars. */
  unit: main.MetricUnit;
  /** Pairs of the interval's beginning and the sum of it. */
  values: [Date, number][];
}
/** A series whose points each stand for one instant. */
export interface GaugeMetric {
  /** Name of the figure. */
  name: string;
  /** What is counted: bytes, operations or US dollars. */
  unit: main.MetricUnit;
  /** Pairs of a time and the value then. */
  values: [Date, number][];
}
/** One metric, under the name of its kind. */
export type Metric =
  | { scalar: ScalarMetric }
  | { accumulation: AccumulationMetric }
  | { gauge: GaugeMetric }
  | { label: LabelMetric };
/** The metrics of a set. */
export interface MetricSetResponse {
  /** The figures, each of a kind of its own. */
  values: Metric[];
}

/** Metrics of the account, its basins and their streams. */
export class S2Metrics {
  readonly #metrics: main.S2Metrics;

  /** @internal Made by `S2`. */
  constructor(metrics: main.S2Metrics) {
    this.#metrics = metrics;
  }

  /** Metrics of the account. */
  async account(args: AccountMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#metrics.account(inSeconds(args), options).then(metricsFromWire, rethrow);
  }

  /** Metrics of a basin. */
  async basin(args: BasinMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#metrics.basin(inSeconds(args), options).then(metricsFromWire, rethrow);
  }

  /** Metrics of a stream. */
  async stream(args: StreamMetricsInput, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#metrics.stream(inSeconds(args), options).then(metricsFromWire, rethrow);
  }
}

function inSeconds<T extends MetricsRange>(
  args: T,
): Omit<T, "start" | "end"> & { start?: number; end?: number } {
  checkInput(args, "args");
  const { start, end, ...rest } = args;
  return {
    ...rest,
    ...(start === undefined ? {} : { start: Math.floor(millisOf(start, "start") / 1000) }),
    ...(end === undefined ? {} : { end: Math.floor(millisOf(end, "end") / 1000) }),
  };
}

/** Points of a series get a `Date`; anything else stays. */
function metricsFromWire({ values }: main.MetricSetResponse): MetricSetResponse {
  return {
    values: values.map((metric): Metric => {
      if ("accumulation" in metric) return { accumulation: inDates(metric.accumulation) };
      if ("gauge" in metric) return { gauge: inDates(metric.gauge) };
      return metric;
    }),
  };
}

function inDates<T extends { values: [number, number][] }>(
  series: T,
): Omit<T, "values"> & { values: [Date, number][] } {
  return { ...series, values: series.values.map(([seconds, value]) => [new Date(seconds * 1000), value]) };
}
