import type { FigureName } from "../cases/case.js";
import type { ClientResult, Job, Round } from "../job.js";

/** The figures of one client process. */
export type Figures = Partial<Record<FigureName, number>>;

/** Middle and extremes of a figure over the rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Spreads = Partial<Record<FigureName, Spread>>;

export function figuresOf(job: Job, result: ClientResult): Figures {
  const [cold, ...later] = result.rounds;
  if (cold === undefined) throw new Error("a result has at least one round");
  const figures: Figures = {
    cold: cold.cpuMicros / cold.records,
    wall: cold.wallMicros,
    peak: result.peakMemory,
    rate: rateOf(cold),
  };
  if (job.work === "slow-reader") figures.memory = result.peakMemory - result.baseMemory;
  if (cold.idleMemory !== undefined) figures.memory = cold.idleMemory;
  if (later.length > 0) {
    figures.warm = median(later.map((round) => round.cpuMicros / round.records));
    figures.rate = median(later.map(rateOf));
  }
  const latencies = (later.length > 0 ? later : [cold]).flatMap((round) => round.latencies ?? []);
  if (latencies.length > 0) {
    latencies.sort((a, b) => a - b);
    figures.p50 = latencies[Math.floor(latencies.length * 0.5)]!;
    figures.p99 = latencies[Math.floor(latencies.length * 0.99)]!;
  }
  return figures;
}

export function spreadsOf(runs: readonly Figures[]): Spreads {
  const spreads: Spreads = {};
  const names = new Set(runs.flatMap((run) => Object.keys(run) as FigureName[]));
  for (const name of names) {
    const values = runs.flatMap((run) => run[name] ?? []);
    spreads[name] = { median: median(values), min: Math.min(...values), max: Math.max(...values) };
  }
  return spreads;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) throw new Error("nothing has no median");
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function rateOf(round: Round): number {
  return round.records / (round.wallMicros / 1e6);
}
