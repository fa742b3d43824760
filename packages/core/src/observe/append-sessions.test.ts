import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import { createAppendSession } from "../session/append/session.js";
import { flushMicrotasks, observe } from "../testing/index.js";
import { observedRig, recordsRequest } from "./recorder.fixture.js";

const lost = new S2Error({ message: "lost", code: "CONNECTION_LOST" });

const openRig = (...more: Parameters<typeof observedRig>) => {
  const rig = observedRig(...more);
  const session = createAppendSession(rig.context, { request: recordsRequest });
  return { ...rig, session };
};

describe("an observed append session", () => {
  it("tells of its link, its batches, their acks and its end, in order", async () => {
    const rig = openRig();
    const ack = observe(rig.session.submit([{ body: "one" }, { body: "two" }]));
    const link = rig.transport.append();
    await rig.clock.advance(3);
    link.open();
    await rig.clock.advance(11);
    link.acknowledge();
    await flushMicrotasks();
    expect(ack.state).toBe("fulfilled");
    void rig.session.close();
    link.end(null);
    await flushMicrotasks();
    expect(rig.names()).toEqual([
      "sessionStarted",
      "attemptStarted",
      "sessionOpened",
      "batchSent",
      "batchAcked",
      "attemptEnded",
      "sessionEnded",
    ]);
    const { activity } = rig.all("sessionStarted")[0] ?? {};
    expect(activity).toMatchObject({ kind: "append_session", operation: "append", stream: "a/b" });
    expect(rig.all("sessionOpened")).toEqual([{ activity, attempt: 1, latencyMillis: 3 }]);
    expect(rig.all("batchSent")).toEqual([{ activity, attempt: 1, records: 2, bytes: 22, resent: false }]);
    expect(rig.all("batchAcked")).toEqual([
      { activity, attempt: 1, records: 2, bytes: 22, latencyMillis: 11, seq_num: 0 },
    ]);
    expect(rig.all("attemptEnded")).toEqual([
      { activity, attempt: 1, durationMillis: 14, status: undefined, error: undefined },
    ]);
    expect(rig.all("sessionEnded")).toEqual([
      { activity, durationMillis: 14, totals: { batches: 1, records: 2, bytes: 22 }, error: undefined },
    ]);
  });

  it("tells of a break, the delay, and what is sent again", async () => {
    const rig = openRig();
    for (const body of ["a", "b"]) observe(rig.session.submit({ body }));
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    observe(rig.session.submit({ body: "c" }));
    rig.transport.append().end(lost);
    observe(rig.session.submit({ body: "new" }));
    await rig.clock.advance(100);
    rig.transport.append().open();
    await flushMicrotasks();
    expect(rig.names().slice(6)).toEqual([
      "batchSent",
      "attemptEnded",
      "retryScheduled",
      "attemptStarted",
      "resumed",
      "batchSent",
      "batchSent",
      "batchSent",
    ]);
    expect(rig.all("retryScheduled")).toMatchObject([{ attempt: 1, delayMillis: 100, error: lost }]);
    expect(rig.all("resumed")).toMatchObject([{ attempt: 2, from: undefined }]);
    expect(rig.all("batchSent").map(({ resent }) => resent)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it("tells when the server advises to reconnect", async () => {
    const rig = openRig();
    observe(rig.session.submit({ body: "a" }));
    rig.transport.append().open();
    rig.transport.append().adviseReconnect();
    expect(rig.all("reconnectAdvised")).toMatchObject([{ attempt: 1, reason: "advice" }]);
  });

  it("tells what it failed with, once, and why its link was given up", async () => {
    const rig = openRig({ maxAttempts: 1 });
    const result = observe(rig.session.submit({ body: "a" }));
    rig.transport.append().open();
    rig.transport.append().end(lost);
    await flushMicrotasks();
    expect(result.reason).toMatchObject({ code: "CONNECTION_LOST" });
    expect(rig.names().slice(-2)).toEqual(["attemptEnded", "sessionEnded"]);
    expect(rig.all("sessionEnded")).toMatchObject([
      { error: rig.session.failureCause(), totals: { batches: 0 } },
    ]);
  });

  it("goes on undisturbed when every hook throws", async () => {
    const rig = openRig({}, throwing());
    const ack = observe(rig.session.submit({ body: "a" }));
    rig.transport.append().open();
    rig.transport.append().end(lost);
    await rig.clock.advance(100);
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    await flushMicrotasks();
    expect(ack.state).toBe("fulfilled");
    const failed = rig.all("hookFailed");
    expect(failed[0]).toEqual({ hook: "sessionStarted", error: new Error("sessionStarted") });
    expect(failed.map(({ hook }) => hook)).toEqual(rig.names().filter((name) => name !== "hookFailed"));
  });
});

/** Hooks that throw whatever they are told, and one that rejects. */
function throwing() {
  const fail = (name: string) => () => {
    throw new Error(name);
  };
  return {
    sessionStarted: fail("sessionStarted"),
    sessionOpened: fail("sessionOpened"),
    resumed: fail("resumed"),
    attemptStarted: fail("attemptStarted"),
    attemptEnded: fail("attemptEnded"),
    retryScheduled: fail("retryScheduled"),
    batchSent: fail("batchSent"),
    batchAcked: fail("batchAcked"),
    hookFailed: fail("hookFailed"),
  };
}
