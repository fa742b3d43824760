import { describe, expect, it } from "vitest";
import { appendAck, flushMicrotasks } from "../../testing/index.js";
import { appendRig, bodiesSent, fault } from "./append.fixture.js";

describe("an append session on one link", () => {
  it("touches no network before the first batch", async () => {
    const { transport, clock } = appendRig();
    await flushMicrotasks();
    expect(transport.appends).toHaveLength(0);
    expect(clock.pending).toEqual([]);
  });

  it("sends nothing before the link is open, then everything in the order of submission", () => {
    const { transport, submit } = appendRig();
    submit("a", "b", "c");
    const link = transport.append();
    expect(link.sent).toHaveLength(0);
    link.open();
    expect(bodiesSent(link)).toEqual(["a", "b", "c"]);
  });

  it("settles each batch with its own ack, however acks are grouped", async () => {
    const { link, acks } = appendRig().sendOn("a", "b", "c");
    link.acknowledge(1);
    await flushMicrotasks();
    expect(acks.map(({ state }) => state)).toEqual(["fulfilled", "pending", "pending"]);
    link.acknowledge(2);
    await flushMicrotasks();
    expect(acks.map(({ value }) => value?.start.seq_num)).toEqual([0, 1, 2]);
  });

  it("stops at a link that asks to wait, and goes on when it may", () => {
    const { link, transport, session } = (() => {
      const rig = appendRig();
      return { ...rig, ...rig.sendOn("a") };
    })();
    link.acceptsMore = false;
    void session.submit({ body: "b" });
    void session.submit({ body: "c" });
    expect(bodiesSent(link)).toEqual(["a", "b"]);
    link.becomeWritable();
    expect(bodiesSent(link)).toEqual(["a", "b", "c"]);
    expect(transport.violations).toEqual([]);
  });

  it("keeps using one link for later batches", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.acknowledge();
    rig.submit("b");
    expect(bodiesSent(link)).toEqual(["a", "b"]);
    expect(rig.transport.appends).toHaveLength(1);
  });

  it("remembers the newest ack", () => {
    const rig = appendRig();
    expect(rig.session.lastAckedPosition()).toBeUndefined();
    const { link } = rig.sendOn("a", "b");
    const second = appendAck(8, 1, 5);
    link.ack(appendAck(7, 1), second);
    expect(rig.session.lastAckedPosition()).toEqual(second);
  });

  it("does not go on with a link that ends within send()", async () => {
    const rig = appendRig({ retry: { maxAttempts: 1 } });
    const link = rig.transport;
    const acks = rig.submit("a", "b");
    const first = link.append();
    Object.defineProperty(first, "acceptsMore", {
      get() {
        if (!first.isOver) first.end(fault("CONNECTION_LOST"));
        return true;
      },
    });
    first.open();
    await flushMicrotasks();
    expect(rig.transport.violations).toEqual([]);
    expect(acks.map(({ state }) => state)).toEqual(["rejected", "rejected"]);
  });
});

describe("an append session refuses an answer that cannot be right", () => {
  const fatal: [what: string, acks: Parameters<typeof appendAck>[]][] = [
    [
      "an ack for a batch that was not sent",
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    ],
    ["an ack of another number of records", [[0, 2]]],
    [
      "an ack that goes back",
      [
        [5, 1],
        [3, 1],
      ],
    ],
    [
      "the same ack twice",
      [
        [5, 1],
        [5, 1],
      ],
    ],
    ["an ack whose end lies before its start", [[5, -1]]],
    ["an ack of nothing", [[5, 0]]],
  ];
  it.each(fatal)("%s", async (_, acks) => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    link.ack(...acks.map((ack) => appendAck(...ack)));
    await flushMicrotasks();
    expect(rig.session.failureCause()).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(link.isOver).toBe(true);
    expect(rig.clock.pending).toEqual([]);
  });

  it("a tail before the end of what it acknowledges", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a", "b");
    const ack = appendAck(5, 1);
    link.ack({ ...ack, tail: ack.start });
    await flushMicrotasks();
    expect(rig.session.failureCause()).toMatchObject({
      code: "PROTOCOL_ERROR",
      message: "The server acknowledged records up to 6 with the tail 5",
    });
    expect(acks.map(({ state }) => state)).toEqual(["rejected", "rejected"]);
    expect(link.isOver).toBe(true);
  });

  it("the same ack again, when nothing waits for one any more", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a");
    link.ack(appendAck(5, 1));
    link.ack(appendAck(5, 1));
    await flushMicrotasks();
    expect(acks[0]?.value).toEqual(appendAck(5, 1));
    expect(rig.session.failureCause()).toMatchObject({
      code: "PROTOCOL_ERROR",
      message: "The server acknowledged a batch that was not sent",
    });
    expect(rig.clock.pending).toEqual([]);
  });

  it("and says that the batches may have landed", async () => {
    const { link, acks } = appendRig().sendOn("a");
    link.ack(appendAck(0, 2));
    await flushMicrotasks();
    expect(acks[0]?.reason).toMatchObject({ code: "PROTOCOL_ERROR", sideEffect: "possible" });
  });
});
