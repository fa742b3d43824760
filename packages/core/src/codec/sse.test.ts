import { describe, expect, it } from "vitest";
import type { ReadFormat, RecordFormat } from "../model/record.js";
import { readBatchToJson } from "./json-records.js";
import { encodeReadBatch } from "./read-batch.js";
import { decodeReadBatch } from "./read-batch-decode.js";
import { createSseReadDecoder, encodeSseEvent, SSE_DONE, type SseEvent, type SseReadEvent } from "./sse.js";
import { utf8, vector, vectors } from "./vectors.fixture.js";

const TEXT: ReadFormat<"string"> = { as: "string", unsafeTimestamps: "error" };
const BYTES: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "error" };

/** A recorded body as events; enough for what servers write. */
function eventsOf(body: string): SseEvent[] {
  return body
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const fields = new Map(
        block.split("\n").map((line) => line.split(/: (.*)/s) as unknown as [string, string]),
      );
      return { event: fields.get("event"), id: fields.get("id"), data: fields.get("data") ?? "" };
    });
}

function decodeAll<F extends RecordFormat>(
  name: string,
  format: ReadFormat<F>,
  meteredFrom = 0,
): SseReadEvent<F>[] {
  const decoder = createSseReadDecoder(format, { meteredFrom });
  return eventsOf(vector(name).response.body as string).map((event) => decoder.decode(event));
}

describe("createSseReadDecoder on sessions recorded from s2-lite", () => {
  it("follows a stream: batch, heartbeat, live batch with tail, clean end", () => {
    expect(decodeAll("sse-follow", TEXT)).toEqual([
      {
        kind: "batch",
        batch: {
          records: [{ seq_num: 8, timestamp: 1008, body: "live2", headers: {}, headerList: [] }],
          tail: undefined,
          meteredBytes: 13,
          failure: undefined,
        },
      },
      { kind: "heartbeat", tail: { seq_num: 9, timestamp: 1008 }, timestamp: 1795407758465 },
      {
        kind: "batch",
        batch: {
          records: [{ seq_num: 9, timestamp: 1009, body: "live3", headers: {}, headerList: [] }],
          tail: { seq_num: 10, timestamp: 1009 },
          meteredBytes: 13,
          failure: undefined,
        },
      },
      { kind: "done" },
    ]);
  });

  it("takes metered bytes from the id, also where text has lost bytes", () => {
    // One record is 8, the other 16 as stored; as text it would be 20.
    expect(decodeAll("sse-count-2", TEXT)[0]).toMatchObject({ kind: "batch", batch: { meteredBytes: 24 } });
    expect(decodeAll("sse-base64", BYTES)[0]).toMatchObject({ kind: "batch", batch: { meteredBytes: 16 } });
  });

  it("counts on from the id that was resumed with", () => {
    expect(decodeAll("sse-resume-last-event-id", TEXT, 24)[0]).toMatchObject({
      kind: "batch",
      batch: { meteredBytes: 18 },
    });
  });

  it("gives errors by their content, and ends an exhausted budget cleanly", () => {
    expect(decodeAll("sse-error-wrong-key", TEXT)).toMatchObject([
      { kind: "error", error: { code: "decryption_failed", status: 400, retryable: false } },
    ]);
    expect(decodeAll("sse-exhausted-budget", TEXT)).toEqual([{ kind: "done" }]);
  });

  const sessions = vectors.filter((v) => v.response.headers["content-type"] === "text/event-stream");
  it.each(sessions.map((v) => [v.name, v.response.body as string] as const))(
    "%s is written as it was read",
    (_, body) => {
      expect(eventsOf(body).map(encodeSseEvent).join("")).toBe(body);
    },
  );
});

