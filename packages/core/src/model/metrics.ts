import type { BasinNameStr, StreamNameStr } from "./names.js";

/** Metric sets of an account. */
export type AccountMetricSet = "active-basins" | "account-ops" | "estimated-billable-usage";

/** Metric sets of a basin. */
export type BasinMetricSet =
  | "storage"
  | "append-ops"
  | "read-ops"
  | "read-throughput"
  | "append-throughput"
  | "basin-ops";

/** Metric sets of a stream. */
export type StreamMetricSet = "storage";

/** Spacing of the points of a series. */
export type TimeseriesInterval = "minute" | "hour" | "day";

/** Unit of a metric's values. */
export type MetricUnit = "bytes" | "operations" | "usd";

/** A point of a series: seconds since the epoch, and the value. */
export type MetricPoint = [epochSeconds: number, value: number];

/** One named value. */
export interface ScalarMetric {
  /** Name of the figure. */
  name: string;
  /** What is counted: bytes, operations or US dollars. */
  unit: MetricUnit;
  /** The figure of the whole time asked for. */
  value: number;
}

/** A series whose points each stand for one whole interval. */
export interface AccumulationMetric {
  /** Name of the figure. */
  name: string;
  /** What is counted: bytes, operations or US dollars. */
  unit: MetricUnit;
  /** The time that each point covers, beginning at the point. */
  interval: TimeseriesInterval;
  /** Pairs of the interval's beginning, in seconds since the epoch, and the sum of it. */
  values: MetricPoint[];
}

/** A series whose points each stand for one instant. */
export interface GaugeMetric {
  /** Name of the figure. */
  name: string;
  /** What is counted: bytes, operations or US dollars. */
  unit: MetricUnit;
  /** Pairs of a time, in seconds since the epoch, and the value then. */
  values: MetricPoint[];
}

/** A named set of texts. */
export interface LabelMetric {
  /** Name of the figure. */
  name: string;
  /** The labels, such as names of basins. */
  values: string[];
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

/** The range of time of a metrics query; the service allows at most 90 days. */
export interface MetricRange {
  /** Seconds since the epoch, inclusive. */
  start?: number | undefined;
  /** Seconds since the epoch, exclusive. */
  end?: number | undefined;
  /** Default: the set's own. */
  interval?: TimeseriesInterval | undefined;
}

/** Which metrics of the account, and of which time. @see https://s2.dev/docs/api/metrics/account */
export interface AccountMetricsArgs extends MetricRange {
  /** Which figures to fetch. */
  set: AccountMetricSet;
}

/** Which metrics of a basin, and of which time. @see https://s2.dev/docs/api/metrics/basin */
export interface BasinMetricsArgs extends MetricRange {
  /** Name of the basin. */
  basin: BasinNameStr;
  /** Which figures to fetch. */
  set: BasinMetricSet;
}

/** Which metrics of a stream, and of which time. @see https://s2.dev/docs/api/metrics/stream */
export interface StreamMetricsArgs extends MetricRange {
  /** Name of the basin. */
  basin: BasinNameStr;
  /** Name of the stream. */
  stream: StreamNameStr;
  /** Which figures to fetch. */
  set: StreamMetricSet;
}
