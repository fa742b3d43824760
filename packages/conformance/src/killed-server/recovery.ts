import type { WrittenBatch } from "./writer.js";

/** A kill, and when the server was up again; by the clock of `WrittenBatch.settledAt`. */
export interface Outage {
  readonly killedAt: number;
  readonly upAt: number;
}

/** Middle and most of several durations, in whole milliseconds. */
export interface Spread {
  readonly middle: number;
  readonly most: number;
}

/** How long the server was away, and how long it took until what was written after a kill was acknowledged again. */
export interface Recovery {
  readonly away: Spread;
  readonly recovered: Spread;
}

export function measureRecovery(outages: readonly Outage[], batches: readonly WrittenBatch[]): Recovery {
  const acknowledgedAt = batches
    .flatMap(({ ack, settledAt }) => (ack === undefined || settledAt === undefined ? [] : [settledAt]))
    .sort((one, other) => one - other);
  return {
    away: spreadOf(outages.map(({ killedAt, upAt }) => upAt - killedAt)),
    recovered: spreadOf(
      outages.map(({ killedAt, upAt }) => {
        // What comes before the server is up was on its way already.
        const first = acknowledgedAt.find((at) => at >= upAt);
        return (first ?? Number.POSITIVE_INFINITY) - killedAt;
      }),
    ),
  };
}

function spreadOf(durations: readonly number[]): Spread {
  const sorted = [...durations].sort((one, other) => one - other).map(Math.round);
  return { middle: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
}
