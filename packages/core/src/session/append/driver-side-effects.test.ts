import { describe, expect, it } from "vitest";
import {
  AppendOutcomeUnknownError,
  FencingTokenMismatchError,
  SeqNumMismatchError,
} from "../../error/append-errors.js";
import { flushMicrotasks, observe } from "../../testing/index.js";
import { type AppendRig, appendRig, bodiesSent, fault } from "./append.fixture.js";

const cautious = { retry: { appendRetryPolicy: "noSideEffects" } } as const;

const reconnects = async (rig: AppendRig): Promise<boolean> => {
  const before = rig.transport.appends.length;
  for (let timer = 0; timer < 5 && rig.transport.appends.length === before; timer += 1)
    await rig.clock.runNext();
  return rig.transport.appends.length > before;
};

describe("under noSideEffects a batch is sent again", () => {
  it("when not a byte of it left [D1-6, G-4]", async () => {
    const rig = appendRig(cautious);
    rig.submit("a");
    const link = rig.transport.append();
    link.startsAtOnce = false;
    link.open();
    link.end(fault("CONNECTION_LOST"));
    expect(await reconnects(rig)).toBe(true);
  });

  it.each(["server_draining", "rate_limited", "hot_server", "REQUEST_REFUSED"])(
    "when %s proves that nothing took effect",
    async (code) => {
      const rig = appendRig(cautious);
      const { link } = rig.sendOn("a");
      link.end(fault(code));
      expect(await reconnects(rig)).toBe(true);
    },
  );

  it("when it carries match_seq_num, 0 included [D1-2]", async () => {
    const rig = appendRig(cautious);
    rig.submitOne("a", { match_seq_num: 0 });
    const link = rig.transport.append();
    link.open();
    link.end(fault("CONNECTION_LOST"));
    expect(await reconnects(rig)).toBe(true);
  });

  it("when the link could not be opened in time", async () => {
    const rig = appendRig(cautious);
    rig.submit("a");
    expect(await reconnects(rig)).toBe(true);
    expect(rig.transport.appends[0]?.abortedWith).toMatchObject({ code: "REQUEST_TIMEOUT" });
  });
});

describe("under noSideEffects a batch is not sent again", () => {
  it("when it may have landed", async () => {
    const rig = appendRig(cautious);
    const { link, acks } = rig.sendOn("a");
    link.end(fault("CONNECTION_LOST"));
    expect(await reconnects(rig)).toBe(false);
    expect(acks[0]?.reason).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible", attempts: 1 });
  });

  it("when a batch behind it may have landed and must not land twice [D1-7]", async () => {
    const rig = appendRig(cautious);
    const head = rig.submitOne("a", { match_seq_num: 0 });
    const follower = rig.submitOne("b");
    const link = rig.transport.append();
    link.open();
    link.end(fault("CONNECTION_LOST"));
    expect(await reconnects(rig)).toBe(false);
    expect(head.reason).toMatchObject({ sideEffect: "possible" });
    expect(follower.reason).toMatchObject({ sideEffect: "possible" });
  });

  it("when its ack is overdue", async () => {
    const rig = appendRig(cautious);
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    expect(acks[0]?.reason).toMatchObject({ code: "REQUEST_TIMEOUT", sideEffect: "possible" });
    expect(rig.transport.appends).toHaveLength(1);
  });

  it.each([
    ["and its link broke", true],
    ["and its link was given up", false],
  ])("when its bytes left only after its ack was overdue, %s", async (_, breaks) => {
    const rig = appendRig(cautious);
    const [ack] = rig.submit("a");
    const link = rig.transport.append();
    link.startsAtOnce = false;
    link.open();
    await rig.clock.advance(5001);
    expect(link.isFinished).toBe(true);
    link.take();
    if (breaks) link.end(fault("CONNECTION_LOST"));
    expect(await reconnects(rig)).toBe(false);
    expect(ack?.reason).toMatchObject({ sideEffect: "possible", attempts: 1 });
  });

  it("although the token could be renewed", async () => {
    const rig = appendRig({
      ...cautious,
      credentials: { authorization: () => "Bearer x", renew: () => true },
    });
    const { link } = rig.sendOn("a");
    link.end(fault("authn", { status: 401, sideEffect: "possible" }));
    expect(await reconnects(rig)).toBe(false);
  });
});

