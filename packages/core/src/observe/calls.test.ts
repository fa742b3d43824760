import { describe, expect, it } from "vitest";
import { encodeAppendAck } from "../codec/append-ack.js";
import { encodeReadBatch } from "../codec/read-batch.js";
import { S2Error } from "../error/s2-error.js";
import { type CallSpec, call } from "../session/call.js";
import { appendAck, flushMicrotasks, observe } from "../testing/index.js";
import type { WireRequest } from "../transport/index.js";
import { observedRig, recordsRequest } from "./recorder.fixture.js";

const request: WireRequest = { method: "GET", url: "https://a.test/v1/basins", headers: {} };
const unavailable = new S2Error({ message: "unavailable", code: "unavailable" });
const spec = (more: Partial<CallSpec<unknown>> = {}): CallSpec<unknown> => ({
  request,
  decode: ({ status }) => status,
  ...more,
});

const PROTOBUF = { "content-type": "application/protobuf" };
const wireRecord = (seq_num: number) => ({ seq_num, timestamp: 0, headers: [], body: new Uint8Array(3) });

describe("an observed call", () => {
  it("tells of its attempts, its retry and its end, in order", async () => {
    const rig = observedRig();
    const result = observe(call(rig.context, spec()));
    await rig.clock.advance(5);
    rig.transport.exchanged().fail(unavailable);
    await flushMicrotasks();
    await rig.clock.advance(100);
    await rig.clock.advance(7);
    rig.transport.exchanged().answer({ status: 200, body: new Uint8Array(9) });
    await flushMicrotasks();
    expect(result.value).toBe(200);
    expect(rig.names()).toEqual([
      "callStarted",
      "attemptStarted",
      "attemptEnded",
      "retryScheduled",
      "attemptStarted",
      "attemptEnded",
      "callFinished",
    ]);
    const { activity } = rig.all("callStarted")[0] ?? {};
    expect(activity).toEqual({
      id: 1,
      kind: "call",
      operation: "list_basins",
      basin: undefined,
      stream: undefined,
      transport: "scripted",
      origin: "https://a.test",
    });
    expect(rig.all("attemptEnded")).toEqual([
      { activity, attempt: 1, durationMillis: 5, status: undefined, error: unavailable },
      { activity, attempt: 2, durationMillis: 7, status: 200, error: undefined },
    ]);
    expect(rig.all("retryScheduled")).toEqual([
      { activity, attempt: 1, delayMillis: 100, error: unavailable },
    ]);
    expect(rig.all("callFinished")).toEqual([
      {
        activity,
        durationMillis: 112,
        attempts: 2,
        requestBytes: 0,
        responseBytes: 9,
        records: undefined,
        error: undefined,
      },
    ]);
  });

  it("tells the records and the bytes of an append and of a read", async () => {
    const rig = observedRig();
    const body = new Uint8Array(70);
    void call(
      rig.context,
      spec({ request: { ...recordsRequest, body }, decode: () => "whatever its caller makes of it" }),
    );
    await flushMicrotasks();
    rig.transport.exchanged().answer({ body: encodeAppendAck(appendAck(5, 3)), headers: PROTOBUF });
    const read = { ...recordsRequest, method: "GET" } as const;
    void call(rig.context, spec({ request: read }));
    await flushMicrotasks();
    const answer = encodeReadBatch({ records: [wireRecord(0), wireRecord(1)] });
    rig.transport.exchanged().answer({ body: answer, headers: PROTOBUF });
    await flushMicrotasks();
    expect(rig.all("callFinished")).toMatchObject([
      {
        activity: { operation: "append", basin: "my-basin", stream: "a/b" },
        records: 3,
        requestBytes: 70,
        responseBytes: expect.any(Number),
      },
      { activity: { operation: "read", id: 2 }, records: 2, requestBytes: 0 },
    ]);
  });

  it("tells the error that its caller gets", async () => {
    const rig = observedRig({ maxAttempts: 1 });
    const result = observe(call(rig.context, spec()));
    await flushMicrotasks();
    rig.transport.exchanged().fail(unavailable);
    await flushMicrotasks();
    expect(rig.all("callFinished")[0]?.error).toBe(result.reason);
    expect(rig.all("callFinished")[0]?.error).toMatchObject({ code: "unavailable", attempts: 1 });
    expect(rig.names()).not.toContain("retryScheduled");
  });

  it("tells of no attempt when it is aborted before the first", async () => {
    const rig = observedRig();
    observe(call(rig.context, spec({ signal: AbortSignal.abort() })));
    await flushMicrotasks();
    expect(rig.names()).toEqual(["callStarted", "callFinished"]);
    expect(rig.all("callFinished")[0]).toMatchObject({ attempts: 0, error: { code: "ABORTED" } });
  });

  it("announces no retry that its deadline forbids", async () => {
    const rig = observedRig();
    observe(call(rig.context, spec({ deadlineMillis: 50 })));
    await flushMicrotasks();
    rig.transport.exchanged().fail(unavailable);
    await flushMicrotasks();
    expect(rig.names()).toEqual(["callStarted", "attemptStarted", "attemptEnded", "callFinished"]);
  });

  it("tells of a draining server and of a renewed access token", async () => {
    const rig = observedRig();
    const refusals = [
      new S2Error({ message: "elsewhere", code: "server_draining" }),
      new S2Error({ message: "no", code: "permission_denied", status: 403 }),
    ];
    const credentials = { ...rig.context.credentials, renew: () => true };
    observe(call({ ...rig.context, credentials }, spec()));
    for (const refusal of refusals) {
      await flushMicrotasks();
      rig.transport.exchanged().fail(refusal);
      await rig.clock.advance(250);
    }
    expect(rig.all("reconnectAdvised")).toMatchObject([{ attempt: 1, reason: "draining" }]);
    expect(rig.all("retryScheduled")).toMatchObject([{ delayMillis: 250, error: refusals[0] }]);
    expect(rig.all("tokenRenewed")).toMatchObject([{ attempt: 2 }]);
    expect(rig.transport.exchanges).toHaveLength(3);
  });
});

describe("what a call is about", () => {
  const about = async (given: Partial<WireRequest>) => {
    const rig = observedRig();
    observe(call(rig.context, spec({ request: { ...request, ...given } })));
    const { operation, basin, stream, origin } = rig.all("callStarted")[0]?.activity ?? {};
    return { operation, basin, stream, origin };
  };

  it("is read off its request, wherever the endpoint puts the API", async () => {
    const url = "http://127.0.0.1:81/some/where/streams/metrics/records/tail?x=/basins/y";
    expect(await about({ url, headers: { "s2-basin": "named-basin" } })).toEqual({
      operation: "check_tail",
      basin: "named-basin",
      stream: "metrics",
      origin: "http://127.0.0.1:81",
    });
    expect(await about({ method: "DELETE", url: "https://a.test/v1/basins/old-basin" })).toMatchObject({
      operation: "delete_basin",
      basin: "old-basin",
    });
    expect(await about({ url: "https://my-basin.b.test/v1/streams/basins" })).toMatchObject({
      operation: "get_stream_config",
      basin: "my-basin",
      stream: "basins",
    });
  });

  it("is in the body where something is created", async () => {
    const body = new TextEncoder().encode('{"stream":"new"}');
    expect(await about({ method: "POST", url: "https://my-basin.b.test/v1/streams", body })).toMatchObject({
      operation: "create_stream",
      basin: "my-basin",
      stream: "new",
    });
  });

  it("is unknown where the request is none of the service's", async () => {
    expect(await about({ url: "https://a.test/v1/elsewhere" })).toMatchObject({ operation: "unknown" });
  });
});
