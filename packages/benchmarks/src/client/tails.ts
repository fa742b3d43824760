import type { Job, Round } from "../job.js";
import { settledMemory, startMeter } from "./measure.js";
import { publish, type Worker } from "./worker.js";

/** One live reader: counts its records and stops when told. */
export interface OpenTail {
  stop(): unknown;
}

/**
 * The work `tails`, for any party: opens the tails, waits until nothing moves, notes the memory, then lets each get its
 * share of the round's records. What is measured is the live part.
 */
export function tailsWorker(
  job: Job,
  open: (index: number, onRecords: (count: number) => void) => Promise<OpenTail>,
): Worker {
  return async (records) => {
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
    for (let index = 0; index < job.tails; index++) tails.push(await open(index, onRecords));
    const idleMemory = (await settledMemory()) - before;
    const meter = startMeter();
    await publish(job, records / job.tails / job.shape.batch);
    await done;
    const live = meter.stop(records);
    await Promise.all(tails.map((tail) => tail.stop()));
    const round: Partial<Round> = {
      ...live,
      idleMemory,
      delivered: { count: received, bytes: received * job.shape.size, seqSum: 0 },
    };
    return round;
  };
}
