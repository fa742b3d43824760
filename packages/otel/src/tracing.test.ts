import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { S2Error } from "@s2-dev/streamstore-core";
import {
  call,
  createAppendSession,
  openReadSession,
  type ReadSession,
} from "@s2-dev/streamstore-core/session";
import { appendAck, flushMicrotasks, observe, readRecords } from "@s2-dev/streamstore-core/testing";
import { encodeAppendAck } from "@s2-dev/streamstore-core/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTelemetry, enableContext, recordsRequest, type Telemetry } from "../test/telemetry.js";

const unavailable = new S2Error({ message: "later", code: "unavailable" });

const PROTOBUF = { "content-type": "application/protobuf" };

let telemetry: Telemetry;
let disableContext: () => void;
beforeEach(() => {
  disableContext = enableContext();
  telemetry = createTelemetry();
});
afterEach(async () => {
  disableContext();
  await telemetry.close();
});

const events = (index: number) =>
  telemetry.spans()[index]?.events.map(({ name, attributes }) => [name, attributes]);

describe("the span of a call", () => {
  it("says what was done, where, and how much", async () => {
    const body = new Uint8Array(70);
    const request = { ...recordsRequest, body };
    const done = call(telemetry.context, { request, decode: () => null });
    await flushMicrotasks();
    telemetry.transport.exchanged().answer({ headers: PROTOBUF, body: encodeAppendAck(appendAck(0, 3)) });
    await done;
    const [span] = telemetry.spans();
    expect(span).toMatchObject({ name: "append events", kind: SpanKind.CLIENT });
    expect(span?.attributes).toEqual({
      "messaging.system": "s2",
      "messaging.operation.name": "append",
      "messaging.operation.type": "send",
      "messaging.destination.name": "events",
      "messaging.batch.message_count": 3,
      "messaging.message.body.size": 70,
      "server.address": "my-basin.b.test",
      "server.port": 8443,
      "s2.basin": "my-basin",
      "s2.transport": "scripted",
    });
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it("is a child of the active span, notes retries, and fails as the call does", async () => {
    const tracer = telemetry.tracerProvider.getTracer("test");
    const parent = tracer.startSpan("parent");
    const request = { ...recordsRequest, method: "GET", url: "https://a.test/v1/basins" } as const;
    const result = context.with(trace.setSpan(context.active(), parent), () =>
      observe(call(telemetry.context, { request, decode: () => null, deadlineMillis: 1000 })),
    );
    for (const error of [unavailable, new S2Error({ message: "no", code: "basin_not_found" })]) {
      await flushMicrotasks();
      telemetry.transport.exchanged().fail(error);
      await telemetry.clock.advance(100);
    }
    expect(result.state).toBe("rejected");
    const [span] = telemetry.spans();
    expect(span?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(span).toMatchObject({
      name: "list_basins",
      status: { code: SpanStatusCode.ERROR, message: "no" },
      attributes: { "error.type": "basin_not_found", "server.address": "a.test" },
    });
    expect(span?.attributes).not.toHaveProperty("messaging.operation.type");
    expect(events(0)).toEqual([["s2.retry", { "s2.retry.delay_ms": 100, "error.type": "unavailable" }]]);
  });

  it("is no failure when the program aborts", async () => {
    const signal = AbortSignal.abort();
    observe(call(telemetry.context, { request: recordsRequest, decode: () => null, signal }));
    await flushMicrotasks();
    expect(telemetry.spans()[0]).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: { "error.type": "ABORTED" },
    });
  });
});

describe("the spans of a session", () => {
  it("are one for each attempt of an append session, with what it got through", async () => {
    const session = createAppendSession(telemetry.context, { request: recordsRequest });
    observe(session.submit([{ body: "a" }, { body: "b" }]));
    telemetry.transport.append().open();
    telemetry.transport.append().acknowledge();
    observe(session.submit({ body: "c" }));
    telemetry.transport.append().end(unavailable);
    await telemetry.clock.advance(100);
    telemetry.transport.append().open();
    telemetry.transport.append().acknowledge();
    void session.close();
    telemetry.transport.append().end(null);
    await flushMicrotasks();
    expect(telemetry.spans()).toMatchObject([
      {
        name: "append events",
        status: { code: SpanStatusCode.ERROR },
        attributes: {
          "s2.attempt": 1,
          "messaging.operation.type": "send",
          "messaging.batch.message_count": 2,
          "messaging.message.body.size": 18,
          "error.type": "unavailable",
        },
      },
      {
        name: "append events",
        status: { code: SpanStatusCode.UNSET },
        attributes: { "s2.attempt": 2, "messaging.batch.message_count": 1, "messaging.message.body.size": 9 },
      },
    ]);
    expect(events(1)).toEqual([
      ["s2.retry", { "s2.retry.delay_ms": 100, "error.type": "unavailable" }],
      ["s2.resumed", {}],
    ]);
  });

  it("tell a link that was left on advice from the one that follows it", async () => {
    const session = createAppendSession(telemetry.context, { request: recordsRequest });
    observe(session.submit({ body: "a" }));
    const left = telemetry.transport.append();
    left.open();
    left.adviseReconnect();
    observe(session.submit([{ body: "b" }, { body: "c" }]));
    left.acknowledge();
    await telemetry.clock.advance(250);
    const next = telemetry.transport.append();
    next.open();
    left.end(null);
    next.acknowledge();
    void session.close();
    next.end(null);
    await flushMicrotasks();
    const counts = telemetry.spans().map(({ attributes }) => attributes["messaging.batch.message_count"]);
    expect(counts).toEqual([1, 2]);
    expect(events(0)).toEqual([["s2.reconnect_advised", { "s2.reconnect.reason": "advice" }]]);
  });

  it("say where a read session resumed", async () => {
    const opening = observe(
      openReadSession(telemetry.context, {
        range: { seq_num: 5 },
        format: { as: "string", unsafeTimestamps: "error" },
        request: ({ seq_num }) => ({
          ...recordsRequest,
          method: "GET",
          url: `${recordsRequest.url}?seq_num=${seq_num}`,
        }),
      }),
    );
    telemetry.transport.read().open();
    await flushMicrotasks();
    const batches = (opening.value as ReadSession).batches();
    telemetry.transport.read().batch(readRecords(5, 2));
    await batches.next();
    observe(batches.next());
    telemetry.transport.read().fail(unavailable);
    await telemetry.clock.advance(100);
    telemetry.transport.read().open();
    await flushMicrotasks();
    telemetry.transport.read().end();
    await flushMicrotasks();
    expect(telemetry.spans()).toMatchObject([
      {
        name: "read events",
        attributes: { "messaging.operation.type": "receive", "messaging.batch.message_count": 2 },
      },
      { name: "read events", attributes: { "s2.attempt": 2, "messaging.batch.message_count": 0 } },
    ]);
    expect(events(1)?.[1]).toEqual(["s2.resumed", { "s2.resumed_from.seq_num": 7 }]);
  });
});
