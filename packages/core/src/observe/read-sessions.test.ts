import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import { openReadSession } from "../session/read/session.js";
import type { ReadSession } from "../session/read/types.js";
import { flushMicrotasks, observe, readRecords } from "../testing/index.js";
import { observedRig, recordsRequest } from "./recorder.fixture.js";

const lost = new S2Error({ message: "lost", code: "CONNECTION_LOST" });
const gone = new S2Error({ message: "gone", code: "stream_not_found" });

async function openRig(...more: Parameters<typeof observedRig>) {
  const rig = observedRig(...more);
  const opening = observe(
    openReadSession(rig.context, {
      range: { seq_num: 7 },
      format: { as: "string", unsafeTimestamps: "error" },
      request: ({ seq_num }) => ({
        ...recordsRequest,
        method: "GET",
        url: `${recordsRequest.url}?clamp=true&seq_num=${seq_num}`,
      }),
    }),
  );
  await rig.clock.advance(4);
  return {
    ...rig,
    opening,
    async open() {
      rig.transport.read().open();
      await flushMicrotasks();
      return { session: opening.value as ReadSession, link: rig.transport.read() };
    },
  };
}

describe("an observed read session", () => {
  it("tells of its batches, its heartbeats and its end, in order", async () => {
    const rig = await openRig();
    const { session, link } = await rig.open();
    const batches = session.batches();
    link.batch(readRecords(7, 3));
    link.heartbeat({ seq_num: 10, timestamp: 1 });
    link.end();
    await batches.next();
    await batches.next();
    expect(rig.names()).toEqual([
      "sessionStarted",
      "attemptStarted",
      "sessionOpened",
      "batchReceived",
      "heartbeat",
      "attemptEnded",
      "sessionEnded",
    ]);
    const { activity } = rig.all("sessionStarted")[0] ?? {};
    expect(activity).toMatchObject({ kind: "read_session", operation: "read", stream: "a/b" });
    expect(rig.all("sessionOpened")).toEqual([{ activity, attempt: 1, latencyMillis: 4 }]);
    expect(rig.all("batchReceived")).toEqual([
      { activity, attempt: 1, records: 3, bytes: 24, seq_num: 7, tail: undefined },
    ]);
    expect(rig.all("heartbeat")).toEqual([{ activity, attempt: 1, tail: { seq_num: 10, timestamp: 1 } }]);
    expect(rig.all("sessionEnded")).toEqual([
      { activity, durationMillis: 4, totals: { batches: 1, records: 3, bytes: 24 }, error: undefined },
    ]);
  });

  it("tells where it resumes after a break", async () => {
    const rig = await openRig();
    const { session, link } = await rig.open();
    const iterator = session[Symbol.asyncIterator]();
    link.batch(readRecords(7, 2));
    await iterator.next();
    await iterator.next();
    observe(iterator.next());
    link.fail(lost);
    await rig.clock.advance(100);
    await rig.open();
    expect(rig.names().slice(4)).toEqual(["attemptEnded", "retryScheduled", "attemptStarted", "resumed"]);
    expect(rig.all("retryScheduled")).toMatchObject([{ attempt: 1, delayMillis: 100, error: lost }]);
    expect(rig.all("resumed")).toMatchObject([{ attempt: 2, from: { seq_num: 9 } }]);
  });

  it("tells of advice to reconnect, and that the old link was left", async () => {
    const rig = await openRig();
    const { session, link } = await rig.open();
    const next = observe(session[Symbol.asyncIterator]().next());
    link.batch(readRecords(7, 1), { reconnectAdvised: true });
    await flushMicrotasks();
    expect(next.state).toBe("fulfilled");
    expect(rig.names().slice(3)).toEqual(["batchReceived", "reconnectAdvised", "attemptEnded"]);
    expect(rig.all("reconnectAdvised")).toMatchObject([{ attempt: 1, reason: "advice" }]);
    expect(rig.all("attemptEnded")).toMatchObject([{ error: { code: "server_draining" } }]);
  });

  it("tells what it failed to open with", async () => {
    const rig = await openRig();
    rig.transport.read().refuse(gone);
    await flushMicrotasks();
    expect(rig.names()).toEqual(["sessionStarted", "attemptStarted", "attemptEnded", "sessionEnded"]);
    expect(rig.all("sessionEnded")).toMatchObject([{ error: { code: "stream_not_found" } }]);
    expect(rig.opening.reason).toBe(rig.all("sessionEnded")[0]?.error);
  });

  it("ends its attempt once when its consumer leaves", async () => {
    const rig = await openRig();
    const { session } = await rig.open();
    await session.cancel();
    await flushMicrotasks();
    expect(rig.names().slice(-2)).toEqual(["attemptEnded", "sessionEnded"]);
    expect(rig.all("attemptEnded")).toHaveLength(1);
    expect(rig.all("sessionEnded")).toMatchObject([{ error: undefined }]);
  });
});
