import { AppendRecord, type StreamConfig } from "@s2-dev/streamstore-core";
import { appendAck, flushMicrotasks, type ScriptedExchange } from "@s2-dev/streamstore-core/testing";
import { encodeReadBatch } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { answerAck, answerBatch, BASIN, createTestClient, nextCall, rejection } from "../test/support.js";

const CONFIG: StreamConfig = { retention_policy: { age: 60 }, storage_class: "express" };

const configIn = (call: { request: { headers: Readonly<Record<string, string>> } }): unknown => {
  const header = call.request.headers["s2-stream-config"];
  return header === undefined ? undefined : JSON.parse(header);
};

function rig() {
  const { s2, transport } = createTestClient();
  return { stream: s2.basin(BASIN).stream("events"), transport };
}

describe("a stream's configuration", () => {
  it("goes with an append, a read and both kinds of sessions, for the stream they may create [D1-80]", async () => {
    const { stream, transport } = rig();
    const appended = stream.append({ body: "x" }, { streamConfig: CONFIG });
    const append = await nextCall(transport);
    expect(configIn(append)).toEqual(CONFIG);
    answerAck(append, appendAck(0, 1));
    await appended;
    const reading = stream.read({ seq_num: 0, streamConfig: CONFIG });
    const read = await nextCall(transport);
    expect([configIn(read), new URL(read.request.url).search]).toEqual([CONFIG, "?seq_num=0"]);
    answerBatch(read);
    await reading;
    const session = await stream.appendSession({ streamConfig: CONFIG });
    void session.submit({ body: "x" });
    await flushMicrotasks();
    expect(configIn(transport.append())).toEqual(CONFIG);
    const opening = stream.readSession({ seq_num: 0, streamConfig: CONFIG });
    await flushMicrotasks();
    transport.read().open();
    await (await opening).cancel();
    expect(configIn(transport.read())).toEqual(CONFIG);
  });

  it("is not sent unless it is given", async () => {
    const { stream, transport } = rig();
    void stream.append({ body: "x" }).catch(() => undefined);
    expect((await nextCall(transport)).request.headers).not.toHaveProperty("s2-stream-config");
  });

  it("is refused before anything is sent when the service would not take it [D1-80]", async () => {
    const { stream, transport } = rig();
    const streamConfig = { retention_policy: { age: 0 } };
    for (const refused of [
      stream.append({ body: "x" }, { streamConfig }),
      stream.read({ streamConfig }),
      stream.readSession({ streamConfig }),
      stream.appendSession({ streamConfig }),
    ]) {
      expect(await rejection(refused)).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("streamConfig.retention_policy.age"),
      });
    }
    expect([transport.exchanges, transport.reads, transport.appends]).toEqual([[], [], []]);
  });
});

describe("ignoring command records", () => {
  const answerWithCommands = (call: ScriptedExchange): void => {
    const fence = AppendRecord.fence("mine");
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
    call.answer({
      status: 200,
      headers: { "content-type": "application/protobuf" },
      body: encodeReadBatch({
        records: [
          { seq_num: 0, timestamp: 1, headers: [[utf8(""), utf8("fence")]], body: utf8(fence.body ?? "") },
          { seq_num: 1, timestamp: 1, headers: [[utf8("k"), utf8("")]], body: utf8("data") },
        ],
      }),
    });
  };

  it("leaves them out of a unary read, of which there is one request that knows nothing of it [D1-36, D1-37]", async () => {
    const { stream, transport } = rig();
    for (const [ignoreCommandRecords, seqNums] of [
      [true, [1]],
      [false, [0, 1]],
      [undefined, [0, 1]],
    ] as const) {
      const reading = stream.read({ seq_num: 0, count: 2, ignoreCommandRecords });
      const call = await nextCall(transport);
      expect(new URL(call.request.url).search).toBe("?seq_num=0&count=2");
      answerWithCommands(call);
      expect((await reading).records.map(({ seq_num }) => seq_num)).toEqual(seqNums);
    }
    expect(transport.exchanges).toHaveLength(3);
  });

  it("is yes or no", async () => {
    const { stream } = rig();
    const ignoreCommandRecords = "yes" as unknown as boolean;
    for (const refused of [
      stream.read({ ignoreCommandRecords }),
      stream.readSession({ ignoreCommandRecords }),
    ]) {
      expect(await rejection(refused)).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/ignoreCommandRecords.*"yes"/),
      });
    }
  });
});
