import { describe, expect, test } from "vitest";
import { bodies, createHarness, type Harness, refusal, START, trim, wordOf } from "../../test/harness.js";
import { boundUnary, checkReadRange, type ReadRequest } from "./read-bounds.js";
import { readOnce } from "./read-session.js";

const seqNum = (value: number): Pick<ReadRequest, "from"> => ({ from: { kind: "seq_num", value } });
const timestamp = (value: number): Pick<ReadRequest, "from"> => ({ from: { kind: "timestamp", value } });
const tailOffset = (value: number): Pick<ReadRequest, "from"> => ({ from: { kind: "tail_offset", value } });
const TAIL_3 = '416 {"tail":{"seq_num":3,"timestamp":30}}';

/** A stream with the records a, b and c at 10, 20 and 30. */
async function abc(options?: Parameters<typeof createHarness>[0]): Promise<Harness> {
  const harness = await createHarness(options);
  await harness.append([
    { body: "a", timestamp: 10 },
    { body: "b", timestamp: 20 },
  ]);
  await harness.append([{ body: "c", timestamp: 30 }]);
  return harness;
}

describe("the start", () => {
  test.each([
    ["a sequence number", seqNum(1), ["1:b", "2:c"]],
    ["a timestamp that a record has", timestamp(20), ["1:b", "2:c"]],
    ["a timestamp between records", timestamp(11), ["1:b", "2:c"]],
    ["a number of records before the tail", tailOffset(1), ["2:c"]],
    ["more records than there are", tailOffset(99), ["0:a", "1:b", "2:c"]],
  ])("is %s", async (_name, from, found) => {
    const { read } = await abc();
    expect(await read({ ...from, count: 9 })).toEqual(found);
  });

  test("beyond the tail is refused with the tail, unless clamped to it", async () => {
    const { open } = await abc();
    expect(await refusal(open(seqNum(4)))).toBe(TAIL_3);
    expect(await refusal(open(timestamp(31)))).toBe(TAIL_3);
    for (const from of [seqNum(4), timestamp(31)]) {
      const session = await open({ ...from, clamp: true });
      expect(wordOf(await session.next())).toBe("heartbeat tail=3");
      session.close();
    }
  });

  test("at the tail is refused when the read may not follow, clamped or not", async () => {
    const { open } = await abc();
    for (const bound of [{ count: 1 }, { bytes: 1 }, { until: 99 }, { count: 1, waitSecs: 0 }]) {
      expect(await refusal(open({ ...seqNum(3), ...bound }))).toBe(TAIL_3);
      expect(await refusal(open({ ...seqNum(9), clamp: true, ...bound }))).toBe(TAIL_3);
      expect(await refusal(open({ ...tailOffset(0), ...bound }))).toBe(TAIL_3);
    }
  });

  test("at the tail of an empty stream is refused too", async () => {
    const { open } = await createHarness();
    expect(await refusal(open({ ...seqNum(0), count: 1 }))).toBe('416 {"tail":{"seq_num":0,"timestamp":0}}');
    expect(await refusal(open({ ...timestamp(0), count: 1 }))).toContain("416");
  });

  test("with an exhausted limit ends cleanly, even beyond the tail", async () => {
    const { read } = await abc();
    expect(await read({ ...seqNum(99), count: 0 })).toEqual([]);
    expect(await read({ ...seqNum(99), bytes: 0 })).toEqual([]);
  });

  test("in what is trimmed begins with the first record that is left", async () => {
    const { append, read } = await abc();
    await append([trim(2)]);
    expect((await read({ ...seqNum(0), waitSecs: 0 }))[0]).toBe("2:c");
    expect((await read({ ...timestamp(5), count: 1 }))[0]).toBe("2:c");
  });

  test("below the tail where all is trimmed reads nothing, but is no error", async () => {
    const { append, read, open } = await abc();
    await append([{ ...trim(4), timestamp: 40 }]);
    expect(await read({ ...seqNum(0), count: 1 })).toEqual([]);
    expect(await refusal(open({ ...timestamp(5), count: 1 }))).toContain("416");
  });

  test("by timestamp at or after `until` is refused before anything is opened", () => {
    const request = {
      ...tailOffset(0),
      clamp: false,
      count: undefined,
      bytes: undefined,
      waitSecs: undefined,
    };
    expect(() => checkReadRange({ ...request, ...timestamp(5), until: 5 })).toThrow(
      "exceeds or equal to `until`",
    );
    expect(() => checkReadRange({ ...request, ...timestamp(4), until: 5 })).not.toThrow();
  });
});

