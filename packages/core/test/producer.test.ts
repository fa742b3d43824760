import { describe, expect, it } from "vitest";
import type { AppendRecordInput } from "../src/model/record.js";
import { type AppendRigOptions, appendRig, bodiesSent, fault } from "../src/session/append/append.fixture.js";
import { BatchTransform } from "../src/session/produce/batch-transform.js";
import type { BatchTransformArgs } from "../src/session/produce/batcher.js";
import type { RecordAck } from "../src/session/produce/produced-batch.js";
import { Producer } from "../src/session/produce/producer.js";
import { appendAck, collect, flushMicrotasks, type Observed, observe } from "../src/testing/index.js";

/** A producer on a session over a scripted transport; its linger is on the same fake clock. */
function rig(batching: BatchTransformArgs = {}, options: AppendRigOptions = {}) {
  const { session, transport, clock } = appendRig(options);
  const producer = new Producer(new BatchTransform(batching, clock), session);
  return {
    session,
    transport,
    clock,
    producer,
    submit: (body: string): Observed<RecordAck> => observe(producer.submit({ body })),
    /** The link, open, once something was sent. */
    async link() {
      await flushMicrotasks();
      const link = transport.append();
      if (!link.isOver) link.open();
      await flushMicrotasks();
      return link;
    },
  };
}

const seqNums = (acks: readonly Observed<RecordAck>[]): (number | undefined)[] =>
  acks.map(({ value }) => value?.seq_num);

describe("a producer", () => {
  it("gathers records into batches, and gives each its own sequence number with its batch's ack", async () => {
    const { submit, link, clock } = rig({ maxBatchRecords: 2, lingerDurationMillis: 5 });
    const acks = ["a", "b", "c"].map(submit);
    const wire = await link();
    expect(bodiesSent(wire)).toEqual(["a,b"]);
    await clock.advance(5);
    await flushMicrotasks();
    expect(bodiesSent(wire)).toEqual(["a,b", "c"]);
    wire.acknowledge(2);
    await flushMicrotasks();
    expect(seqNums(acks)).toEqual([0, 1, 2]);
    expect(acks[1]?.value?.ack).toEqual(appendAck(0, 2));
    expect(acks[1]?.value?.ack).toBe(acks[0]?.value?.ack);
  });

  it("takes options as well as a BatchTransform, and refuses bad ones", async () => {
    const { session } = appendRig();
    expect(() => new Producer({ maxBatchRecords: 0 }, session)).toThrow(/maxBatchRecords/);
    const producer = new Producer(undefined, session);
    await producer.close();
  });

  it("refuses what is neither a BatchTransform nor options, and what is no session", () => {
    const { session } = appendRig();
    const another = new TransformStream();
    for (const batching of [session, another, null, "text"]) {
      expect(() => new Producer(batching as never, session)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    }
    for (const wrong of [undefined, null, {}, new BatchTransform(), Promise.resolve(session)]) {
      expect(() => new Producer({}, wrong as never)).toThrow(/must be an append session; got/);
    }
  });

  it("sets one timer a batch, not one a record", async () => {
    const { submit, clock } = rig();
    const before = clock.pending.length;
    for (let index = 0; index < 100; index += 1) submit(`${index}`);
    expect(clock.pending.length - before).toBe(1);
  });

  it("lets each batch expect to follow the one before, and carries the fencing token", async () => {
    const { submit, link } = rig({ maxBatchRecords: 1, match_seq_num: 7, fencing_token: "t" });
    submit("a");
    submit("b");
    const wire = await link();
    expect(wire.sent.map(({ conditional }) => conditional)).toEqual([true, true]);
  });

  it("closes without waiting for the linger, and sends what it has gathered [D1-87]", async () => {
    const { producer, submit, link, clock, session } = rig({ lingerDurationMillis: 60_000 });
    const ack = submit("a");
    const closed = observe(producer.close());
    const wire = await link();
    expect(bodiesSent(wire)).toEqual(["a"]);
    wire.acknowledge();
    await flushMicrotasks();
    wire.end(null);
    await flushMicrotasks();
    expect([closed.state, ack.value?.seq_num]).toEqual(["fulfilled", 0]);
    expect(session.failureCause()).toBeUndefined();
    expect(clock.pending).toHaveLength(0);
  });

  it("has handed over every ack when its closing is done [D1-24]", async () => {
    const { producer, link } = rig();
    const order: string[] = [];
    void producer.submit({ body: "a" }).then(() => order.push("ack"));
    const closed = producer.close().then(() => order.push("closed"));
    const wire = await link();
    wire.acknowledge();
    wire.end(null);
    await closed;
    expect(order).toEqual(["ack", "closed"]);
  });

  it("is harmless to close twice, and refuses records afterwards [D1-23]", async () => {
    const { producer } = rig();
    expect(producer.close()).toBe(producer.close());
    await producer.close();
    await using disposed = producer;
    for (const refused of [disposed.submit({ body: "x" }), disposed.enqueue({ body: "x" })]) {
      await expect(refused).rejects.toMatchObject({ code: "SESSION_CLOSED", sideEffect: "none" });
    }
    await producer.flush();
  });
});

describe("flushing a producer", () => {
  it("sends at once, and is done when all that came before is durable", async () => {
    const { producer, submit, link } = rig({ lingerDurationMillis: 60_000, maxBatchRecords: 2 });
    const acks = ["a", "b", "c"].map(submit);
    const flushed = observe(producer.flush());
    const wire = await link();
    expect(bodiesSent(wire)).toEqual(["a,b", "c"]);
    wire.acknowledge(1);
    await flushMicrotasks();
    expect(flushed.state).toBe("pending");
    wire.acknowledge(1);
    await flushMicrotasks();
    expect([flushed.state, ...seqNums(acks)]).toEqual(["fulfilled", 0, 1, 2]);
  });

  it("leaves the producer open, and does not wait for what comes later", async () => {
    const { producer, submit, link } = rig({ lingerDurationMillis: 60_000 });
    submit("a");
    const flushed = observe(producer.flush());
    const wire = await link();
    const later = submit("b");
    wire.acknowledge(1);
    await flushMicrotasks();
    expect([flushed.state, later.state]).toEqual(["fulfilled", "pending"]);
    void producer.flush();
    await flushMicrotasks();
    wire.acknowledge(1);
    await flushMicrotasks();
    expect(later.value?.seq_num).toBe(1);
  });

  it("covers what was written to its stream and not yet taken", async () => {
    const { producer, link } = rig({ lingerDurationMillis: 60_000 });
    const writer = producer.writable.getWriter();
    for (const body of ["a", "b", "c"]) void writer.write({ body });
    const flushed = observe(producer.flush());
    const wire = await link();
    expect(bodiesSent(wire)).toEqual(["a,b,c"]);
    wire.acknowledge();
    await flushMicrotasks();
    expect(flushed.state).toBe("fulfilled");
  });

  it("is done at once when there is nothing to wait for", async () => {
    const { producer, transport } = rig();
    await producer.flush();
    expect(transport.appends).toEqual([]);
  });

  it("rejects with what ended the producer", async () => {
    const { producer, submit, link } = rig({}, { retry: { maxAttempts: 1 } });
    const ack = submit("a");
    const flushed = observe(producer.flush());
    (await link()).end(fault("authn"));
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "authn" });
    expect(flushed.reason).toBe(producer.failureCause());
    await expect(producer.flush()).rejects.toBe(producer.failureCause());
  });
});

