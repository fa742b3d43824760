import { describe, expect, it } from "vitest";
import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { AppendOutcomeUnknownError, SeqNumMismatchError } from "../../error/append-errors.js";
import { RangeNotSatisfiableError, S2Error } from "../../error/s2-error.js";
import { FRAME_HEAD_BYTES } from "../../model/limits.js";
import type { BytesHeaderList, EncodedBatch } from "../../model/record.js";
import type { RetryConfig } from "../../retry/settings.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  observe,
} from "../../testing/index.js";
import { PositionChain, type StreamReader } from "./exactly-once.js";
import { createMarker } from "./marker.js";
import { createAppendSession } from "./session.js";
import type { ExactlyOnceOptions } from "./types.js";

const request = { method: "POST", url: "https://b.test/v1/streams/s/records", headers: {} } as const;

interface Stored {
  readonly body: string;
  readonly timestamp: number;
  readonly headers?: BytesHeaderList;
}

/** An exactly-once session whose stream is an array; what lands is pushed by the test. */
function rig(
  log: Stored[] = [],
  trimmedTo = 0,
  retry: RetryConfig = {},
  exactlyOnce: true | ExactlyOnceOptions = true,
) {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  transport.nextSeqNum = log.length;
  const reads: number[] = [];
  const reader: StreamReader = {
    checkTail: async () => ({ seq_num: log.length, timestamp: 0 }),
    read: async (from, count) => {
      reads.push(from);
      if (Math.max(from, trimmedTo) >= log.length)
        throw new RangeNotSatisfiableError({ tail: { seq_num: log.length, timestamp: 0 } });
      const start = Math.max(from, trimmedTo);
      const records = log
        .slice(start, Math.min(start + count, from + count))
        .map(({ body, timestamp, headers = [] }, index) => ({
          seq_num: start + index,
          timestamp,
          body: new TextEncoder().encode(body),
          headers,
          headerList: headers,
        }));
      return { records };
    },
  };
  const session = createAppendSession(createTestContext({ transport, clock, retry }), {
    request,
    options: { exactlyOnce },
    chain: new PositionChain(
      reader,
      createMarker(exactlyOnce, () => 0),
    ),
  });
  return { clock, transport, session, log, reads };
}

const lost = (): S2Error => new S2Error({ message: "cut", code: "CONNECTION_LOST" });
const conditionOf = (batch: EncodedBatch | undefined) =>
  batch && decodeAppendInput(batch.frame.subarray(FRAME_HEAD_BYTES)).match_seq_num;

async function linkOf({ transport }: ReturnType<typeof rig>, index: number) {
  await flushMicrotasks();
  const link = transport.appends[index];
  if (link === undefined) throw new Error(`link ${index} was not opened`);
  link.open();
  return link;
}

