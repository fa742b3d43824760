import { describe, expect, it } from "vitest";
import { RangeNotSatisfiableError, S2Error } from "../../error/s2-error.js";
import { readRecords } from "../../testing/index.js";
import { ReadCursor, type ReadRange } from "./cursor.js";

const records = (first: number, count: number, tail?: number) => ({
  records: readRecords(first, count),
  tail: tail === undefined ? undefined : { seq_num: tail, timestamp: tail },
  meteredBytes: count * 10,
  failure: undefined,
});
const heartbeat = (tail: number) => records(0, 0, tail);
const asked = (cursor: ReadCursor, now = 0): ReadRange =>
  JSON.parse(JSON.stringify(cursor.range(now))) as ReadRange;

describe("the wait that a resume asks for [D1-35]", () => {
  it("is whole while the read catches up, however long that takes", () => {
    const cursor = new ReadCursor({ seq_num: 0, wait: 10 });
    cursor.advance(records(0, 5), 1000);
    cursor.advance(records(5, 5), 90_000);
    expect(cursor.range(100_000).wait).toBe(10);
  });

  it("is armed by the first heartbeat, and left alone by later ones", () => {
    const cursor = new ReadCursor({ seq_num: 0, wait: 10 });
    cursor.advance(heartbeat(0), 1000);
    cursor.advance(heartbeat(0), 4000);
    expect(cursor.range(5000).wait).toBe(6);
  });

  it("is restarted by records once armed, and not by heartbeats after them", () => {
    const cursor = new ReadCursor({ seq_num: 0, wait: 10 });
    cursor.advance(heartbeat(0), 0);
    cursor.advance(records(0, 1, 1), 8000);
    cursor.advance(heartbeat(1), 9000);
    expect(cursor.range(10_000).wait).toBe(8);
  });

  it("is rounded up to whole seconds, and never below zero [H-11]", () => {
    const cursor = new ReadCursor({ seq_num: 0, wait: 10 });
    cursor.advance(heartbeat(0), 0);
    expect(cursor.range(1).wait).toBe(10);
    expect(cursor.range(9001).wait).toBe(1);
    expect(cursor.range(99_000).wait).toBe(0);
  });

  it("is left out when none was asked for", () => {
    const cursor = new ReadCursor({ seq_num: 0 });
    cursor.advance(heartbeat(0), 0);
    expect(cursor.range(5000).wait).toBeUndefined();
  });
});

describe("the start that a resume asks for", () => {
  it("keeps zero as a value [D1-2]", () => {
    expect(asked(new ReadCursor({ seq_num: 0 }))).toEqual({ seq_num: 0 });
    expect(asked(new ReadCursor({ timestamp: 0 }))).toEqual({ timestamp: 0 });
    expect(asked(new ReadCursor({ tail_offset: 0 }))).toEqual({ tail_offset: 0 });
    expect(asked(new ReadCursor({ count: 0, bytes: 0, until: 0, wait: 0 }))).toEqual({
      count: 0,
      bytes: 0,
      until: 0,
      wait: 0,
    });
  });

  it("is never moved by a heartbeat once records have fixed it", () => {
    const cursor = new ReadCursor({ seq_num: 0 });
    cursor.advance(records(0, 3), 0);
    cursor.advance(heartbeat(50), 0);
    expect(asked(cursor)).toEqual({ seq_num: 3 });
  });

  it("is not moved by a heartbeat ahead of an absolute start either", () => {
    const cursor = new ReadCursor({ seq_num: 5 });
    cursor.advance(heartbeat(50), 0);
    expect(asked(cursor)).toEqual({ seq_num: 5 });
  });

  it("is the tail that the first heartbeat names when it was relative, and stays there", () => {
    const cursor = new ReadCursor({ tail_offset: 0 });
    cursor.advance(heartbeat(50), 0);
    cursor.advance(heartbeat(60), 0);
    expect(asked(cursor)).toEqual({ seq_num: 50 });
  });

  it("stays relative while a heartbeat names no tail", () => {
    const cursor = new ReadCursor({ tail_offset: 1 });
    cursor.advance(records(0, 0), 0);
    expect(asked(cursor)).toEqual({ tail_offset: 1 });
  });
});

