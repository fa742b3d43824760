import type { GaugeMetric, Metric, MetricUnit, TimeseriesInterval } from "@s2-dev/streamstore";

/** A line to draw: values at equal distances. `undefined` where nothing is known. */
export interface Series {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly values: readonly (number | undefined)[];
}

/** The time that is drawn, in seconds since the epoch, and the distance of two values. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly interval: TimeseriesInterval;
}

const SECONDS: Readonly<Record<TimeseriesInterval, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * The lines of a set of metrics over a span. Where an accumulation has no point nothing happened: that is a zero. A gauge
 * keeps its value until the next point.
 */
export function seriesOf(set: string, metrics: readonly Metric[], span: Span): Series[] {
  return metrics.flatMap((metric): Series[] => {
    if ("accumulation" in metric) {
      const { name, unit, values } = metric.accumulation;
      return [{ name: `${set} ${name}`, unit, values: gridOf(values, span).map((value) => value ?? 0) }];
    }
    if ("gauge" in metric) {
      const { name, unit, values } = metric.gauge;
      let last: number | undefined;
      const held = gridOf(values, span).map((value) => {
        last = value ?? last;
        return last;
      });
      return [{ name: `${set} ${name}`, unit, values: held }];
    }
    return [];
  });
}

function gridOf(points: GaugeMetric["values"], { start, end, interval }: Span): (number | undefined)[] {
  const step = SECONDS[interval];
  const from = Math.floor(start / step) * step;
  const grid = new Array<number | undefined>(Math.max(1, Math.ceil((end - from) / step))).fill(undefined);
  for (const [at, value] of points) {
    const index = Math.floor((at - from) / step);
    if (index >= 0 && index < grid.length) grid[index] = value;
  }
  return grid;
}

/** A value as people read it: `1.5 MiB`, `12 ops`, `$0.02`. */
export function show(value: number, unit: MetricUnit): string {
  if (unit === "usd") return `$${value.toFixed(2)}`;
  if (unit === "operations") return `${Math.round(value)} ops`;
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(names.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${names[power]}`;
}

/** The largest value that is known; 0 where none is. */
export function largest({ values }: Series): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