describe("exactly-once mode", () => {
  it("demands for each batch the place behind the one before, from the tail on", async () => {
    const it = rig([{ body: "older", timestamp: 1 }]);
    const acks = [it.session.submit([{ body: "a" }, { body: "b" }]), it.session.submit({ body: "c" })];
    const link = await linkOf(it, 0);
    expect(link.sent.map(conditionOf)).toEqual([1, 3]);
    link.acknowledge(2);
    expect((await Promise.all(acks)).map(({ start }) => start.seq_num)).toEqual([1, 3]);
  });

  it("acknowledges what landed before the break with its true place, and sends only the rest [H-24]", async () => {
    const it = rig();
    const first = it.session.submit({ body: "a" });
    const second = it.session.submit({ body: "b" });
    const link = await linkOf(it, 0);
    it.log.push({ body: "a", timestamp: 77 });
    link.end(lost());
    await it.clock.advance(1000);
    const next = await linkOf(it, 1);
    expect(await first).toEqual({
      start: { seq_num: 0, timestamp: 77 },
      end: { seq_num: 1, timestamp: 77 },
      tail: { seq_num: 1, timestamp: 77 },
    });
    expect(next.sent.map(conditionOf)).toEqual([1]);
    it.transport.nextSeqNum = 1;
    next.acknowledge();
    expect((await second).start.seq_num).toBe(1);
  });

  it("looks again when a re-sent batch meets its own first copy", async () => {
    const it = rig();
    const ack = it.session.submit({ body: "a" });
    (await linkOf(it, 0)).end(lost());
    await it.clock.advance(1000);
    const again = await linkOf(it, 1);
    it.log.push({ body: "a", timestamp: 5 });
    again.end(new SeqNumMismatchError({ expectedSeqNum: 1, origin: "server" }));
    expect((await ack).start).toEqual({ seq_num: 0, timestamp: 5 });
  });

  it("reports another writer, with what was found where, and that nothing of its own landed [H-24]", async () => {
    const it = rig();
    const acks = [observe(it.session.submit({ body: "a" })), observe(it.session.submit({ body: "b" }))];
    const link = await linkOf(it, 0);
    it.log.push({ body: "a", timestamp: 1 }, { body: "foreign", timestamp: 2 });
    link.end(lost());
    await it.clock.advance(1000);
    await flushMicrotasks();
    expect(acks[0]?.value).toMatchObject({ start: { seq_num: 0 } });
    expect(acks[1]?.reason).toMatchObject({
      code: "WRITER_CONFLICT",
      sideEffect: "none",
      data: { expectedSeqNum: 1, foundSeqNum: 1, foundTimestamp: 2 },
    });
    await expect(it.session.close()).rejects.toMatchObject({ code: "WRITER_CONFLICT" });
  });

  it("says that it cannot tell when the place has been trimmed away", async () => {
    const it = rig([], 3);
    const ack = observe(it.session.submit({ body: "a" }));
    const link = await linkOf(it, 0);
    for (const body of ["a", "x", "y", "z"]) it.log.push({ body, timestamp: 1 });
    link.end(lost());
    await it.clock.advance(1000);
    await flushMicrotasks();
    expect(ack.reason).toBeInstanceOf(AppendOutcomeUnknownError);
  });

  it("says that it cannot tell when everything has been trimmed away, its own records included [H-24]", async () => {
    const it = rig([], 1);
    const ack = observe(it.session.submit({ body: "a" }));
    const link = await linkOf(it, 0);
    it.log.push({ body: "a", timestamp: 1 });
    link.end(lost());
    await it.clock.advance(1000);
    await flushMicrotasks();
    expect(ack.reason).toBeInstanceOf(AppendOutcomeUnknownError);
    expect(ack.reason).toMatchObject({ sideEffect: "possible" });
    expect(it.transport.appends).toHaveLength(1);
  });

  it("says which right it lacks when it may not look at the stream [H-24]", async () => {
    const clock = createFakeClock();
    const transport = createScriptedTransport();
    const denied = async (): Promise<never> => {
      throw new S2Error({ message: "no right to read", code: "permission_denied", origin: "server" });
    };
    const chain = new PositionChain(
      { checkTail: denied, read: denied },
      createMarker(true, () => 0),
    );
    const session = createAppendSession(createTestContext({ transport, clock }), {
      request,
      options: { exactlyOnce: true },
      chain,
    });
    const ack = observe(session.submit({ body: "a" }));
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({
      code: "permission_denied",
      message: "no right to read",
      sideEffect: "none",
      attempts: 1,
    });
    expect(transport.appends).toHaveLength(0);
  });

  it("gives up on a mismatch that nothing in the log explains", async () => {
    const it = rig();
    const ack = observe(it.session.submit({ body: "a" }));
    const link = await linkOf(it, 0);
    link.end(new SeqNumMismatchError({ expectedSeqNum: 9, origin: "server" }));
    await flushMicrotasks();
    expect(ack.reason).toBeInstanceOf(SeqNumMismatchError);
  });

  it("takes equal records of another writer for its own, unless its batches carry a marker [H-24]", async () => {
    for (const exactlyOnce of [true, { markerHeader: "_session" }] as const) {
      const it = rig([], 0, {}, exactlyOnce);
      const ack = observe(it.session.submit({ body: "a" }));
      const link = await linkOf(it, 0);
      it.log.push({ body: "a", timestamp: 1 });
      link.end(lost());
      await it.clock.advance(1000);
      await flushMicrotasks();
      if (exactlyOnce === true) expect(ack.value).toMatchObject({ start: { seq_num: 0 } });
      else expect(ack.reason).toMatchObject({ code: "WRITER_CONFLICT", sideEffect: "none" });
    }
  });

  it("knows its own batch by its marker", async () => {
    const it = rig([], 0, {}, { markerHeader: "_session" });
    const ack = it.session.submit({ body: "a" });
    const link = await linkOf(it, 0);
    const sent = link.sent[0] as EncodedBatch;
    const [record] = decodeAppendInput(sent.frame.subarray(FRAME_HEAD_BYTES)).records;
    it.log.push({ body: "a", timestamp: 3, headers: (record?.headers ?? []) as BytesHeaderList });
    link.end(lost());
    await it.clock.advance(1000);
    expect((await ack).start).toEqual({ seq_num: 0, timestamp: 3 });
  });

  it("refuses a condition of the caller's own [H-24]", async () => {
    const it = rig();
    await expect(it.session.submit({ body: "a" }, { match_seq_num: 0 })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    const ack = it.session.submit({ body: "b" });
    (await linkOf(it, 0)).acknowledge();
    await ack;
  });

  it("does not take a look that finds nothing for progress: attempts stay counted, close() bounded", async () => {
    for (const maxAttempts of [2, "unlimited"] as const) {
      const it = rig([], 0, { maxAttempts });
      const ack = observe(it.session.submit({ body: "a" }));
      const closing = maxAttempts === 2 ? undefined : observe(it.session.close());
      for (let attempt = 0; ack.state === "pending" && attempt < 100; attempt += 1) {
        const link = await linkOf(it, attempt);
        link.end(lost());
        await it.clock.runNext();
        await flushMicrotasks();
      }
      expect(ack.reason).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible" });
      if (closing === undefined) expect(it.transport.appends).toHaveLength(2);
      else expect(closing.state).toBe("rejected");
    }
  });

  it("stops looking when it is aborted", async () => {
    const it = rig();
    const ack = observe(it.session.submit({ body: "a" }));
    await it.session.writable.abort("enough");
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "ABORTED", sideEffect: "none" });
    expect(it.transport.appends).toHaveLength(0);
  });
});

describe("exactly-once mode on a link whose ack is overdue", () => {
  it("looks at the log when the link then answers with a mismatch", async () => {
    const it = rig();
    const ack = it.session.submit({ body: "a" });
    (await linkOf(it, 0)).end(lost());
    await it.clock.advance(1000);
    const again = await linkOf(it, 1);
    again.take();
    it.log.push({ body: "a", timestamp: 9 });
    await it.clock.advance(5001);
    expect(again.isFinished).toBe(true);
    again.end(new SeqNumMismatchError({ expectedSeqNum: 1, origin: "server" }));
    await it.clock.advance(1000);
    expect((await ack).start).toEqual({ seq_num: 0, timestamp: 9 });
  });
});
