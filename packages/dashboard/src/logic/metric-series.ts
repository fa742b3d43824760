import type { Metric, MetricUnit } from "@s2-dev/streamstore";

/** Series that share their times, as a plot takes them. */
export interface Chart {
  readonly unit: MetricUnit;
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Whether a point stands for a whole interval, so that bars fit better than a line. */
  readonly isAccumulated: boolean;
}

/** What a set of metrics shows. */
export interface MetricView {
  readonly charts: readonly Chart[];
  readonly figures: readonly { readonly name: string; readonly value: string }[];
}

/** Sorts metrics into charts, one a unit and kind, and single figures. */
export function metricView(metrics: readonly Metric[]): MetricView {
  const figures: { name: string; value: string }[] = [];
  const groups = new Map<string, { unit: MetricUnit; isAccumulated: boolean; members: Series[] }>();
  const add = (kind: string, series: Series, unit: MetricUnit): void => {
    const key = `${kind} ${unit}`;
    const group = groups.get(key) ?? { unit, isAccumulated: kind === "accumulation", members: [] };
    groups.set(key, group);
    group.members.push(series);
  };
  for (const metric of metrics) {
    if ("scalar" in metric) {
      const { name, unit, value } = metric.scalar;
      figures.push({ name, value: quantity(value, unit) });
    } else if ("label" in metric) {
      figures.push({ name: metric.label.name, value: metric.label.values.join(", ") });
    } else if ("gauge" in metric) add("gauge", metric.gauge, metric.gauge.unit);
    else add("accumulation", metric.accumulation, metric.accumulation.unit);
  }
  return { figures, charts: [...groups.values()].map(chartOf) };
}

interface Series {
  readonly name: string;
  readonly values: readonly (readonly [number, number])[];
}

function chartOf(group: { unit: MetricUnit; isAccumulated: boolean; members: readonly Series[] }): Chart {
  const { unit, isAccumulated, members } = group;
  const times = [...new Set(members.flatMap(({ values }) => values.map(([time]) => time)))].sort(
    (a, b) => a - b,
  );
  const series = members.map(({ name, values }) => {
    const known = new Map(values.map(([time, value]) => [time, value]));
    return { name, values: times.map((time) => known.get(time) ?? null) };
  });
  return { unit, times, series, isAccumulated };
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** A figure with its unit, rounded for reading. */
export function quantity(value: number, unit: MetricUnit | "records"): string {
  if (unit === "usd") return `$${value.toFixed(2)}`;
  if (unit !== "bytes") return Math.round(value).toLocaleString("en-US");
  let scaled = value;
  let index = 0;
  while (scaled >= 1024 && index < BYTE_UNITS.length - 1) {
    scaled /= 1024;
    index += 1;
  }
  const digits = index === 0 || scaled >= 100 ? 0 : 1;
  return `${scaled.toFixed(digits)} ${BYTE_UNITS[index]}`;
}
