import { expectedDigest, expectedTotals } from "../fixture/digest.js";
import type { ClientResult, Delivered, Job } from "../job.js";
import type { Seen } from "./servers.js";

/** Says how a run differs from what every party must deliver, if it does. */
export function faultOf(job: Job, result: ClientResult, seen: Seen): string | undefined {
  switch (job.work) {
    case "append":
    case "append-writable":
    case "batch-transform":
    case "producer":
    case "round-trip":
    case "unary-append":
      return appendFault(job, seen);
    case "read":
    case "unary-read":
      return (
        result.rounds.map((_, index) => readFault(job, result, index)).find(Boolean) ??
        rawFault(job, result, seen)
      );
    case "tails":
      return tailsFault(job, result);
    case "open-append":
      return differs("sessions that appended", seen.appended.count, sum(job.rounds));
    default:
      return undefined;
  }
}

function appendFault(job: Job, { appended }: Seen): string | undefined {
  let count = 0;
  let bytes = 0;
  for (const records of job.rounds) {
    count += records;
    bytes += expectedTotals(job.shape, records).bodyBytes;
  }
  return (
    differs("appended records", appended.count, count) ??
    (appended.bytes === undefined ? undefined : differs("appended bytes", appended.bytes, bytes)) ??
    (job.verify && appended.bytes !== undefined
      ? differs("the checksum of what was appended", appended.digest, expectedDigest(job.shape, 0, count))
      : undefined)
  );
}

function readFault(job: Job, { rounds }: ClientResult, index: number): string | undefined {
  if (job.party === "parse") return undefined;
  const records = job.rounds[index] ?? 0;
  const delivered = rounds[index]?.delivered;
  const count = differs("read records", delivered?.count, records);
  if (count !== undefined || job.party === "floor") return count;
  return contentFault(job, delivered, records, 1);
}

/** What readers got, `records` each. */
function contentFault(
  job: Job,
  delivered: Delivered | undefined,
  records: number,
  readers: number,
): string | undefined {
  const expected = expectedTotals(job.shape, records);
  const length = job.format === "string" && job.party !== "rust" ? expected.units : expected.bytes;
  return (
    differs("read lengths", delivered?.bytes, length * readers) ??
    differs("read positions", delivered?.seqSum, expected.seqSum * readers) ??
    (job.verify
      ? differs(
          "the checksum of what was read",
          delivered?.digest,
          expectedDigest(job.shape, job.start, records),
        )
      : undefined)
  );
}

/** The floor decodes nothing: it must have got every byte that left the server. */
function rawFault(job: Job, { rounds }: ClientResult, { served }: Seen): string | undefined {
  if (job.party !== "floor" || served === undefined) return undefined;
  const raw = sum(rounds.map((round) => round.delivered?.raw ?? 0));
  // The end of an event stream is no batch.
  const rest =
    job.transport === "fetch" && job.work === "read" ? job.rounds.length * "data: [DONE]\n\n".length : 0;
  return differs("received bytes", raw, served + rest);
}

function tailsFault(job: Job, { rounds }: ClientResult): string | undefined {
  return rounds
    .map(({ delivered }, index) => {
      const records = job.rounds[index] ?? 0;
      const count = differs("live records", delivered?.count, records);
      if (count !== undefined || job.party === "floor") return count;
      return contentFault(job, delivered, records / job.tails, job.tails);
    })
    .find(Boolean);
}

function differs(what: string, got: number | undefined, expected: number | undefined): string | undefined {
  return got === expected ? undefined : `${what}: ${got}, not ${expected}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