describe("createSseReadDecoder", () => {
  const batch = {
    records: [{ seq_num: 1, timestamp: 2, headers: [[utf8("k"), utf8("v")]] as const, body: utf8("body") }],
    tail: { seq_num: 2, timestamp: 2 },
  };

  it("gives the records that the protobuf decoder gives, in both formats", () => {
    const text = createSseReadDecoder(TEXT).decode({ event: "batch", data: readBatchToJson(batch, "raw") });
    expect(text).toEqual({ kind: "batch", batch: decodeReadBatch(encodeReadBatch(batch), TEXT) });
    const bytes = createSseReadDecoder(BYTES).decode({
      event: "batch",
      data: readBatchToJson(batch, "base64"),
    });
    expect(bytes).toEqual({ kind: "batch", batch: decodeReadBatch(encodeReadBatch(batch), BYTES) });
  });

  it("sums records up where the id is missing, damaged, or counts from a new start", () => {
    const decoder = createSseReadDecoder(TEXT, { meteredFrom: 100 });
    const data = readBatchToJson(batch, "raw");
    for (const id of [undefined, "", "1,2", "a,b,c", "1,1,16"]) {
      expect(decoder.decode({ event: "batch", id, data })).toMatchObject({ batch: { meteredBytes: 16 } });
    }
    expect(decoder.decode({ event: "batch", id: "2,2,40", data })).toMatchObject({
      batch: { meteredBytes: 24 },
    });
  });

  it("names an unsafe integer and keeps the records before it [D1-27, H-15]", () => {
    const data =
      '{"records":[{"seq_num":1,"timestamp":1,"body":"x"},{"seq_num":9007199254740993,"timestamp":1}]}';
    const event = createSseReadDecoder(TEXT).decode({ event: "batch", id: "9007199254740993,2,17", data });
    expect(event).toMatchObject({ kind: "batch", batch: { records: [{ seq_num: 1 }], meteredBytes: 9 } });
    expect(event.kind === "batch" && event.batch.failure?.message).toContain("9007199254740993");
  });

  it("takes pings of older servers, without a tail", () => {
    const decoder = createSseReadDecoder(TEXT);
    expect(decoder.decode({ event: "ping", data: '{"timestamp":5}' })).toEqual({
      kind: "heartbeat",
      tail: undefined,
      timestamp: 5,
    });
  });

  it("applies the policy for timestamps to a ping's tail", () => {
    const ping = {
      event: "ping",
      data: '{"timestamp":5,"tail":{"seq_num":1,"timestamp":18446744073709551615}}',
    };
    expect(createSseReadDecoder(TEXT).decode(ping)).toMatchObject({
      kind: "error",
      error: { code: "UNSAFE_INTEGER" },
    });
    expect(createSseReadDecoder({ as: "string", unsafeTimestamps: "saturate" }).decode(ping)).toMatchObject({
      kind: "heartbeat",
      tail: { seq_num: 1, timestamp: Number.MAX_SAFE_INTEGER },
    });
  });

  it("passes over what it does not know", () => {
    const decoder = createSseReadDecoder(TEXT);
    expect(decoder.decode({ event: "news", data: "{}" })).toEqual({ kind: "unknown" });
    expect(decoder.decode({ data: "hello" })).toEqual({ kind: "unknown" });
    expect(decoder.decode({ event: "", data: SSE_DONE })).toEqual({ kind: "done" });
    expect(decoder.decode({ event: "message", data: SSE_DONE })).toEqual({ kind: "done" });
  });

  it.each([
    ["batch", "{"],
    ["batch", '{"records":5}'],
    ["ping", ""],
    ["ping", '{"timestamp":"x"}'],
    ["ping", "5"],
  ])("turns a %s event that makes no sense into a protocol error", (event, data) => {
    const decoder = createSseReadDecoder(TEXT);
    expect(decoder.decode({ event, data })).toMatchObject({
      kind: "error",
      error: { code: "PROTOCOL_ERROR" },
    });
  });
});

describe("encodeSseEvent", () => {
  it("writes only the fields there are, and every line of the data", () => {
    expect(encodeSseEvent({ data: SSE_DONE })).toBe("data: [DONE]\n\n");
    expect(encodeSseEvent({ event: "batch", id: "1,2,3", data: "{}" })).toBe(
      "event: batch\nid: 1,2,3\ndata: {}\n\n",
    );
    expect(encodeSseEvent({ data: "a\nb\r\nc" })).toBe("data: a\ndata: b\ndata: c\n\n");
  });
});