describe("the limits that a resume asks for", () => {
  it("never go below zero, and say when they are used up", () => {
    const cursor = new ReadCursor({ seq_num: 0, bytes: 25 });
    expect(cursor.isSatisfied).toBe(false);
    cursor.advance(records(0, 3), 0);
    expect(cursor.range(0).bytes).toBe(0);
    expect(cursor.isSatisfied).toBe(true);
  });

  it("of zero are the server's to end: nothing has come yet", () => {
    expect(new ReadCursor({ seq_num: 0, count: 0 }).isSatisfied).toBe(false);
  });
});

describe("what comes before the place where a read goes on", () => {
  const repetition = (cursor: ReadCursor, first: number, count = 1) =>
    cursor.repetitionIn(records(first, count));

  it("is a repetition: before an absolute start, and before the end of what was received", () => {
    const cursor = new ReadCursor({ seq_num: 5 });
    cursor.range(0);
    expect(repetition(cursor, 4)).toEqual({ seqNum: 4, expected: 5 });
    expect(repetition(cursor, 5, 3)).toBeUndefined();
    cursor.advance(records(5, 3), 0);
    expect(repetition(cursor, 7)).toEqual({ seqNum: 7, expected: 8 });
    cursor.range(0);
    expect(repetition(cursor, 7, 2)).toEqual({ seqNum: 7, expected: 8 });
    expect(repetition(cursor, 8)).toBeUndefined();
  });

  it("is none where records were trimmed away in between, nor a heartbeat", () => {
    const cursor = new ReadCursor({ seq_num: 5 });
    cursor.range(0);
    expect(repetition(cursor, 50)).toBeUndefined();
    expect(cursor.repetitionIn(heartbeat(2))).toBeUndefined();
  });

  it("cannot be told before a relative start is known, nor for a start that is clamped", () => {
    for (const range of [{ tail_offset: 3 }, { timestamp: 9 }, { seq_num: 50, clamp: true }]) {
      const cursor = new ReadCursor(range);
      cursor.range(0);
      expect(repetition(cursor, 7)).toBeUndefined();
      cursor.advance(records(7, 1), 0);
      cursor.range(0);
      expect(repetition(cursor, 7)).toEqual({ seqNum: 7, expected: 8 });
    }
  });

  it("is what goes back within a batch", () => {
    const cursor = new ReadCursor({ seq_num: 0 });
    const [first, second] = readRecords(0, 2);
    if (first === undefined || second === undefined) throw new Error("no records");
    const batch = { ...records(0, 0), records: [second, first] };
    expect(cursor.repetitionIn(batch)).toEqual({ seqNum: 0, expected: 2 });
  });
});

describe("a link that breaks", () => {
  const lost = new S2Error({ message: "lost", code: "CONNECTION_LOST" });
  const beyond = (seq_num: number) => new RangeNotSatisfiableError({ tail: { seq_num, timestamp: 0 } });

  it("leaves nothing to ask for once a limit is used up [D2-14]", () => {
    const cursor = new ReadCursor({ seq_num: 0, count: 2 });
    cursor.advance(records(0, 1), 0);
    expect(cursor.isCompleteDespite(lost)).toBe(false);
    cursor.advance(records(1, 1), 0);
    expect(cursor.isCompleteDespite(lost)).toBe(true);
  });

  it("leaves nothing to ask for when it resumes exactly at the tail [H-11]", () => {
    const cursor = new ReadCursor({ seq_num: 0, until: 9 });
    cursor.advance(records(0, 2), 0);
    expect(cursor.isCompleteDespite(beyond(2))).toBe(true);
    expect(cursor.isCompleteDespite(beyond(1))).toBe(false);
    expect(cursor.isCompleteDespite(new RangeNotSatisfiableError())).toBe(false);
  });

  it("leaves all to ask for when nothing has come yet, wherever the tail is", () => {
    const cursor = new ReadCursor({ seq_num: 2 });
    expect(cursor.isCompleteDespite(beyond(2))).toBe(false);
    expect(new ReadCursor({ tail_offset: 0 }).isCompleteDespite(new RangeNotSatisfiableError())).toBe(false);
  });
});