describe("limits", () => {
  test.each([
    ["count", { count: 2 }, ["0:a", "1:b"]],
    ["bytes, of which a record that does not fit is not returned", { bytes: 17 }, ["0:a"]],
    ["bytes below the first record", { bytes: 8 }, []],
    ["until, exclusive", { until: 20 }, ["0:a"]],
    ["whichever comes first", { count: 2, bytes: 9, until: 99 }, ["0:a"]],
  ])("end a session at %s", async (_name, bounds, found) => {
    const { read } = await abc();
    expect(await read({ ...seqNum(0), ...bounds })).toEqual(found);
  });

  test("apply to live records", async () => {
    const { open, append } = await abc();
    const session = await open({ ...tailOffset(0), count: 2, waitSecs: 60 });
    expect(wordOf(await session.next())).toBe("heartbeat tail=3");
    await append(bodies("d", "e", "f"));
    expect(wordOf(await session.next())).toBe("3:d 4:e tail=6");
    expect(await session.next()).toBeNull();
  });

  test("of a read that answers at once are 1000 records, 1 MiB and 60 s", () => {
    const request = { ...seqNum(0), clamp: false, count: undefined, bytes: undefined, until: undefined };
    expect(boundUnary({ ...request, waitSecs: 99 })).toMatchObject({
      count: 1000,
      bytes: 1024 * 1024,
      waitSecs: 60,
    });
    expect(boundUnary({ ...request, count: 5, bytes: 7, waitSecs: undefined })).toMatchObject({
      count: 5,
      bytes: 7,
    });
  });

  test("of one batch are 1000 records and 1 MiB", async () => {
    const { append, open } = await createHarness();
    await append(Array.from({ length: 600 }, () => ({})));
    await append(Array.from({ length: 600 }, () => ({})));
    await append([{ body: "x".repeat(1024 * 1024 - 8) }]);
    const session = await open({ ...seqNum(0), waitSecs: 0 });
    const counts: number[] = [];
    for (let output = await session.next(); output?.kind === "records"; output = await session.next()) {
      counts.push(output.count);
    }
    expect(counts).toEqual([1000, 200, 1]);
  });
});