describe("the failure of a producer", () => {
  it("is one: every record in flight, later ones, flush, close and both streams tell it [D1-23, D1-46]", async () => {
    const { producer, submit, link, session } = rig({ maxBatchRecords: 2, lingerDurationMillis: 60_000 });
    const writer = producer.writable.getWriter();
    writer.closed.catch(() => {});
    const reading = observe(collect(producer.readable));
    const acks = ["a", "b", "c"].map(submit);
    (await link()).end(fault("permission_denied"));
    await flushMicrotasks();
    const failure = producer.failureCause();
    expect(failure).toMatchObject({ code: "permission_denied" });
    expect(failure).toBe(session.failureCause());
    for (const { reason } of acks)
      expect(reason).toMatchObject({ code: "permission_denied", sideEffect: "none" });
    expect(reading.reason).toBe(failure);
    await expect(producer.submit({ body: "d" })).rejects.toMatchObject({ code: "permission_denied" });
    await expect(producer.enqueue({ body: "d" })).rejects.toMatchObject({ code: "permission_denied" });
    await expect(writer.write({ body: "d" })).rejects.toBe(failure);
    await expect(producer.flush()).rejects.toBe(failure);
    await expect(producer.close()).rejects.toBe(failure);
  });

  it("says of each record whether it can be there", async () => {
    const { submit, link } = rig(
      { maxBatchRecords: 1 },
      { retry: { maxAttempts: 1, appendRetryPolicy: "noSideEffects" } },
    );
    const sent = submit("a");
    const wire = await link();
    wire.acceptsMore = false;
    submit("b");
    await flushMicrotasks();
    const unsent = submit("c");
    wire.end(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    expect([sent.reason, unsent.reason]).toMatchObject([{ sideEffect: "possible" }, { sideEffect: "none" }]);
  });

  it("is no crash of the process when nobody kept a promise [D1-22, D1-46]", async () => {
    const { producer, link } = rig({ lingerDurationMillis: 1 });
    for (let index = 0; index < 3; index += 1) void producer.submit({ body: "x" });
    const ticket = await producer.enqueue({ body: "x" });
    void ticket.ack();
    void producer.flush().catch(() => {});
    (await link()).end(fault("authn"));
    await flushMicrotasks();
    void producer.submit({ body: "late" });
    void ticket.ack();
    await flushMicrotasks();
    // An unhandled rejection fails the run.
    expect(producer.failureCause()).toMatchObject({ code: "authn" });
  });

  it.each<[string, unknown]>([
    ["no object", "text"],
    ["a body that is a number", { body: 5 }],
    ["a header that is no pair", { headers: [["a"]] }],
    ["a header's value that is a number", { headers: { a: 5 } }],
    ["headers in a Map", { headers: new Map([["a", "b"]]) }],
    ["an unsafe timestamp", { timestamp: 2 ** 53 }],
    ["an unknown command", { headers: [["", "compact"]] }],
    [
      "a nameless header among others",
      {
        headers: [
          ["", "fence"],
          ["a", "b"],
        ],
      },
    ],
    ["more than a batch may hold", { body: "x".repeat(31) }],
  ])("is not brought about by %s, which is refused alone [D2-28, H-8]", async (_, bad) => {
    const { producer, submit, link } = rig({ maxBatchBytes: 38 });
    const before = submit("a");
    const refused = observe(producer.submit(bad as AppendRecordInput));
    const queued = observe(producer.enqueue(bad as AppendRecordInput));
    const after = submit("b");
    void producer.flush();
    const wire = await link();
    expect([refused.reason, queued.reason]).toMatchObject([
      { code: "INVALID_ARGUMENT" },
      { code: "INVALID_ARGUMENT" },
    ]);
    wire.acknowledge(wire.sent.length);
    await flushMicrotasks();
    expect(seqNums([before, after])).toEqual([0, 1]);
  });

  it("takes records of every legal form", async () => {
    const { producer, submit, link } = rig({ maxBatchRecords: 6 });
    const records: AppendRecordInput[] = [
      {},
      { body: new Uint8Array(3), headers: [["n", new Uint8Array(1)]] },
      { body: "x", headers: { a: "b" }, timestamp: null },
      { timestamp: 2n ** 63n },
      { headers: [["", "fence"]], body: "token" },
    ];
    for (const record of records) void producer.submit(record);
    submit("last");
    expect((await link()).sent.map(({ recordCount }) => recordCount)).toEqual([6]);
  });
});

describe("the capacity of a producer", () => {
  const tight: AppendRigOptions = { session: { maxInflightBatches: 1 } };

  it("is the session's: enqueue and writes wait while batches wait for room [H-18]", async () => {
    const { producer, link } = rig({ maxBatchRecords: 1 }, tight);
    const writer = producer.writable.getWriter();
    const tickets = [1, 2].map((n) => observe(producer.enqueue({ body: `${n}` })));
    const wire = await link();
    const third = observe(producer.enqueue({ body: "3" }));
    const write = observe(writer.write({ body: "4" }));
    await flushMicrotasks();
    expect(tickets.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]);
    expect([third.state, write.state]).toEqual(["pending", "pending"]);
    wire.acknowledge(1);
    await flushMicrotasks();
    expect(third.state).toBe("fulfilled");
    for (let batch = 0; batch < 3; batch += 1) {
      wire.acknowledge(1);
      await flushMicrotasks();
    }
    expect(write.state).toBe("fulfilled");
    expect(bodiesSent(wire)).toHaveLength(4);
  });

  it("does not change the order: a submit keeps its place behind those that wait", async () => {
    const { producer, submit, link } = rig({ maxBatchRecords: 1 }, tight);
    void producer.enqueue({ body: "1" });
    void producer.enqueue({ body: "2" });
    const wire = await link();
    void producer.enqueue({ body: "3" });
    const last = submit("4");
    for (let batch = 0; batch < 4; batch += 1) {
      wire.acknowledge(1);
      await flushMicrotasks();
    }
    expect(bodiesSent(wire)).toEqual(["1", "2", "3", "4"]);
    expect(last.value?.seq_num).toBe(3);
  });

  it("does not cost a closing producer what has been submitted, but those who wait for room are refused [D1-1, D1-11]", async () => {
    const { producer, submit, link } = rig({ maxBatchRecords: 1 }, tight);
    const acks = ["1", "2", "3"].map(submit);
    const wire = await link();
    const waiting = observe(producer.enqueue({ body: "4" }));
    const closed = observe(producer.close());
    await flushMicrotasks();
    expect(waiting.reason).toMatchObject({ code: "SESSION_CLOSED" });
    for (let batch = 0; batch < 3; batch += 1) {
      wire.acknowledge(1);
      await flushMicrotasks();
    }
    wire.end(null);
    await flushMicrotasks();
    expect(seqNums(acks)).toEqual([0, 1, 2]);
    expect(closed.state).toBe("fulfilled");
  });

  it("does not let a silent server hold up its closing for ever", async () => {
    const { producer, submit, clock, link } = rig(
      { maxBatchRecords: 1 },
      { ...tight, retry: { maxAttempts: "unlimited" } },
    );
    const acks = ["1", "2"].map(submit);
    await link();
    const closed = observe(producer.close());
    for (let second = 0; second < 120; second += 1) {
      await clock.advance(1000);
      await flushMicrotasks();
    }
    expect(closed.state).toBe("rejected");
    expect(acks.map(({ state }) => state)).toEqual(["rejected", "rejected"]);
    expect(clock.pending).toHaveLength(0);
  });
});

