import {
  AppendOutcomeUnknownError,
  AppendRecord,
  type AppendRecordInput,
  S2Error,
  SeqNumMismatchError,
} from "@s2-dev/streamstore-core";
import {
  appendAck,
  flushMicrotasks,
  observe,
  type ScriptedTransport,
} from "@s2-dev/streamstore-core/testing";
import { decodeAppendInput } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import {
  answerAck,
  answerBatch,
  answerJson,
  BASIN,
  createTestClient,
  nextCall,
  rejection,
} from "../test/support.js";
import type { S2ClientOptions } from "./options.js";
import type { S2Stream } from "./stream.js";

function createStream(options?: S2ClientOptions): {
  stream: S2Stream;
  transport: ScriptedTransport;
  clock: ReturnType<typeof createTestClient>["clock"];
} {
  const { s2, transport, clock } = createTestClient(options);
  return { stream: s2.basin(BASIN).stream("events"), transport, clock };
}

const lost = (): S2Error => new S2Error({ message: "the connection broke", code: "CONNECTION_LOST" });
const refused = (): S2Error => new S2Error({ message: "nobody listens", code: "CONNECT_FAILED" });

describe("append", () => {
  it.each([
    ["between records", [0, 2], "records[1]"],
    ["in front of them", [1], "records[0]"],
    ["before a long rest", [0, 1, 900], "records[2]"],
  ])("refuses a hole %s, which would be dropped in silence", async (_, filled, place) => {
    const records: AppendRecordInput[] = [];
    for (const index of filled) records[index] = { body: `${index}` };
    const { stream, transport } = createStream();
    const refusal = { code: "INVALID_ARGUMENT", sideEffect: "none", message: expect.stringContaining(place) };
    expect(await rejection(stream.append(records))).toMatchObject(refusal);
    for (const options of [{}, { exactlyOnce: true }, { exactlyOnce: { markerHeader: "_m" } }]) {
      const session = await stream.appendSession(options);
      expect(await rejection(session.submit(records))).toMatchObject(refusal);
      expect(await rejection(session.enqueue(records))).toMatchObject(refusal);
    }
    expect(transport.exchanges).toEqual([]);
    expect(transport.appends).toEqual([]);
  });

  it("sends one batch as protobuf and asks for protobuf", async () => {
    const { stream, transport } = createStream();
    const done = stream.append(
      [
        AppendRecord.make("Hello", { foo: "bar" }),
        AppendRecord.make(new Uint8Array([1, 2]), { type: "binary" }),
      ],
      { match_seq_num: 0, fencing_token: "" },
    );
    const call = await nextCall(transport);
    expect(call.request).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/protobuf", accept: "application/protobuf" },
    });
    expect(decodeAppendInput(call.request.body as Uint8Array)).toMatchObject({
      match_seq_num: 0,
      fencing_token: "",
      records: [{ body: new TextEncoder().encode("Hello") }, { body: new Uint8Array([1, 2]) }],
    });
    answerAck(call, appendAck(0, 2));
    expect(await done).toEqual(appendAck(0, 2));
  });

  it.each([
    ["of another number of records", appendAck(5, 1), "1 records for a batch of 2"],
    ["whose end lies before its start", appendAck(5, -2), "-2 records for a batch of 2"],
    [
      "with a tail before its end",
      { ...appendAck(5, 2), tail: { seq_num: 6, timestamp: 0 } },
      "records up to 7 with the tail 6",
    ],
  ])("refuses an ack %s, and says that the records may have landed", async (_, ack, fault) => {
    const { stream, transport } = createStream();
    const failed = rejection(stream.append([{ body: "a" }, { body: "b" }]));
    answerAck(await nextCall(transport), ack);
    expect(await failed).toMatchObject({
      code: "PROTOCOL_ERROR",
      sideEffect: "possible",
      message: `The server acknowledged ${fault}`,
    });
    expect(transport.exchanges).toHaveLength(1);
  });

  it("takes one record as well as a list", async () => {
    const { stream, transport } = createStream();
    void stream.append({ body: "alone" }).catch(() => undefined);
    const { request } = await nextCall(transport);
    expect(decodeAppendInput(request.body as Uint8Array).records).toHaveLength(1);
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ["a fencing token of 37 bytes", { body: "" }, { fencing_token: "x".repeat(37) }, /fencing_token.*36/],
    ["an unsafe match_seq_num", { body: "" }, { match_seq_num: 2 ** 53 }, /match_seq_num.*9007199254740992/],
    ["a fractional match_seq_num", { body: "" }, { match_seq_num: 0.5 }, /match_seq_num.*0\.5/],
    ["an unsafe timestamp", { body: "", timestamp: 2 ** 53 }, {}, /timestamp.*9007199254740992/],
    ["a timestamp that is no number", { body: "", timestamp: Number.NaN }, {}, /timestamp.*NaN/],
    ["no record", [], {}, /records|batch/],
    ["1001 records", Array.from({ length: 1001 }, () => ({})), {}, /1001|1000/],
    ["a record above 1 MiB", { body: new Uint8Array(1_048_569) }, {}, /1048577|1048576/],
    [
      "a batch above 1 MiB",
      [{ body: new Uint8Array(1_000_000) }, { body: new Uint8Array(1_000_000) }],
      {},
      /1048576/,
    ],
    ["nothing at all", undefined, {}, /records\[0\] must be an object/],
    ["text instead of a record", "text", {}, /records\[0\] must be an object/],
    ["a body that is a number", { body: 5 }, {}, /body/],
  ])("refuses %s before anything is sent [D1-26]", async (_, records, args, message) => {
    const { stream, transport } = createStream();
    const error = await rejection(
      stream.append(records as AppendRecordInput, args as { match_seq_num: number }),
    );
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk", sideEffect: "none" });
    expect((error as S2Error).message).toMatch(message);
    expect(transport.exchanges).toEqual([]);
  });

  it('under "all" is sent again although the first attempt may have landed', async () => {
    const { stream, transport, clock } = createStream();
    const done = stream.append({ body: "x" });
    (await nextCall(transport)).fail(lost());
    await clock.advance(100);
    const second = await nextCall(transport);
    expect(second.options.attempt).toBe(2);
    expect(second.request).toEqual(transport.exchanges[0]?.request);
    answerAck(second);
    expect(await done).toEqual(appendAck(0, 1));
  });

  it("under noSideEffects is not sent again when it may have landed", async () => {
    const { stream, transport, clock } = createStream({ retry: { appendRetryPolicy: "noSideEffects" } });
    const failed = rejection(stream.append({ body: "x" }));
    (await nextCall(transport)).fail(lost());
    await clock.advance(1000);
    expect(await failed).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible", attempts: 1 });
    expect(transport.exchanges).toHaveLength(1);
  });

  it.each([
    ["nothing can have landed", refused, undefined],
    ["it expects to be the first record", lost, { match_seq_num: 0 }],
  ])("under noSideEffects is sent again when %s", async (_, failure, conditions) => {
    const { stream, transport, clock } = createStream({ retry: { appendRetryPolicy: "noSideEffects" } });
    const done = stream.append({ body: "x" }, conditions);
    (await nextCall(transport)).fail(failure());
    await clock.advance(100);
    answerAck(await nextCall(transport));
    expect(await done).toEqual(appendAck(0, 1));
  });

  it("says that the outcome is unknown when a mismatch may be due to its own first attempt [H-10, D1-85]", async () => {
    const { stream, transport, clock } = createStream();
    const failed = rejection(stream.append({ body: "x" }, { match_seq_num: 0 }));
    (await nextCall(transport)).fail(lost());
    await clock.advance(100);
    answerJson(await nextCall(transport), 412, { seq_num_mismatch: 1 });
    const error = (await failed) as AppendOutcomeUnknownError;
    expect(error).toBeInstanceOf(AppendOutcomeUnknownError);
    expect(error).not.toBeInstanceOf(SeqNumMismatchError);
    expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", sideEffect: "possible", attempts: 2 });
    expect(error.cause).toBeInstanceOf(SeqNumMismatchError);
  });

  it("reports a mismatch as such when no earlier attempt can have landed", async () => {
    const { stream, transport, clock } = createStream();
    const failed = rejection(stream.append({ body: "x" }, { match_seq_num: 0 }));
    (await nextCall(transport)).fail(refused());
    await clock.advance(100);
    answerJson(await nextCall(transport), 412, { seq_num_mismatch: 1 });
    expect(await failed).toBeInstanceOf(SeqNumMismatchError);
    expect(await failed).toMatchObject({ expectedSeqNum: 1, sideEffect: "none" });
  });

  it("after an abort is not sent again, and says whether it can have landed [H-2]", async () => {
    const { stream, transport, clock } = createStream();
    const controller = new AbortController();
    const failed = rejection(stream.append({ body: "x" }, {}, { signal: controller.signal }));
    (await nextCall(transport)).fail(lost());
    await flushMicrotasks();
    controller.abort("enough");
    expect(await failed).toMatchObject({ code: "ABORTED", cause: "enough", sideEffect: "possible" });
    await clock.advance(10_000);
    expect(transport.exchanges).toHaveLength(1);
  });
});

