import { describe, expect, it } from "vitest";
import { collect, flushMicrotasks, observe, readRecords } from "../../testing/index.js";
import { fault, openedRig } from "./read.fixture.js";

const seqNum = (result: { value?: { seq_num: number } | undefined } | undefined): number | undefined =>
  result?.value?.seq_num;

describe("nextReadPosition() is behind the last record handed over [D2-8, G-7]", () => {
  it("by the iterator", async () => {
    const rig = await openedRig();
    rig.link.batch(readRecords(0, 50));
    expect(rig.session.nextReadPosition()).toBeUndefined();
    let expected = 0;
    for await (const record of rig.session) {
      expected += 1;
      expect(rig.session.nextReadPosition()).toEqual({ seq_num: expected, timestamp: record.timestamp });
      if (expected === 50) break;
    }
  });

  it("by a reader", async () => {
    const rig = await openedRig();
    const reader = rig.session.getReader();
    rig.link.batch(readRecords(0, 50));
    for (let expected = 1; expected <= 50; expected += 1) {
      await reader.read();
      await flushMicrotasks();
      expect(rig.session.nextReadPosition()?.seq_num).toBe(expected);
    }
  });

  it("by batches()", async () => {
    const rig = await openedRig();
    const batches = rig.session.batches();
    rig.link.batch(readRecords(0, 3));
    rig.link.batch(readRecords(3, 2), { tail: { seq_num: 5, timestamp: 1 } });
    const first = await batches.next();
    expect(first.value?.records).toHaveLength(3);
    expect(first.value).not.toHaveProperty("tail");
    expect(rig.session.nextReadPosition()?.seq_num).toBe(3);
    expect((await batches.next()).value).toMatchObject({ tail: { seq_num: 5 } });
    expect(rig.session.nextReadPosition()?.seq_num).toBe(5);
  });

  it("and lastObservedTail() is the newest the server has told", async () => {
    const rig = await openedRig();
    expect(rig.session.lastObservedTail()).toBeUndefined();
    void observe(rig.session[Symbol.asyncIterator]().next());
    rig.link.heartbeat({ seq_num: 9, timestamp: 90 });
    await flushMicrotasks();
    expect(rig.session.lastObservedTail()).toEqual({ seq_num: 9, timestamp: 90 });
    expect(rig.session.nextReadPosition()).toBeUndefined();
  });
});