describe("the streams of a producer", () => {
  it("give what became of each record, in order, from the first access on", async () => {
    const { producer, submit, link } = rig({ maxBatchRecords: 1 });
    submit("a");
    const wire = await link();
    wire.acknowledge(1);
    await flushMicrotasks();
    const results = observe(collect(producer.readable));
    submit("b");
    submit("c");
    await flushMicrotasks();
    wire.acknowledge(2);
    await flushMicrotasks();
    void producer.close();
    await flushMicrotasks();
    wire.end(null);
    await flushMicrotasks();
    expect(results.value?.map(({ seq_num }) => seq_num)).toEqual([1, 2]);
  });

  it("end when the session is closed beneath an idle producer, behind the acks of its last records", async () => {
    const { producer, session, submit, link, clock } = rig({ lingerDurationMillis: 0 });
    const results: RecordAck[] = [];
    const reading = observe(
      (async () => {
        for await (const result of producer.readable) results.push(result);
      })(),
    );
    const writing = observe(producer.writable.getWriter().closed);
    submit("a");
    await clock.advance(0);
    const wire = await link();
    wire.acknowledge(1);
    void session.close();
    await flushMicrotasks();
    wire.end(null);
    await flushMicrotasks();
    expect(results.map(({ seq_num }) => seq_num)).toEqual([0]);
    expect(reading.reason).toMatchObject({ code: "SESSION_CLOSED" });
    expect(writing.reason).toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("end with the producer: a readable asked for late is at its end, a writable takes no more", async () => {
    const { producer } = rig();
    const writer = producer.writable.getWriter();
    writer.closed.catch(() => {});
    await producer.close();
    expect(await collect(producer.readable)).toEqual([]);
    await expect(writer.write({ body: "x" })).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("close the producer when the writable is closed", async () => {
    const { producer, link } = rig({ lingerDurationMillis: 60_000 });
    const writer = producer.writable.getWriter();
    void writer.write({ body: "a" });
    const closed = observe(writer.close());
    const wire = await link();
    wire.acknowledge();
    await flushMicrotasks();
    wire.end(null);
    await flushMicrotasks();
    expect(closed.state).toBe("fulfilled");
    await expect(producer.submit({ body: "x" })).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("fail the flush that waits for a write that was refused, and leave the producer open", async () => {
    const { producer, submit, link } = rig();
    const writer = producer.writable.getWriter();
    writer.closed.catch(() => {});
    // Not started yet, the stream keeps both.
    const bad = observe(writer.write({ body: 5 } as unknown as AppendRecordInput));
    const behind = observe(writer.write({ body: "behind" }));
    const flushed = observe(producer.flush());
    await flushMicrotasks();
    const refused = { code: "INVALID_ARGUMENT" };
    expect([bad.reason, behind.reason, flushed.reason]).toMatchObject([refused, refused, refused]);
    observe(writer.write({ body: "after" }));
    const ack = submit("b");
    const second = observe(producer.flush());
    (await link()).acknowledge();
    await flushMicrotasks();
    expect([ack.value?.seq_num, second.state]).toEqual([0, "fulfilled"]);
  });

  it("end everything at once when the writable is aborted", async () => {
    const { producer, submit, link, clock, session } = rig({
      maxBatchRecords: 1,
      lingerDurationMillis: 60_000,
    });
    const writer = producer.writable.getWriter();
    writer.closed.catch(() => {});
    const ack = submit("a");
    const wire = await link();
    const reason = new Error("enough");
    await writer.abort(reason).catch(() => {});
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "ABORTED", cause: reason });
    expect(wire.abortedWith).toMatchObject({ code: "ABORTED" });
    expect([producer.failureCause()?.cause, session.failureCause()?.cause]).toEqual([reason, reason]);
    expect(clock.pending).toHaveLength(0);
    await expect(producer.close()).rejects.toMatchObject({ code: "ABORTED" });
  });
});
