import { describe, expect, it } from "vitest";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
} from "../../testing/index.js";
import { appendRequest } from "./append.fixture.js";
import { createAppendSession } from "./session.js";

const BATCHES = 10_000;

describe("the cost of an append session", () => {
  it("is no timer a batch, and one call of the link for each [D1-86] [G-13]", async () => {
    const clock = createFakeClock();
    let timers = 0;
    const counting = {
      ...clock,
      timer(...args: Parameters<typeof clock.timer>) {
        timers += 1;
        return clock.timer(...args);
      },
    };
    const transport = createScriptedTransport();
    const session = createAppendSession(createTestContext({ transport, clock: counting }), {
      request: appendRequest,
    });
    const tickets = Array.from({ length: BATCHES }, () => session.enqueue({ body: "x" }));
    await flushMicrotasks();
    const link = transport.append();
    link.open();
    for (let index = 0; index < BATCHES; index += 1) {
      if (link.sent.length > index) link.acknowledge();
    }
    await Promise.all(tickets);
    await flushMicrotasks();
    expect(link.sent).toHaveLength(BATCHES);
    expect(timers).toBeLessThan(10);
  });

  it("is a view on shared memory for a small frame, not a buffer of its own [G-13]", async () => {
    const transport = createScriptedTransport();
    const session = createAppendSession(createTestContext({ transport, clock: createFakeClock() }), {
      request: appendRequest,
    });
    for (let index = 0; index < 1000; index += 1) void session.submit({ body: `${index}` });
    transport.append().open();
    const buffers = new Set(transport.append().sent.map(({ frame }) => frame.buffer));
    expect(buffers.size).toBeLessThan(10);
  });
});