describe("following", () => {
  test("begins with a heartbeat, gives live records their tail, and beats every 5 to 15 s of silence", async () => {
    const { open, append, clock } = await abc({ random: () => 0.5 });
    const session = await open(seqNum(2));
    expect(wordOf(await session.next())).toBe("2:c");
    expect(wordOf(await session.next())).toBe("heartbeat tail=3");
    const live = session.next();
    await append(bodies("d"));
    expect(wordOf(await live)).toBe("3:d tail=4");

    let beat = "";
    const beating = session.next().then((output) => {
      beat = wordOf(output);
    });
    await clock.advance(9_999);
    expect(beat).toBe("");
    await clock.advance(1);
    await beating;
    expect(beat).toBe("heartbeat tail=4");
    session.close();
    expect(clock.pending.filter(({ dueAt }) => dueAt < 40_000)).toEqual([]);
  });

  test("without bounds and with no wait reads to the tail and ends", async () => {
    const { open } = await abc();
    const session = await open({ ...seqNum(2), waitSecs: 0 });
    expect(wordOf(await session.next())).toBe("2:c");
    expect(await session.next()).toBeNull();
    const atTail = await open({ ...seqNum(3), waitSecs: 0 });
    expect(await atTail.next()).toBeNull();
  });

  test("waits since the last record that was delivered: heartbeats do not count", async () => {
    const { open, append, clock } = await abc();
    const session = await open({ ...tailOffset(0), waitSecs: 8 });
    await session.next();
    const beat = session.next();
    await clock.advance(5_000);
    expect(wordOf(await beat)).toBe("heartbeat tail=3");
    await append(bodies("d"));
    expect(wordOf(await session.next())).toBe("3:d tail=4");
    const second = session.next();
    await clock.advance(5_000);
    expect(wordOf(await second)).toBe("heartbeat tail=4");
    const end = session.next();
    await clock.advance(3_000);
    expect(await end).toBeNull();
  });

  test("falls back to what is stored when it lags by more than 25 batches, then beats again", async () => {
    const { open, append } = await createHarness();
    const session = await open({ ...tailOffset(0) });
    await session.next();
    for (let index = 0; index < 25; index += 1) await append(bodies(String(index)));
    expect(wordOf(await session.next())).toBe("0:0 tail=1");
    for (let index = 25; index < 60; index += 1) await append(bodies(String(index)));
    const caughtUp = wordOf(await session.next());
    expect(caughtUp.split(" ")).toHaveLength(59);
    expect(caughtUp).not.toContain("tail");
    expect(wordOf(await session.next())).toBe("heartbeat tail=60");
    session.close();
  });

  test("shares the bytes of a live batch between followers", async () => {
    const { open, append } = await createHarness();
    const sessions = await Promise.all([open(tailOffset(0)), open(tailOffset(0))]);
    for (const session of sessions) await session.next();
    await append(bodies("a", "b"));
    const [one, two] = await Promise.all(sessions.map((session) => session.next()));
    expect(one?.kind === "records" && one.chunks[0]).toBe(two?.kind === "records" && two.chunks[0]);
    for (const session of sessions) session.close();
  });

  test("ends when it is closed, and leaves no follower and no timer", async () => {
    const { open, service, clock } = await createHarness();
    const before = clock.pending.length;
    const session = await open(tailOffset(0));
    await session.next();
    const pending = session.next();
    await clock.advance(1);
    expect(service.live.peek("test-basin", "s")?.followers).toBe(1);
    session.close();
    expect(await pending).toBeNull();
    expect(service.live.peek("test-basin", "s")?.followers).toBe(0);
    expect(clock.pending).toHaveLength(before);
  });

  test("gets the deletion's trim record, then learns that the stream is gone", async () => {
    const { open, service } = await abc();
    const session = await open(tailOffset(0));
    await session.next();
    const last = session.next();
    await service.streams.delete("test-basin", "s");
    expect(await last).toMatchObject({
      kind: "records",
      lastSeqNum: 3,
      tail: { seq_num: 4, timestamp: START },
    });
    expect(await refusal(session.next())).toBe("unavailable");
  });
});

describe("a read that answers at once", () => {
  test("gives what is stored without waiting, and no tail", async () => {
    const { open } = await abc();
    const records = await readOnce(await open(boundUnary({ ...unary(), ...seqNum(1), waitSecs: 60 })));
    expect(wordOf(records)).toBe("1:b 2:c");
  });

  test("waits for the first live batch, and gives its tail", async () => {
    const { open, append, clock } = await abc();
    const reading = readOnce(await open(boundUnary({ ...unary(), ...tailOffset(0), waitSecs: 60 })));
    await clock.advance(1);
    await append(bodies("d"));
    await append(bodies("e"));
    expect(wordOf(await reading)).toBe("3:d tail=4");
  });

  test("gives nothing when the wait runs out", async () => {
    const { open, clock } = await abc();
    const reading = readOnce(await open(boundUnary({ ...unary(), ...tailOffset(0), waitSecs: 2 })));
    await clock.advance(2_000);
    expect(await reading).toMatchObject({ count: 0, tail: undefined });
  });
});

function unary(): ReadRequest {
  return {
    ...seqNum(0),
    clamp: false,
    count: undefined,
    bytes: undefined,
    until: undefined,
    waitSecs: undefined,
  };
}
