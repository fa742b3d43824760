import { describe, expect, it } from "vitest";
import { createAppendSession } from "../src/session/append/session.js";
import { openReadSession } from "../src/session/read/session.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  observe,
} from "../src/testing/index.js";

const request = { method: "POST", url: "https://b.test/v1/streams/s/records", headers: {} } as const;

/** A transport that breaks the rule not to throw. */
function context() {
  const clock = createFakeClock();
  const boom = (): never => {
    throw new TypeError("boom");
  };
  const transport = { ...createScriptedTransport(), openAppend: boom, openRead: boom };
  return { clock, context: createTestContext({ transport, clock }) };
}

describe("a transport that throws while it opens a link [D1-43]", () => {
  it("fails the append session with an S2Error, and nothing else", async () => {
    const { clock, context: world } = context();
    const session = createAppendSession(world, { request });
    const ack = observe(session.submit({ body: "a" }));
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({
      name: "S2Error",
      code: "INTERNAL_ERROR",
      message: expect.stringMatching(/boom/),
    });
    await expect(session.close()).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(clock.pending).toEqual([]);
  });

  it("rejects the opening of a read session", async () => {
    const { clock, context: world } = context();
    const opening = openReadSession(world, {
      range: { seq_num: 0 },
      format: { as: "string", unsafeTimestamps: "error" },
      request: () => ({ ...request, method: "GET" }),
    });
    await expect(opening).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(clock.pending).toEqual([]);
  });
});
