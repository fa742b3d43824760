import { createScriptedTransport } from "@s2-dev/streamstore-core/testing";
import { expect, expectTypeOf, it } from "vitest";
import {
  AppendRecord,
  type AppendSession,
  type BatchOutput,
  BatchTransform,
  type ReadBatch,
  S2,
  S2Error,
  type S2Stream,
} from "../src/index.node.js";
import { client, describe as describeError, makeRecords, options } from "./older-code.js";
import { answerAck, nextCall } from "./support.js";

it("code of the older releases compiles, and its records are accepted [D2-17]", async () => {
  const transport = createScriptedTransport();
  const stream = new S2({ ...options, transport }).basin("test-basin").stream("events");
  const records = makeRecords();
  expect(records).toHaveLength(12);
  for (const record of records) {
    const done = stream.append(record);
    const call = await nextCall(transport);
    expect(call.request.url).toBe("http://localhost:1/v1/streams/events/records");
    answerAck(call);
    await done;
  }
});

it("handles and errors of the older releases work", () => {
  expect(client().name).toBe("events");
  expect(describeError(new S2Error({ message: "no", code: "authn" }))).toBe(
    "S2Error no authn 401 undefined false",
  );
});

it("AppendRecord is frozen in fact as in type", () => {
  expect(Object.isFrozen(AppendRecord)).toBe(true);
});

it("formats are inferred from `as`", () => {
  const read = (stream: S2Stream) => ({
    text: stream.read(),
    bytes: stream.read({ as: "bytes" }),
    either: stream.read({ as: "bytes" as "bytes" | "string" }),
  });
  expectTypeOf(read).returns.toEqualTypeOf<{
    text: Promise<ReadBatch<"string">>;
    bytes: Promise<ReadBatch<"bytes">>;
    either: Promise<ReadBatch<"bytes" | "string">>;
  }>();
  expectTypeOf<ReadBatch<"string">["records"][number]["body"]>().toEqualTypeOf<string>();
  expectTypeOf<ReadBatch<"bytes">["records"][number]["body"]>().toEqualTypeOf<Uint8Array>();
});

it("streams of the session and of BatchTransform fit each other and the platform's", () => {
  expectTypeOf<BatchTransform>().toExtend<TransformStream<AppendRecord, BatchOutput>>();
  expectTypeOf<BatchTransform["readable"]>().toExtend<ReadableStream<BatchOutput>>();
  expectTypeOf<WritableStream<BatchOutput>>().toExtend<WritableStream<BatchOutput>>();
  const connect = (source: ReadableStream<AppendRecord>, session: AppendSession): Promise<void> =>
    source.pipeThrough(new BatchTransform()).pipeTo(session.writable);
  expectTypeOf(connect).returns.toEqualTypeOf<Promise<void>>();
});