describe("a slow consumer", () => {
  it("is not read ahead of [D1-34, D2-7, G-6]", async () => {
    const rig = await openedRig();
    for (let batch = 0; batch < 5; batch += 1) rig.link.batch(readRecords(batch * 2, 2));
    await rig.clock.advance(60_000);
    expect(rig.link.pulls).toBe(0);
    const iterator = rig.session[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    await rig.clock.advance(60_000);
    expect(rig.link.pulls).toBe(1);
    await iterator.next();
    expect(rig.link.pulls).toBe(2);
  });

  it("is not read ahead of through a reader or a pipe either", async () => {
    const rig = await openedRig();
    for (let batch = 0; batch < 5; batch += 1) rig.link.batch(readRecords(batch * 2, 2));
    const reader = rig.session.getReader();
    await reader.read();
    await flushMicrotasks();
    expect(rig.link.pulls).toBe(1);
    reader.releaseLock();
    void observe(rig.session.pipeTo(new WritableStream({ write: () => new Promise(() => {}) })));
    await flushMicrotasks(500);
    expect(rig.link.pulls).toBeLessThanOrEqual(2);
  });
});

describe("iterating", () => {
  it("gives overlapping calls of next() the records in the order of the calls", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    const results = [1, 2, 3, 4, 5].map(() => observe(iterator.next()));
    rig.link.batch(readRecords(0, 2));
    rig.link.batch(readRecords(2, 1));
    rig.link.end();
    await flushMicrotasks();
    expect(results.map(({ value }) => value?.done)).toEqual([false, false, false, true, true]);
    expect(results.map(({ value }) => seqNum(value as never))).toEqual([0, 1, 2, undefined, undefined]);
  });

  it("lets no later call overtake one that waits", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    const seen: (number | undefined)[] = [];
    const take = (): Promise<void> =>
      iterator.next().then((result) => void seen.push(seqNum(result as never)));
    const takes = [take(), take()];
    rig.link.batch(readRecords(0, 20));
    for (let later = 0; later < 12; later += 1) {
      await undefined;
      takes.push(take());
    }
    await Promise.all(takes);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it("cancels the session when the loop is left early, by break, throw or return() [D1-40, D2-31]", async () => {
    const ways: ((session: Awaited<ReturnType<typeof openedRig>>["session"]) => Promise<unknown>)[] = [
      async (session) => {
        for await (const _ of session) break;
      },
      async (session) => {
        for await (const _ of session.batches()) break;
      },
      async (session) => {
        try {
          for await (const _ of session) throw new Error("no");
        } catch {}
      },
      async (session) => {
        await using iterator = session[Symbol.asyncIterator]();
        await iterator.next();
      },
      async (session) => {
        const iterator = session[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return?.();
      },
    ];
    for (const leave of ways) {
      const rig = await openedRig();
      rig.link.batch(readRecords(0, 3));
      await leave(rig.session);
      expect(rig.link.abortedWith).toBeDefined();
      expect(rig.clock.pending).toEqual([]);
      expect(rig.endings).toBe(1);
      expect(rig.session.locked).toBe(false);
    }
  });

  it("may call return() after the end, and twice [D1-40]", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.end();
    expect((await iterator.next()).done).toBe(true);
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("ends a pending next() by return()", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    const pending = observe(iterator.next());
    await flushMicrotasks();
    await iterator.return?.();
    await flushMicrotasks();
    expect(pending.value).toEqual({ done: true, value: undefined });
    expect(rig.link.abortedWith).toBeDefined();
  });

  it("goes on by another loop where a reader stopped", async () => {
    const rig = await openedRig();
    rig.link.batch(readRecords(0, 4));
    rig.link.end();
    const reader = rig.session.getReader();
    await reader.read();
    reader.releaseLock();
    expect((await collect(rig.session)).map(({ seq_num }) => seq_num)).toEqual([1, 2, 3]);
  });

  it("gives batches() the rest of a batch that was begun", async () => {
    const rig = await openedRig();
    rig.link.batch(readRecords(0, 4));
    rig.link.end();
    const reader = rig.session.getReader();
    await reader.read();
    reader.releaseLock();
    const batches = await collect(rig.session.batches());
    expect(batches.map(({ records }) => records.length)).toEqual([3]);
  });

  it("is refused while another consumer holds the session", async () => {
    const rig = await openedRig();
    rig.session.getReader();
    expect(() => rig.session[Symbol.asyncIterator]()).toThrow(TypeError);
    expect(() => rig.session.batches()).toThrow(TypeError);
  });

  it("hides heartbeats", async () => {
    const rig = await openedRig();
    const next = observe(rig.session.batches().next());
    for (let count = 0; count < 5; count += 1) rig.link.heartbeat({ seq_num: 0, timestamp: 0 });
    await flushMicrotasks();
    expect(next.state).toBe("pending");
    rig.link.batch(readRecords(0, 1));
    await flushMicrotasks();
    expect(next.state).toBe("fulfilled");
  });
});

describe("as a ReadableStream the session", () => {
  it("is one", async () => {
    expect((await openedRig()).session).toBeInstanceOf(ReadableStream);
  });

  it("closes at the clean end, and is errored by a failure", async () => {
    const clean = await openedRig();
    clean.link.end();
    const reader = clean.session.getReader();
    expect((await reader.read()).done).toBe(true);
    await reader.closed;

    const failing = await openedRig();
    failing.link.fail(fault("invalid"));
    await expect(failing.session.getReader().read()).rejects.toMatchObject({ code: "invalid" });
  });

  it("can be piped", async () => {
    const rig = await openedRig();
    const seen: number[] = [];
    const piping = rig.session.pipeTo(
      new WritableStream({
        write: ({ seq_num }) => {
          seen.push(seq_num);
        },
      }),
    );
    rig.link.batch(readRecords(0, 3));
    rig.link.batch(readRecords(3, 3));
    rig.link.end();
    await piping;
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is cancelled when what it is piped to fails", async () => {
    const rig = await openedRig();
    rig.link.batch(readRecords(0, 3));
    const broken = new WritableStream({
      write: () => {
        throw new Error("disk full");
      },
    });
    await expect(rig.session.pipeTo(broken)).rejects.toThrow("disk full");
    expect(rig.link.abortedWith).toBeDefined();
    expect(rig.clock.pending).toEqual([]);
  });

  it("can be teed, each branch with every record, and cancelled by both", async () => {
    const rig = await openedRig();
    const [one, other] = rig.session.tee();
    rig.link.batch(readRecords(0, 2));
    const [left, right] = [one.getReader(), other.getReader()];
    expect([seqNum((await left.read()) as never), seqNum((await right.read()) as never)]).toEqual([0, 0]);
    void left.cancel();
    await right.cancel();
    expect(rig.link.abortedWith).toBeDefined();
    expect(rig.endings).toBe(1);
  });
});

describe("cancelling", () => {
  it("lets the connection go, with the reason, though nothing is being read [D2-31]", async () => {
    const rig = await openedRig();
    await rig.session.cancel("enough");
    expect(rig.link.abortedWith).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(rig.clock.pending).toEqual([]);
  });

  it.each([
    ["a reader", (session: ReadableStream) => session.getReader()],
    ["a loop", (session: AsyncIterable<unknown>) => session[Symbol.asyncIterator]()],
  ])("works while %s holds the session, and ends what is pending [D1-41]", async (_, hold) => {
    const rig = await openedRig();
    const holder = hold(rig.session as never);
    const pending = observe(
      "read" in holder ? (holder.read() as Promise<{ done?: boolean }>) : holder.next(),
    );
    await flushMicrotasks();
    await rig.session.cancel();
    await flushMicrotasks();
    expect(pending.value?.done).toBe(true);
    expect(rig.link.abortedWith).toBeDefined();
    expect(rig.endings).toBe(1);
  });

  it("hands over nothing more of what was received", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(readRecords(0, 9));
    await iterator.next();
    await rig.session.cancel();
    expect((await iterator.next()).done).toBe(true);
    expect(rig.session.nextReadPosition()?.seq_num).toBe(1);
  });

  it("during a backoff makes no further attempt [D1-39]", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    const pending = observe(iterator.next());
    await flushMicrotasks();
    rig.link.fail(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    await rig.session.cancel();
    await rig.clock.advance(60_000);
    expect(pending.value?.done).toBe(true);
    expect(rig.transport.reads).toHaveLength(1);
    expect(rig.clock.pending).toEqual([]);
  });

  it("through a reader works too, and twice", async () => {
    const rig = await openedRig();
    const reader = rig.session.getReader();
    await reader.cancel();
    await reader.cancel();
    await rig.session.cancel();
    expect(rig.endings).toBe(1);
  });

  it("by await using never throws, also after a failure that the reader saw", async () => {
    const rig = await openedRig();
    {
      await using session = rig.session;
      rig.link.fail(fault("invalid"));
      await expect(session.getReader().read()).rejects.toMatchObject({ code: "invalid" });
    }
    expect(rig.endings).toBe(1);
  });
});
