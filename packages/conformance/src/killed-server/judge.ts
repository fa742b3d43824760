import type { Followed } from "./follower.js";
import type { Written, WrittenBatch } from "./writer.js";

/** What was on its way when the server was killed: batches from `from` up to `to`. */
export interface Exposure {
  readonly from: number;
  readonly to: number;
}

/** What a run left behind. */
export interface Evidence {
  readonly written: Written;
  /** Bodies by sequence number. */
  readonly log: ReadonlyMap<number, string>;
  readonly followed: readonly Followed[];
  readonly tail: number;
  readonly exposures: readonly Exposure[];
  /** Deadline of an acknowledgement, in milliseconds. */
  readonly ackDeadline: number;
}

/** What was seen in a run; everything but the first group must be 0. */
export interface Verdict {
  readonly records: number;
  readonly acknowledged: number;
  /** Records reported as failed without effect. */
  readonly failedNone: number;
  /** Records reported as failed, outcome possible; and those of them that the log has. */
  readonly failedPossible: number;
  readonly possibleInLog: number;
  /** Batches that the log has more than once. */
  readonly duplicated: number;
  readonly sessionsFailed: number;

  /** Records acknowledged that the log does not have where the acknowledgement says. */
  readonly lost: number;
  /** Records reported as failed without effect that the log has. */
  readonly wronglyDenied: number;
  /** Batches more than once in the log that were neither unacknowledged at a kill nor overdue. */
  readonly duplicatedWithoutCause: number;
  /** Batches of which the log has a part only. */
  readonly torn: number;
  /** Records in the log before one that was submitted earlier, duplicates apart. */
  readonly outOfOrder: number;
  /** Sequence numbers that a follower saw twice, not at all, or too early. */
  readonly followerFaults: number;
}

export function judge({ written, log, followed, tail, exposures, ackDeadline }: Evidence): Verdict {
  const { batches, failures } = written;
  const copies = countCopies(log);
  const copiesOf = (batch: WrittenBatch): number[] =>
    Array.from({ length: batch.count }, (_, index) => copies.get(batch.first + index) ?? 0);
  const recordsOf = (some: readonly WrittenBatch[]): number =>
    some.reduce((sum, { count }) => sum + count, 0);
  const inLog = (some: readonly WrittenBatch[]): number =>
    some.flatMap(copiesOf).filter((count) => count > 0).length;

  const acknowledged = batches.filter(({ ack }) => ack !== undefined);
  const failed = batches.filter(({ error }) => error !== undefined);
  const denied = failed.filter(({ error }) => error?.sideEffect === "none");
  const possible = failed.filter(({ error }) => error?.sideEffect === "possible");
  const doubled = batches
    .map((batch, index) => ({ batch, index }))
    .filter(({ batch }) => Math.max(...copiesOf(batch)) > 1);
  const hasCause = ({ batch, index }: { batch: WrittenBatch; index: number }): boolean =>
    batch.took >= ackDeadline || exposures.some(({ from, to }) => from <= index && index < to);
  return {
    records: recordsOf(batches),
    acknowledged: recordsOf(acknowledged),
    failedNone: recordsOf(denied),
    failedPossible: recordsOf(possible),
    possibleInLog: inLog(possible),
    duplicated: doubled.length,
    sessionsFailed: failures.length,
    lost: acknowledged.reduce((sum, batch) => sum + missing(batch, log), 0),
    wronglyDenied: inLog(denied),
    duplicatedWithoutCause: doubled.filter((one) => !hasCause(one)).length,
    torn: batches.filter((batch) => new Set(copiesOf(batch)).size > 1).length,
    outOfOrder: countOutOfOrder(log),
    followerFaults: followed.reduce((sum, { seen }) => sum + countFollowerFaults(seen, tail), 0),
  };
}

function numberOf(body: string): number {
  return Number.parseInt(body, 10);
}

function countCopies(log: ReadonlyMap<number, string>): Map<number, number> {
  const copies = new Map<number, number>();
  for (const body of log.values()) copies.set(numberOf(body), (copies.get(numberOf(body)) ?? 0) + 1);
  return copies;
}

function missing({ first, count, ack }: WrittenBatch, log: ReadonlyMap<number, string>): number {
  let lost = 0;
  for (let index = 0; index < count; index += 1) {
    const body = log.get((ack?.start.seq_num ?? Number.NaN) + index);
    if (body === undefined || numberOf(body) !== first + index) lost += 1;
  }
  return lost;
}

function countOutOfOrder(log: ReadonlyMap<number, string>): number {
  const met = new Set<number>();
  let highest = -1;
  let outOfOrder = 0;
  for (const body of log.values()) {
    const number = numberOf(body);
    if (!met.has(number) && number < highest) outOfOrder += 1;
    met.add(number);
    highest = Math.max(highest, number);
  }
  return outOfOrder;
}

function countFollowerFaults(seen: readonly number[], tail: number): number {
  let faults = Math.max(0, seen.length - tail);
  for (let seqNum = 0; seqNum < tail; seqNum += 1) if (seen[seqNum] !== seqNum) faults += 1;
  return faults;
}
