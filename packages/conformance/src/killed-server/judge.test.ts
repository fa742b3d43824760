import { S2Error } from "@s2-dev/streamstore";
import { describe, expect, it } from "vitest";
import { type Evidence, judge, type Verdict } from "./judge.js";
import type { WrittenBatch } from "./writer.js";

const acked = (first: number, count: number, at: number, took = 1): WrittenBatch => ({
  first,
  count,
  took,
  ack: {
    start: { seq_num: at, timestamp: 0 },
    end: { seq_num: at + count, timestamp: 0 },
    tail: { seq_num: at + count, timestamp: 0 },
  },
});
const failed = (first: number, sideEffect: "none" | "possible"): WrittenBatch => ({
  first,
  count: 1,
  took: 1,
  error: new S2Error({ message: "m", sideEffect }),
});

/** A verdict on batches, and a log whose records are these numbers. */
function verdictOn(batches: WrittenBatch[], log: number[], more: Partial<Evidence> = {}): Verdict {
  return judge({
    written: { batches, failures: [] },
    log: new Map(log.map((number, seqNum) => [seqNum, `${number} xx`])),
    followed: [{ seen: log.map((_, seqNum) => seqNum), failure: undefined }],
    tail: log.length,
    exposures: [],
    ackDeadline: 5000,
    ...more,
  });
}

const FLAWLESS = {
  lost: 0,
  wronglyDenied: 0,
  duplicatedWithoutCause: 0,
  torn: 0,
  outOfOrder: 0,
  followerFaults: 0,
};

describe("the judge of a run", () => {
  it("finds nothing wrong with what is where it was acknowledged", () => {
    expect(verdictOn([acked(0, 2, 0), acked(2, 1, 2)], [0, 1, 2])).toMatchObject({
      ...FLAWLESS,
      acknowledged: 3,
    });
  });

  it("finds what was acknowledged and is not there, or not there where the ack says", () => {
    expect(verdictOn([acked(0, 2, 0)], []).lost).toBe(2);
    expect(verdictOn([acked(0, 2, 1)], [0, 1]).lost).toBe(2);
  });

  it("finds what was said to have no effect, and is there", () => {
    expect(verdictOn([failed(0, "none")], [0])).toMatchObject({ failedNone: 1, wronglyDenied: 1 });
    expect(verdictOn([failed(0, "none")], [])).toMatchObject({ ...FLAWLESS, failedNone: 1 });
  });

  it("allows what may have had one, there or not", () => {
    const verdict = verdictOn([failed(0, "possible"), failed(1, "possible")], [1]);
    expect(verdict).toMatchObject({ ...FLAWLESS, failedPossible: 2, possibleInLog: 1 });
  });

  it("allows a batch twice only where it was on its way at a kill, or its ack overdue", () => {
    const twice = [0, 1, 0, 1];
    const batches = [acked(0, 2, 2)];
    expect(verdictOn(batches, twice)).toMatchObject({ duplicated: 1, duplicatedWithoutCause: 1 });
    const exposures = [{ from: 0, to: 1 }];
    expect(verdictOn(batches, twice, { exposures })).toMatchObject({ ...FLAWLESS, duplicated: 1 });
    expect(verdictOn([acked(0, 2, 2, 5000)], twice).duplicatedWithoutCause).toBe(0);
    expect(verdictOn(batches, twice, { exposures: [{ from: 1, to: 2 }] }).duplicatedWithoutCause).toBe(1);
  });

  it("finds a batch of which a part is there, and records out of order", () => {
    expect(verdictOn([acked(0, 2, 0)], [0]).torn).toBe(1);
    expect(verdictOn([acked(0, 1, 1), acked(1, 1, 0)], [1, 0]).outOfOrder).toBe(1);
  });

  it("finds what a follower saw twice, not at all, or too much of", () => {
    const followed = (...numbers: number[]) => ({ seen: numbers, failure: undefined });
    const seen = (...numbers: number[]) => ({ followed: [followed(...numbers)] });
    expect(verdictOn([], [5, 6], seen(0, 0)).followerFaults).toBe(1);
    expect(verdictOn([], [5, 6], seen(0)).followerFaults).toBe(1);
    expect(verdictOn([], [5, 6], seen(0, 1, 2)).followerFaults).toBe(1);
    expect(verdictOn([], [5, 6], { followed: [followed(0, 1), followed(0)] }).followerFaults).toBe(1);
  });
});
