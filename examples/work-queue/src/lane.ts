import type { S2Stream } from "@s2-dev/streamstore";
import type { Lease } from "@s2-dev/streamstore-patterns/lease";
import { type TypedSource, typed } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";

/** What a lane holds: jobs from anybody, and what became of them from the worker that has the lease. */
const entries = {
  job: z.object({ name: z.string() }),
  /** `job` is the sequence number of the job. */
  done: z.object({ job: z.number(), by: z.string() }),
  failed: z.object({ job: z.number(), by: z.string(), reason: z.string() }),
};

/** One lane of the queue. Lanes are worked off side by side, the jobs of one lane one after the other. */
export const laneOf = (source: TypedSource) => typed(source, { union: entries });

/** The same lane, for the one who holds its lease: the service refuses these appends from anybody else. */
export function laneUnder(lease: Lease, stream: S2Stream) {
  return laneOf({
    append: (records, args, options) =>
      lease.append(records, { match_seq_num: args?.match_seq_num ?? undefined }, options),
    appendSession: (...args) => stream.appendSession(...args),
    readSession: (...args) => stream.readSession(...args),
  });
}

/** A job that nothing has become of yet. */
export interface OpenJob {
  readonly seqNum: number;
  readonly name: string;
  /** Attempts that have failed. */
  readonly failures: number;
}

/** The open jobs of a lane, oldest first, as its entries tell. */
export async function openJobs(stream: S2Stream, maxFailures: number): Promise<OpenJob[]> {
  const jobs = new Map<number, OpenJob>();
  const lane = laneOf(stream);
  let messages = await lane.read();
  while (messages.length > 0) {
    for (const { type, value, seq_num } of messages) {
      if (type === "job") jobs.set(seq_num, { seqNum: seq_num, name: value.name, failures: 0 });
      else if (type === "done") jobs.delete(value.job);
      else {
        const job = jobs.get(value.job);
        if (job !== undefined) jobs.set(job.seqNum, { ...job, failures: job.failures + 1 });
      }
    }
    messages = await lane.read({ resume: messages[messages.length - 1]?.resume });
  }
  return [...jobs.values()].filter(({ failures }) => failures < maxFailures);
}
