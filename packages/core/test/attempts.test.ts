import { describe, expect, it } from "vitest";
import type { S2Error } from "../src/error/s2-error.js";
import { appendRig, fault } from "../src/session/append/append.fixture.js";
import { call } from "../src/session/call.js";
import { openedRig, readRig } from "../src/session/read/read.fixture.js";
import {
  collect,
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  observe,
} from "../src/testing/index.js";

const MINUTE = 60_000;

describe("the error of an append session says how many attempts were made", () => {
  /** Lets so many attempts fail, and stops while the next is being made. */
  async function failing(attempts: number, code = "CONNECT_FAILED") {
    const controller = new AbortController();
    const rig = appendRig({ signal: controller.signal, retry: { maxAttempts: "unlimited" } });
    const ack = rig.submitOne("a");
    for (let made = 0; made < attempts; made += 1) {
      rig.transport.append().end(fault(code));
      while (rig.transport.appends.length === made + 1) await rig.clock.runNext();
    }
    return { rig, ack, abort: () => controller.abort("enough") };
  }

  it("when it is aborted during one", async () => {
    const { rig, ack, abort } = await failing(2);
    abort();
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "ABORTED", attempts: 3 });
    expect(rig.session.failureCause()).toMatchObject({ code: "ABORTED", attempts: 3 });
  });

  it("when it is aborted between two", async () => {
    const { rig, ack, abort } = await failing(2);
    rig.transport.append().end(fault("CONNECT_FAILED"));
    abort();
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "ABORTED", attempts: 3 });
  });

  it("when it is aborted before any", () => {
    const controller = new AbortController();
    const rig = appendRig({ signal: controller.signal });
    controller.abort();
    expect(rig.session.failureCause()).toMatchObject({ code: "ABORTED", attempts: 0, sideEffect: "none" });
  });

  it("those that draining asked for included, though they are free", async () => {
    const { rig, ack } = await failing(4, "server_draining");
    rig.transport.append().end(fault("stream_not_found"));
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "stream_not_found", attempts: 5 });
  });

  it("when closing gives up", async () => {
    const { rig, ack } = await failing(1);
    const closing = observe(rig.session.close());
    let made = 2;
    for (; closing.state === "pending"; made = rig.transport.appends.length) {
      const link = rig.transport.append();
      if (!link.isOver) link.end(fault("CONNECT_FAILED"));
      await rig.clock.advance(1000);
    }
    expect(closing.reason).toMatchObject({ code: "CONNECT_FAILED", attempts: made });
    expect(ack.reason).toMatchObject({ attempts: made });
  });

  it("on a protocol error too, and of those since the last progress only", async () => {
    const { rig } = await failing(3);
    const link = rig.transport.append();
    link.open();
    link.acknowledge();
    const next = rig.submitOne("b");
    rig.transport.nextSeqNum = 0;
    link.acknowledge();
    await flushMicrotasks();
    expect(next.reason).toMatchObject({ code: "PROTOCOL_ERROR", attempts: 1 });
  });

  it("for a batch that comes after a quiet time, its own", async () => {
    const rig = appendRig({ retry: { maxAttempts: 2 } });
    const { link } = rig.sendOn("a");
    link.acknowledge();
    link.end(fault("CONNECTION_LOST"));
    await rig.clock.advance(MINUTE);
    const next = rig.submitOne("b");
    rig.transport.append().end(fault("CONNECT_FAILED"));
    await rig.clock.runNext();
    rig.transport.append().end(fault("CONNECT_FAILED"));
    await flushMicrotasks();
    expect(next.reason).toMatchObject({ code: "CONNECT_FAILED", attempts: 2 });
  });
});

describe("the error of a read session says how many attempts were made", () => {
  it("when it is aborted while it opens, and that a read changes nothing", async () => {
    const controller = new AbortController();
    const rig = readRig({ seq_num: 0 }, { signal: controller.signal });
    rig.transport.read().refuse(fault("unavailable"));
    await flushMicrotasks();
    await rig.clock.runNext();
    controller.abort();
    await flushMicrotasks();
    expect(rig.opening.reason).toMatchObject({ code: "ABORTED", attempts: 2, sideEffect: "none" });
  });

  it("when it is aborted during a backoff", async () => {
    const controller = new AbortController();
    const rig = await openedRig({ seq_num: 0 }, { signal: controller.signal });
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    await rig.reopen();
    rig.transport.read().fail(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    controller.abort();
    await flushMicrotasks();
    expect(reading.reason).toMatchObject({ code: "ABORTED", attempts: 2 });
  });

  it("those that draining asked for included", async () => {
    const rig = await openedRig();
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    for (let drained = 0; drained < 3; drained += 1) await rig.reopen(fault("server_draining"));
    rig.transport.read().fail(fault("stream_not_found"));
    await flushMicrotasks();
    expect(reading.reason).toMatchObject({ code: "stream_not_found", attempts: 4 });
  });

  it("when decoding fails", async () => {
    const rig = await openedRig();
    const reading = observe(collect(rig.session));
    rig.link.batch([], { failure: fault("UNSAFE_INTEGER") });
    await flushMicrotasks();
    expect(reading.reason).toMatchObject({ code: "UNSAFE_INTEGER", attempts: 1, sideEffect: "none" });
  });
});

describe("the error of a call says how many attempts were made", () => {
  const request = { method: "GET", url: "https://b.test/v1", headers: {} } as const;
  const attemptsOf = (thrown: unknown): number => (thrown as S2Error).attempts;

  it.each([
    ["before any", 0],
    ["during the first", 1],
    ["in the backoff after it", 1],
    ["during the second", 2],
  ])("when it is aborted %s", async (moment, attempts) => {
    const controller = new AbortController();
    const clock = createFakeClock();
    const transport = createScriptedTransport();
    const context = createTestContext({ transport, clock });
    if (moment === "before any") controller.abort();
    const { signal } = controller;
    const failed = call(context, { request, decode: () => undefined, signal }).catch(attemptsOf);
    await flushMicrotasks();
    if (moment === "in the backoff after it" || moment === "during the second") {
      transport.exchanged().fail(fault("unavailable"));
      await flushMicrotasks();
    }
    if (moment === "during the second") await clock.advance(100);
    controller.abort();
    expect(await failed).toBe(attempts);
  });
});
