import { describe, expect, it } from "vitest";
import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { FRAME_HEAD_BYTES } from "../../model/limits.js";
import { collect, createCountingAbortController, flushMicrotasks, observe } from "../../testing/index.js";
import { appendRig, bodiesSent, fault } from "./append.fixture.js";
import type { AppendSession } from "./types.js";

const one = { session: { maxInflightBatches: 1 } };

describe("submit()", () => {
  it("takes one record as well as several", async () => {
    const rig = appendRig();
    void rig.session.submit([{ body: "a" }, { body: "b" }]);
    void rig.session.submit({ body: "c" });
    rig.transport.append().open();
    expect(bodiesSent(rig.transport.append())).toEqual(["a,b", "c"]);
  });

  it("sends every field of a record, zero and all [D1-3]", () => {
    const rig = appendRig();
    const headers: [string, Uint8Array][] = [["name", new Uint8Array([1, 2])]];
    void rig.session.submit([{ body: "a", headers, timestamp: 0 }, { timestamp: 77 }], {
      match_seq_num: 0,
      fencing_token: "mine",
    });
    const link = rig.transport.append();
    link.open();
    const sent = decodeAppendInput((link.sent[0]?.frame ?? expect.fail()).subarray(FRAME_HEAD_BYTES));
    expect(sent).toMatchObject({ match_seq_num: 0, fencing_token: "mine" });
    expect(sent.records.map(({ timestamp }) => timestamp)).toEqual([0, 77]);
    const [[name, value] = expect.fail()] = sent.records[0]?.headers ?? expect.fail();
    expect(new TextDecoder().decode(name)).toBe("name");
    expect([...value]).toEqual([1, 2]);
  });

  it("never waits for capacity", () => {
    const rig = appendRig(one);
    const { link } = rig.sendOn("a", "b", "c");
    expect(bodiesSent(link)).toEqual(["a", "b", "c"]);
  });

  it("refuses bad input and harms nothing else [D2-28, H-8]", async () => {
    const rig = appendRig();
    const before = rig.submitOne("a");
    const bad = [
      observe(rig.session.submit([])),
      observe(rig.session.submit({ body: 7 as never })),
      observe(rig.session.submit({ body: "x" }, { match_seq_num: Number.NaN })),
      observe(rig.session.submit({ body: "x" }, { fencing_token: "x".repeat(37) })),
      observe(rig.session.enqueue([])),
    ];
    const after = rig.submitOne("b");
    const link = rig.transport.append();
    link.open();
    link.acknowledge(2);
    await flushMicrotasks();
    for (const { reason } of bad)
      expect(reason).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none" });
    expect([before.state, after.state]).toEqual(["fulfilled", "fulfilled"]);
    expect(bodiesSent(link)).toEqual(["a", "b"]);
  });

  it("passes on what a record's getter throws, as an S2Error, and harms nothing else", async () => {
    const rig = appendRig();
    const hostile = {
      get body(): string {
        throw new Error("getter");
      },
    };
    const refused = observe(rig.session.submit(hostile));
    const { link, acks } = rig.sendOn("a");
    link.acknowledge();
    await flushMicrotasks();
    expect(refused.reason).toMatchObject({ name: "S2Error" });
    expect(acks[0]?.state).toBe("fulfilled");
  });

  it("does not raise unhandled rejections when the session fails, then or later [D1-46]", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", listen);
    try {
      const rig = appendRig();
      void rig.session.submit({ body: "a" });
      void rig.session.close();
      void rig.session.readable;
      void rig.session.writable;
      rig.transport.append().end(fault("permission_denied"));
      void rig.session.submit({ body: "b" });
      void rig.session.enqueue({ body: "c" });
      await new Promise(setImmediate);
    } finally {
      process.off("unhandledRejection", listen);
    }
    expect(unhandled).toEqual([]);
  });
});

