import type { S2Stream } from "@s2-dev/streamstore";
import { acquireLease, LeaseLostError } from "@s2-dev/streamstore-patterns/lease";
import { laneUnder, type OpenJob, openJobs } from "./lane.js";

export interface WorkerOptions {
  /** At most 16 bytes. */
  readonly name: string;
  /** Does a job. It may be called again for the same job if the worker dies before that is recorded. */
  readonly work: (job: OpenJob, signal: AbortSignal) => Promise<void>;
  /** How long a worker that has died keeps its lane, in milliseconds. */
  readonly ttlMillis: number;
  /** Attempts after which a job is left to people. */
  readonly maxFailures: number;
}

/**
 * Works a lane off until it holds no open job: waits for its lease, then does one job after the other. Whoever loses the
 * lease in between stands in line again. Gives how many jobs it has recorded as done.
 */
export async function workOff(stream: S2Stream, options: WorkerOptions): Promise<number> {
  const tally = { done: 0 };
  for (;;) {
    try {
      await workUnderLease(stream, options, tally);
      return tally.done;
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
}

async function workUnderLease(
  stream: S2Stream,
  { name, work, ttlMillis, maxFailures }: WorkerOptions,
  tally: { done: number },
): Promise<void> {
  await using lease = await acquireLease(stream, {
    owner: name,
    wait: true,
    ttlMillis,
    pollMillis: ttlMillis / 10,
    clockSkewMillis: ttlMillis / 10,
  });
  const lane = laneUnder(lease, stream);
  for (;;) {
    const [job] = await openJobs(stream, maxFailures);
    if (job === undefined) return;
    try {
      await work(job, lease.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await lane.append({ job: job.seqNum, by: name, reason }, { type: "failed" });
      continue;
    }
    // Refused when the lease was lost meanwhile: then somebody else does the job again, and records it.
    await lane.append({ job: job.seqNum, by: name }, { type: "done" });
    tally.done += 1;
  }
}
