import type { Delivered, Job, Round } from "../job.js";
import { settledMemory, startMeter } from "./measure.js";
import { Tally } from "./tally.js";
import { publish, type Worker } from "./worker.js";

/** One live reader: counts its records and stops when told. */
export interface OpenTail {
  stop(): unknown;
}

/**
 * The work `tails`, for any party: opens the tails, waits until nothing moves, notes the memory, then lets each get its
 * share of the round's records, which it adds to its tally if it decodes them. What is measured is the live part.
 */
export function tailsWorker(
  job: Job,
  open: (index: number, onRecords: (count: number) => void, tally: Tally) => Promise<OpenTail>,
): Worker {
  return async (records) => {
    const tallies = Array.from({ length: job.tails }, () => new Tally(job));
    const before = await settledMemory();
    let received = 0;
    let complete = (): void => {};
    const done = new Promise<void>((resolve) => {
      complete = resolve;
    });
    const onRecords = (count: number): void => {
      received += count;
      if (received >= records) complete();
    };
    const tails: OpenTail[] = [];
    for (const [index, tally] of tallies.entries()) tails.push(await open(index, onRecords, tally));
    const idleMemory = (await settledMemory()) - before;
    const meter = startMeter();
    await publish(job, records / job.tails / job.shape.batch);
    await done;
    const live = meter.stop(records);
    await Promise.all(tails.map((tail) => tail.stop()));
    const round: Partial<Round> = {
      ...live,
      idleMemory,
      delivered: { ...together(tallies), count: received },
    };
    return round;
  };
}

/** The sums over all tails; the checksum only if it is the same for each, as it has to be. */
function together(tallies: readonly Tally[]): Delivered {
  const each = tallies.map((tally) => tally.result());
  const { digest } = each[0] ?? {};
  const sums: Delivered = {
    count: each.reduce((sum, { count }) => sum + count, 0),
    bytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
    seqSum: each.reduce((sum, { seqSum }) => sum + seqSum, 0),
  };
  if (digest !== undefined && each.every((one) => one.digest === digest)) sums.digest = digest;
  return sums;
}