describe("enqueue()", () => {
  it("gives a ticket at once while there is room", async () => {
    const { session } = appendRig();
    const ticket = await session.enqueue([{ body: "ab" }, { body: "" }]);
    expect(ticket.bytes).toBe(18);
    expect(ticket.numRecords).toBe(2);
  });

  it("waits for room, first come first served, among all ways of appending [H-18]", async () => {
    const rig = appendRig(one);
    const { link } = rig.sendOn("1");
    const second = observe(rig.session.enqueue({ body: "2" }));
    const writer = rig.session.writable.getWriter();
    await flushMicrotasks();
    const third = observe(writer.write({ records: [{ body: "3" }] }));
    await flushMicrotasks();
    const fourth = observe(rig.session.enqueue({ body: "4" }));
    void rig.session.submit({ body: "5" });
    const states = async (): Promise<string[]> => {
      await flushMicrotasks();
      return [second, third, fourth].map(({ state }) => state);
    };
    expect(await states()).toEqual(["pending", "pending", "pending"]);
    link.acknowledge();
    expect(await states()).toEqual(["fulfilled", "pending", "pending"]);
    link.acknowledge();
    expect(await states()).toEqual(["fulfilled", "fulfilled", "pending"]);
    link.acknowledge();
    expect(await states()).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect(bodiesSent(link)).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("keeps a small batch waiting behind a large one, although there is room for it", async () => {
    const rig = appendRig({ session: { maxInflightBytes: 1024 * 1024 } });
    const large = { body: new Uint8Array(400_000) };
    for (let count = 0; count < 2; count += 1) await rig.session.enqueue(large);
    const third = observe(rig.session.enqueue(large));
    const small = observe(rig.session.enqueue({ body: "small" }));
    await flushMicrotasks();
    expect([third.state, small.state]).toEqual(["pending", "pending"]);
    const link = rig.transport.append();
    link.open();
    link.acknowledge();
    await flushMicrotasks();
    expect([third.state, small.state]).toEqual(["fulfilled", "fulfilled"]);
  });

  it("settles the ticket's ack, also when it is asked for late", async () => {
    const rig = appendRig();
    const ticket = await rig.session.enqueue({ body: "a" });
    const early = observe(ticket.ack());
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    await flushMicrotasks();
    expect(early.value?.start.seq_num).toBe(0);
    expect(await ticket.ack()).toBe(early.value);
  });

  it("rejects a late ask for the ack of a batch that failed", async () => {
    const rig = appendRig();
    const ticket = await rig.session.enqueue({ body: "a" });
    rig.transport.append().end(fault("invalid"));
    await expect(ticket.ack()).rejects.toMatchObject({ code: "invalid" });
  });

  it("is refused when the session is closed or fails meanwhile [D1-11]", async () => {
    const closed = appendRig(one);
    closed.sendOn("a");
    const waiting = observe(closed.session.enqueue({ body: "b" }));
    void closed.session.close();
    await flushMicrotasks();
    expect(waiting.reason).toMatchObject({ code: "SESSION_CLOSED", sideEffect: "none" });

    const failed = appendRig(one);
    const { link } = failed.sendOn("a");
    const other = observe(failed.session.enqueue({ body: "b" }));
    link.end(fault("storage", { retryable: false }));
    await flushMicrotasks();
    expect(other.reason).toMatchObject({ code: "storage", sideEffect: "none" });
  });
});

describe("writable", () => {
  it("is one stream", () => {
    const { session } = appendRig();
    expect(session.writable).toBe(session.writable);
  });

  it("makes a write wait while too much is unacknowledged", async () => {
    const rig = appendRig(one);
    const writer = rig.session.writable.getWriter();
    const first = observe(writer.write({ records: [{ body: "a" }], match_seq_num: 0 }));
    const second = observe(writer.write({ records: [{ body: "b" }] }));
    await flushMicrotasks();
    expect([first.state, second.state]).toEqual(["fulfilled", "pending"]);
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    await flushMicrotasks();
    expect(second.state).toBe("fulfilled");
    expect(rig.transport.append().sent.map(({ conditional }) => conditional)).toEqual([true, false]);
  });

  it("closes the session when it is closed, after all is acknowledged [D1-1]", async () => {
    const rig = appendRig();
    const writer = rig.session.writable.getWriter();
    void writer.write({ records: [{ body: "a" }] });
    const closed = observe(writer.close());
    await flushMicrotasks();
    const link = rig.transport.append();
    link.open();
    await flushMicrotasks();
    expect(closed.state).toBe("pending");
    link.acknowledge();
    link.end(null);
    await flushMicrotasks();
    expect(closed.state).toBe("fulfilled");
    expect(rig.endings).toBe(1);
  });

  it("is errored by a batch that is refused, as streams are; the session goes on [H-8]", async () => {
    const rig = appendRig();
    const writer = rig.session.writable.getWriter();
    await expect(writer.write({ records: [] })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const { link, acks } = rig.sendOn("a");
    link.acknowledge();
    await flushMicrotasks();
    expect(acks[0]?.state).toBe("fulfilled");
  });

  it("is errored when the session fails, a waiting write too", async () => {
    const rig = appendRig(one);
    const writer = rig.session.writable.getWriter();
    observe(writer.closed);
    void writer.write({ records: [{ body: "a" }] });
    const waiting = observe(writer.write({ records: [{ body: "b" }] }));
    await flushMicrotasks();
    rig.transport.append().end(fault("invalid"));
    await flushMicrotasks();
    expect(waiting.reason).toMatchObject({ code: "invalid" });
    await expect(writer.closed).rejects.toMatchObject({ code: "invalid" });
  });

  it("is errored from the start when the session had failed before", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("invalid"));
    await expect(rig.session.writable.getWriter().closed).rejects.toMatchObject({ code: "invalid" });
  });

  it("refuses a write after close() of the session", async () => {
    const rig = appendRig();
    const writer = rig.session.writable.getWriter();
    await rig.session.close();
    await expect(writer.write({ records: [{ body: "a" }] })).rejects.toMatchObject({
      code: "SESSION_CLOSED",
    });
  });
});

describe("acks()", () => {
  it("and readable are one stream, recorded from the first access [D2-10, H-18]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    link.acknowledge();
    const stream = rig.session.acks();
    expect(rig.session.readable).toBe(stream);
    link.acknowledge();
    void rig.session.close();
    link.end(null);
    const starts = (await collect(stream)).map(({ start }) => start.seq_num);
    expect(starts).toEqual([1]);
  });

  it("asked for after a clean end is empty, after a failure is failed", async () => {
    const clean = appendRig();
    await clean.session.close();
    expect(await collect(clean.session.acks())).toEqual([]);

    const failed = appendRig();
    failed.submit("a");
    failed.transport.append().end(fault("invalid"));
    await expect(collect(failed.session.acks())).rejects.toMatchObject({ code: "invalid" });
  });

  it("that is cancelled leaves the session alone [D1-40]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    link.acknowledge();
    const seen = (async () => {
      for await (const ack of rig.session.acks()) return ack;
    })();
    link.acknowledge();
    await expect(seen).resolves.toMatchObject({ start: { seq_num: 1 } });
    rig.submit("c");
    link.acknowledge();
    expect(rig.session.lastAckedPosition()?.start.seq_num).toBe(2);
  });
});