describe("when a session fails, each batch is told its own outcome", () => {
  it("possible for what left, none for what did not", async () => {
    const rig = appendRig({ retry: { maxAttempts: 1 } });
    const acks = rig.submit("a", "b", "c");
    const link = rig.transport.append();
    link.startsAtOnce = false;
    link.open();
    link.start(2);
    link.end(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    expect(acks.map(({ reason }) => reason)).toMatchObject([
      { code: "CONNECTION_LOST", sideEffect: "possible" },
      { code: "CONNECTION_LOST", sideEffect: "possible" },
      { code: "CONNECTION_LOST", sideEffect: "none" },
    ]);
  });

  it("none for all when the server's error proves it, whatever left", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a", "b");
    link.end(fault("invalid"));
    await flushMicrotasks();
    expect(acks.map(({ reason }) => reason)).toMatchObject([{ sideEffect: "none" }, { sideEffect: "none" }]);
    expect(rig.session.failureCause()).toMatchObject({ sideEffect: "none" });
  });

  it("none for the session too when nothing had left at all", async () => {
    const rig = appendRig({ retry: { maxAttempts: 1 } });
    rig.submit("a");
    rig.transport.append().end(fault("other"));
    await flushMicrotasks();
    expect(rig.session.failureCause()).toMatchObject({ code: "other", sideEffect: "none" });
  });

  it("what comes after the failure has no effect and gets the same error", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("storage", { retryable: false }));
    await flushMicrotasks();
    const late = rig.submitOne("b");
    const queued = observe(rig.session.enqueue({ body: "c" }));
    await flushMicrotasks();
    expect(late.reason).toMatchObject({ code: "storage", sideEffect: "none" });
    expect(queued.reason).toMatchObject({ code: "storage", sideEffect: "none" });
  });
});

describe("a mismatch", () => {
  const mismatches = [
    ["sequence number", new SeqNumMismatchError({ expectedSeqNum: 1 })],
    ["fencing token", new FencingTokenMismatchError({ expectedFencingToken: "x" })],
  ] as const;

  it.each(mismatches)("of the %s on a first attempt is reported as it is", async (_, mismatch) => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a", "b");
    link.end(mismatch);
    await flushMicrotasks();
    for (const { reason } of acks) {
      expect(reason).toBeInstanceOf(mismatch.constructor);
      expect(reason).toMatchObject({ sideEffect: "none" });
    }
  });

  it.each(mismatches)(
    "of the %s on a batch that may have landed before leaves its outcome unknown [H-10, D1-85]",
    async (_, mismatch) => {
      const rig = appendRig();
      const acks = [rig.submitOne("a", { match_seq_num: 0 })];
      rig.transport.append().open();
      rig.transport.append().end(fault("CONNECTION_LOST"));
      acks.push(rig.submitOne("b"));
      (await rig.reopen()).end(mismatch);
      await flushMicrotasks();
      const closing = observe(rig.session.close());
      await flushMicrotasks();
      expect(acks[0]?.reason).toBeInstanceOf(AppendOutcomeUnknownError);
      expect(acks[0]?.reason).toMatchObject({
        code: "OUTCOME_UNKNOWN",
        sideEffect: "possible",
        cause: { code: "APPEND_CONDITION_FAILED" },
      });
      expect(acks[1]?.reason).toBeInstanceOf(mismatch.constructor);
      expect(acks[1]?.reason).toMatchObject({ sideEffect: "none" });
      for (const whole of [closing.reason, rig.session.failureCause()]) {
        expect(whole).toBeInstanceOf(AppendOutcomeUnknownError);
      }
    },
  );

  it("on a batch re-sent without a byte of its first copy having left stays a mismatch", async () => {
    const rig = appendRig();
    const [ack] = rig.submit("a");
    const first = rig.transport.append();
    first.startsAtOnce = false;
    first.open();
    first.end(fault("CONNECTION_LOST"));
    (await rig.reopen()).end(new SeqNumMismatchError({ expectedSeqNum: 1 }));
    await flushMicrotasks();
    expect(ack?.reason).toBeInstanceOf(SeqNumMismatchError);
  });

  it("that answers an overdue batch on its own link stays a mismatch", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    link.end(new SeqNumMismatchError({ expectedSeqNum: 1 }));
    await flushMicrotasks();
    expect(acks[0]?.reason).toBeInstanceOf(SeqNumMismatchError);
    expect(acks[0]?.reason).toMatchObject({ sideEffect: "none" });
  });
});

it("under all, whatever may be retried is, in order", async () => {
  const rig = appendRig();
  const { link } = rig.sendOn("a", "b");
  link.end(fault("storage"));
  expect(bodiesSent(await rig.reopen())).toEqual(["a", "b"]);
});