describe("an abort between two attempts at an append", () => {
  it("is reported as an abort, with an effect possible, although nothing of the second has left [H-2]", async () => {
    const { stream, transport, clock } = createStream();
    let listened = 0;
    // One listener for the first attempt, one for the backoff; the third is told before the request is made.
    const signal = {
      aborted: false,
      reason: "enough",
      addEventListener: (_: string, listener: () => void) => {
        listened += 1;
        if (listened === 3) listener();
      },
      removeEventListener: () => {},
    };
    const failed = rejection(stream.append({ body: "x" }, {}, { signal: signal as unknown as AbortSignal }));
    (await nextCall(transport)).fail(lost());
    await clock.advance(100);
    expect(await failed).toMatchObject({ code: "ABORTED", cause: "enough", sideEffect: "possible" });
    expect(transport.exchanges).toHaveLength(1);
  });
});

describe("read", () => {
  it("asks for protobuf, in exactly one request [D1-37]", async () => {
    const { stream, transport } = createStream();
    const done = stream.read({ seq_num: 0, count: 10 });
    const call = await nextCall(transport);
    expect(call.request.url).toMatch(/\/records\?seq_num=0&count=10$/);
    expect(call.request.headers.accept).toBe("application/protobuf");
    expect(call.request.body).toBeUndefined();
    answerBatch(call);
    expect((await done).records).toEqual([
      { seq_num: 0, timestamp: 1, body: "", headers: {}, headerList: [] },
    ]);
    expect(transport.exchanges).toHaveLength(1);
  });

  it("that waits has so much longer until its deadline, at most the minute that the service waits", async () => {
    for (const [wait, seconds] of [
      [30, 30],
      [3600, 60],
    ] as const) {
      const { stream, transport, clock } = createStream({ retry: { maxAttempts: 1 } });
      const seen = observe(stream.read({ tail_offset: 0, wait }));
      await nextCall(transport);
      await clock.advance(seconds * 1000 + 4999);
      expect(seen.state).toBe("pending");
      await clock.advance(1);
      await clock.turn();
      expect(seen.state).toBe("rejected");
      expect(seen.reason).toMatchObject({ code: "REQUEST_TIMEOUT", sideEffect: "none" });
    }
  });

  it.each<[unknown, RegExp]>([
    [{ seq_num: 0, tail_offset: 0 }, /at most one of seq_num, timestamp and tail_offset/],
    [{ seq_num: 2 ** 53 }, /seq_num must be/],
    [{ seq_num: -1 }, /seq_num must be/],
    [{ tail_offset: 1.5 }, /tail_offset must be/],
    [{ timestamp: Number.NaN }, /timestamp must be/],
    [{ count: Number.POSITIVE_INFINITY }, /count must be/],
    [{ bytes: "10" }, /bytes must be/],
    [{ wait: -1 }, /wait must be/],
    [{ timestamp: 5, until: 5 }, /until/],
    [{ clamp: "yes" }, /clamp must be/],
    [{ as: "text" }, /as must be "string" or "bytes"/],
    [{ unsafeTimestamps: "round" }, /unsafeTimestamps must be/],
  ])("and readSession refuse %o before anything is sent [D1-26]", async (args, message) => {
    const { stream, transport } = createStream();
    for (const call of ["read", "readSession"] as const) {
      const error = await rejection(stream[call](args as object));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, sideEffect: "none" });
      expect((error as S2Error).message).toMatch(message);
    }
    expect(transport.exchanges).toEqual([]);
    expect(transport.reads).toEqual([]);
  });

  it("at the tail names the options that help [D1-60]", async () => {
    const { stream, transport } = createStream();
    const failed = rejection(stream.read({ seq_num: 9 }));
    answerJson(await nextCall(transport), 416, { tail: { seq_num: 9, timestamp: 1 } });
    const error = (await failed) as S2Error;
    for (const [, name] of error.message.matchAll(/`(\w+)/g)) expect(["clamp", "wait"]).toContain(name);
    expect(error.message).toContain("`clamp: true`");
  });
});

describe("readSession", () => {
  it("opens a link for the stream with the range in its query, and no content negotiation [D1-62, D1-78]", async () => {
    const { stream, transport } = createStream({ endpoints: { account: "http://a:1", basin: "http://b:2" } });
    const opening = stream.readSession({ clamp: true, tail_offset: 10, as: "bytes" });
    await flushMicrotasks();
    const link = transport.read();
    expect(link.request).toEqual({
      method: "GET",
      url: "http://b:2/v1/streams/events/records?tail_offset=10&clamp=true",
      headers: { "s2-basin": BASIN },
    });
    expect(link.format).toEqual({ as: "bytes", unsafeTimestamps: "error" });
    link.open();
    link.heartbeat({ seq_num: 3, timestamp: 1 });
    const session = await opening;
    expect(session.nextReadPosition()?.seq_num).toBe(3);
    await session.cancel();
  });

  it("rejects with what the server answered", async () => {
    const { stream, transport } = createStream();
    const failed = rejection(stream.readSession());
    await flushMicrotasks();
    transport
      .read()
      .refuse(new S2Error({ message: "no such stream", code: "stream_not_found", origin: "server" }));
    expect(await failed).toMatchObject({ code: "stream_not_found", status: 404, origin: "server" });
  });

  it("makes no request for a signal that is aborted already [H-2]", async () => {
    const { stream, transport } = createStream();
    const signal = AbortSignal.abort("no");
    expect(await rejection(stream.readSession({}, { signal }))).toMatchObject({
      code: "ABORTED",
      cause: "no",
    });
    expect(await rejection(stream.appendSession({}, { signal }))).toMatchObject({
      code: "ABORTED",
      cause: "no",
    });
    expect([...transport.reads, ...transport.appends]).toEqual([]);
  });
});

describe("appendSession", () => {
  it("touches no network before its first batch, then opens a link for the stream [D1-62]", async () => {
    const { stream, transport } = createStream({ endpoints: { account: "http://a:1", basin: "http://b:2" } });
    const session = await stream.appendSession();
    await flushMicrotasks();
    expect(transport.appends).toEqual([]);
    const acked = session.submit({ body: "x" });
    const link = transport.append();
    expect(link.request).toEqual({
      method: "POST",
      url: "http://b:2/v1/streams/events/records",
      headers: { "s2-basin": BASIN },
    });
    link.open();
    link.take();
    link.acknowledge();
    expect(await acked).toEqual(appendAck(0, 1));
    expect(transport.violations).toEqual([]);
  });

  it.each([
    [{ maxInflightBytes: 1_048_575 }, /maxInflightBytes must be/],
    [{ maxInflightBytes: Number.NaN }, /maxInflightBytes must be/],
    [{ maxInflightBatches: 0 }, /maxInflightBatches must be/],
    [{ maxInflightBatches: 1.5 }, /maxInflightBatches must be/],
    [null, /the options of an append session must be an object/],
  ])("refuses %o at construction [H-3]", async (options, message) => {
    const { stream } = createStream();
    const error = await rejection(stream.appendSession(options as object));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk" });
    expect((error as S2Error).message).toMatch(message);
  });

  it("rejects a refused batch alone, and goes on [H-8, D2-28]", async () => {
    const { stream, transport } = createStream();
    const session = await stream.appendSession();
    const first = session.submit({ body: "one" });
    const bad = rejection(session.submit({ body: "two" }, { fencing_token: "x".repeat(37) }));
    const last = session.submit({ body: "three" });
    expect(await bad).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none" });
    const link = transport.append();
    link.open();
    link.take();
    link.acknowledge(2);
    expect((await first).end.seq_num).toBe(1);
    expect((await last).end.seq_num).toBe(2);
    expect(session.failureCause()).toBeUndefined();
  });

  it("errors the writable with the refusal of a batch [H-8]", async () => {
    const { stream } = createStream();
    const { writable } = await stream.appendSession();
    const writer = writable.getWriter();
    const closed = rejection(writer.closed);
    expect(await rejection(writer.write({ records: [] }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await closed).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