describe("an abort signal of an append session", () => {
  it("aborted already makes no session [D2-4, H-2]", () => {
    const reason = new Error("before");
    expect(() => appendRig({ signal: AbortSignal.abort(reason) })).toThrow(
      expect.objectContaining({ code: "ABORTED", status: 499, cause: reason }),
    );
  });

  it("has one listener while the session lives and none after, however it ends [D1-18, G-10]", async () => {
    const endings: [string, (session: AppendSession, abort: () => void) => unknown][] = [
      ["close", (session) => session.close()],
      ["dispose", (session) => session[Symbol.asyncDispose]()],
      ["abort", (_, abort) => abort()],
      ["writable.abort", (session) => session.writable.abort("enough")],
    ];
    for (const [how, end] of endings) {
      const counting = createCountingAbortController();
      const rig = appendRig({ signal: counting.signal });
      const { link } = rig.sendOn("a", "b");
      link.acknowledge(2);
      expect(counting.listeners, how).toBe(1);
      void end(rig.session, () => counting.abort());
      await rig.clock.runUntilIdle();
      expect(counting.listeners, how).toBe(0);
      expect(rig.endings, how).toBe(1);
    }
  });

  it("rejects everything with the signal's reason as the cause [G-5]", async () => {
    const counting = createCountingAbortController();
    const rig = appendRig({ ...one, signal: counting.signal });
    const { acks } = rig.sendOn("a");
    const waiting = observe(rig.session.enqueue({ body: "b" }));
    const read = observe(rig.session.acks().getReader().read());
    const reason = { why: "user left" };
    counting.abort(reason);
    const closing = observe(rig.session.close());
    const late = observe(rig.session.submit({ body: "c" }));
    await flushMicrotasks();
    for (const failed of [acks[0], waiting, read, closing, late]) {
      expect(failed?.reason).toMatchObject({ code: "ABORTED", status: 499, cause: reason });
    }
    expect(acks[0]?.reason).toMatchObject({ sideEffect: "possible" });
    for (const unsent of [waiting, late]) expect(unsent.reason).toMatchObject({ sideEffect: "none" });
  });
});
