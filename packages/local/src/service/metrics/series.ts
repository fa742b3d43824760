import type { MetricPoint, TimeseriesInterval } from "@s2-dev/streamstore-core";

/** Seconds of each interval. */
export const INTERVAL_SECS = { minute: 60, hour: 3600, day: 86_400 } as const satisfies Record<
  TimeseriesInterval,
  number
>;

/** How long figures are kept by the minute, and by the hour: so a series has at most 1440 and 2160 of them. */
const MINUTES_KEPT = 24 * 60;
const HOURS_KEPT = 90 * 24;

/** A range of time in seconds since the epoch: `from` is a multiple of the step, `to` is exclusive. */
export interface Buckets {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Sums by time: what happened within each interval. */
export class Accumulation {
  readonly #minutes = new Map<number, number>();
  readonly #hours = new Map<number, number>();

  /** @param epochMillis when it happened; never much before what was told already. */
  add(epochMillis: number, amount: number): void {
    const minute = Math.floor(epochMillis / 60_000);
    addTo(this.#minutes, minute, amount, MINUTES_KEPT);
    addTo(this.#hours, Math.floor(minute / 60), amount, HOURS_KEPT);
  }

  /** The intervals in which something happened. */
  points({ from, to, step }: Buckets): MetricPoint[] {
    const [source, width] = step < 3600 ? [this.#minutes, 60] : [this.#hours, 3600];
    const sums = new Map<number, number>();
    for (const [index, amount] of source) {
      const bucket = Math.floor((index * width) / step) * step;
      if (bucket >= from && bucket < to) sums.set(bucket, (sums.get(bucket) ?? 0) + amount);
    }
    return [...sums].sort(([left], [right]) => left - right);
  }
}

function addTo(sums: Map<number, number>, index: number, amount: number, kept: number): void {
  const before = sums.get(index);
  sums.set(index, (before ?? 0) + amount);
  if (before !== undefined) return;
  // Time goes on, so what was put in first is the oldest.
  for (const oldest of sums.keys()) {
    if (oldest > index - kept) break;
    sums.delete(oldest);
  }
}

/** A value over time: what it was at each instant. Exact at whole minutes of the last day, and at whole hours. */
export class Gauge {
  readonly #minutes: [index: number, value: number][] = [];
  readonly #hours: [index: number, value: number][] = [];
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(epochMillis: number, value: number): void {
    this.#value = value;
    const minute = Math.floor(epochMillis / 60_000);
    change(this.#minutes, minute, value, MINUTES_KEPT);
    change(this.#hours, Math.floor(minute / 60), value, HOURS_KEPT);
  }

  /** The value at every instant of the range; at one whose interval is not over yet, the present value. */
  points({ from, to, step }: Buckets, nowSecs: number): MetricPoint[] {
    const [changes, width] = step < 3600 ? [this.#minutes, 60] : [this.#hours, 3600];
    const points: MetricPoint[] = [];
    let next = 0;
    let value = 0;
    for (let at = from; at < to; at += step) {
      // The last change within an earlier minute or hour is what holds when the next one begins.
      for (; next < changes.length && (changes[next]?.[0] ?? 0) * width < at; next += 1) {
        value = changes[next]?.[1] ?? 0;
      }
      points.push([at, at + step > nowSecs ? this.#value : value]);
    }
    return points;
  }
}

/** Keeps the last value of each minute or hour in which it changed, and one from before what is kept. */
function change(changes: [number, number][], index: number, value: number, kept: number): void {
  const last = changes[changes.length - 1];
  if (last !== undefined && last[0] >= index) {
    last[1] = value;
    return;
  }
  changes.push([index, value]);
  let old = 0;
  while ((changes[old + 1]?.[0] ?? index) <= index - kept) old += 1;
  if (old > 0) changes.splice(0, old);
}
