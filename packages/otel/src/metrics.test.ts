import { S2Error } from "@s2-dev/streamstore-core";
import {
  call,
  createAppendSession,
  openReadSession,
  type ReadSession,
} from "@s2-dev/streamstore-core/session";
import { appendAck, flushMicrotasks, observe, readRecords } from "@s2-dev/streamstore-core/testing";
import { encodeAppendAck, encodeReadBatch } from "@s2-dev/streamstore-core/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTelemetry, recordsRequest, type Telemetry } from "../test/telemetry.js";

const unavailable = new S2Error({ message: "later", code: "unavailable" });
const SENT = "messaging.client.sent.messages";
const CONSUMED = "messaging.client.consumed.messages";
const DURATION = "messaging.client.operation.duration";

const PROTOBUF = { "content-type": "application/protobuf" };

let telemetry: Telemetry;
beforeEach(() => {
  telemetry = createTelemetry();
});
afterEach(() => telemetry.close());

describe("the metrics", () => {
  it("count the records of append sessions and of calls, and time both", async () => {
    const session = createAppendSession(telemetry.context, { request: recordsRequest });
    observe(session.submit([{ body: "a" }, { body: "b" }]));
    telemetry.transport.append().open();
    await telemetry.clock.advance(20);
    telemetry.transport.append().acknowledge();
    const done = call(telemetry.context, { request: recordsRequest, decode: () => null });
    await telemetry.clock.advance(300);
    telemetry.transport.exchanged().answer({ headers: PROTOBUF, body: encodeAppendAck(appendAck(2, 5)) });
    await done;
    const attributes = {
      "messaging.system": "s2",
      "messaging.operation.name": "append",
      "messaging.operation.type": "send",
      "messaging.destination.name": "events",
      "server.address": "my-basin.b.test",
      "server.port": 8443,
      "s2.basin": "my-basin",
    };
    expect(await telemetry.series(SENT)).toEqual([{ attributes, value: 7 }]);
    expect(await telemetry.series(DURATION)).toMatchObject([
      { attributes, value: { count: 2, sum: 0.32, min: 0.02, max: 0.3 } },
    ]);
  });

  it("count the records of read sessions and of reads", async () => {
    const request = { ...recordsRequest, method: "GET" } as const;
    const opening = observe(
      openReadSession(telemetry.context, {
        range: { seq_num: 0 },
        format: { as: "string", unsafeTimestamps: "error" },
        request: () => request,
      }),
    );
    telemetry.transport.read().open();
    await flushMicrotasks();
    telemetry.transport.read().batch(readRecords(0, 4));
    await (opening.value as ReadSession).batches().next();
    const done = call(telemetry.context, { request, decode: () => null });
    await flushMicrotasks();
    const record = { seq_num: 0, timestamp: 0, headers: [], body: new Uint8Array() };
    telemetry.transport.exchanged().answer({
      headers: PROTOBUF,
      body: encodeReadBatch({ records: [record, { ...record, seq_num: 1 }] }),
    });
    await done;
    expect(await telemetry.series(CONSUMED)).toMatchObject([
      { attributes: { "messaging.operation.type": "receive" }, value: 6 },
    ]);
    expect(await telemetry.series(SENT)).toEqual([]);
  });

  it("count retries, and tell failures by their code", async () => {
    observe(call(telemetry.context, { request: recordsRequest, decode: () => null, deadlineMillis: 150 }));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await flushMicrotasks();
      telemetry.transport.exchanged().fail(unavailable);
      await telemetry.clock.advance(100);
    }
    expect(await telemetry.series("s2.client.retries")).toMatchObject([
      { attributes: { "error.type": "unavailable" }, value: 1 },
    ]);
    expect(await telemetry.series(DURATION)).toMatchObject([
      { attributes: { "error.type": "unavailable" }, value: { count: 1 } },
    ]);
  });

  it("follow the number of open connections", async () => {
    const { connectionOpened, connectionClosed } = telemetry.observer.connections;
    const open = (id: number) => ({ id, transport: "s2s", origin: "https://a.test" });
    const [one, two] = [open(1), open(2)];
    connectionOpened?.({ connection: one, latencyMillis: 1 });
    connectionOpened?.({ connection: two, latencyMillis: 1 });
    connectionClosed?.({ connection: one, durationMillis: 1 });
    expect(await telemetry.series("s2.client.connections")).toEqual([
      { attributes: { "server.address": "a.test", "s2.transport": "s2s" }, value: 1 },
    ]);
  });
});
