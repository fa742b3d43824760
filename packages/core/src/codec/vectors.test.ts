import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import type { ReadFormat } from "../model/record.js";
import { decodeAppendAck, encodeAppendAck, encodeAppendAckFrame } from "./append-ack.js";
import { errorFromResponse, errorFromTerminalFrame } from "./append-error-body.js";
import { encodeAppendBatch } from "./append-input.js";
import { decodeAppendInput } from "./append-input-decode.js";
import { appendInputFromJson } from "./append-input-json.js";
import { CodecError } from "./codec-error.js";
import { createFrameDecoder, encodeFrame, encodeTerminalFrame, type Frame } from "./frame.js";
import { parseJson, stringifyJson } from "./json.js";
import { readBatchFromJson, readBatchToJson } from "./json-records.js";
import { readPosition } from "./positions.js";
import { ProtoReader } from "./proto-reader.js";
import { encodeReadBatch } from "./read-batch.js";
import { decodeReadBatch } from "./read-batch-decode.js";
import { fromHex, toHex, utf8, type Vector, vector, vectors } from "./vectors.fixture.js";
import type { WireAppendAck, WireAppendInput, WireReadBatch } from "./wire-types.js";

const TEXT: ReadFormat<"string"> = { as: "string", unsafeTimestamps: "error" };
const BYTES: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "error" };
const SATURATED: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "saturate" };

function framesOf(hex: string): Frame[] {
  const decoder = createFrameDecoder();
  decoder.push(fromHex(hex));
  const frames: Frame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  expect(decoder.pendingBytes).toBe(0);
  return frames;
}

function isAppend({ request }: Vector): boolean {
  return request.method === "POST" && request.path.endsWith("/records");
}

function isRead({ request }: Vector): boolean {
  return request.method === "GET" && /\/records(\?|$)/.test(request.path);
}

/** The input that a server read, encoded by a client. */
function reencode(input: WireAppendInput): Uint8Array {
  return encodeAppendBatch(
    input.records.map(({ timestamp, headers, body }) => ({ timestamp, headers, body })),
    { match_seq_num: input.match_seq_num as number | undefined, fencing_token: input.fencing_token },
  ).frame;
}

/** An ack as a server would have written it, read from protobuf with nothing lost. */
function wireAckOf(payload: Uint8Array): WireAppendAck {
  const reader = new ProtoReader(payload);
  const positions = [0x0a, 0x12, 0x1a].map((tag) => {
    expect(reader.key()).toBe(tag);
    return readPosition(reader);
  });
  return { start: positions[0]!, end: positions[1]!, tail: positions[2]! };
}

/** A batch as a server would have written it. */
function wireBatchOf(payload: Uint8Array): WireReadBatch {
  const { records, tail, failure } = decodeReadBatch(payload, BYTES);
  expect(failure).toBeUndefined();
  return { records, tail };
}

describe("append requests recorded from s2-lite", () => {
  const protobuf = vectors.filter((v) => isAppend(v) && v.request.body_hex && v.response.status === 200);
  it.each(protobuf.map((v) => [v.name, v] as const))(
    "%s decodes and encodes to the same bytes",
    (_, { request }) => {
      const body = request.body_hex as string;
      const input = decodeAppendInput(fromHex(body));
      expect(input.records.length).toBeGreaterThan(0);
      expect(toHex(reencode(input).subarray(4))).toBe(body);
    },
  );

  const sessions = vectors.filter((v) => isAppend(v) && v.request.chunks_hex);
  it.each(sessions.map((v) => [v.name, v] as const))(
    "%s: each whole input encodes to the same frame",
    (_, { request }) => {
      for (const chunk of request.chunks_hex ?? []) {
        if (!/^[0-9a-f]+$/.test(chunk) || Number.parseInt(chunk.slice(0, 6), 16) !== chunk.length / 2 - 3)
          continue;
        const [frame] = framesOf(chunk);
        if (
          frame === undefined ||
          frame.terminal ||
          frame.compression !== "none" ||
          frame.payload.length === 0
        )
          continue;
        expect(toHex(reencode(decodeAppendInput(frame.payload)))).toBe(chunk);
      }
    },
  );

  it("knows conditions, headers and bodies of a recorded session", () => {
    const [first, second] = vector("s2s-append-two-and-half-close").request.chunks_hex as string[];
    expect(decodeAppendInput(framesOf(first!)[0]!.payload)).toEqual({
      records: [{ timestamp: 1, headers: [], body: utf8("a") }],
      match_seq_num: undefined,
      fencing_token: undefined,
    });
    expect(decodeAppendInput(framesOf(second!)[0]!.payload)).toEqual({
      records: [
        { timestamp: 2, headers: [[utf8("h"), utf8("1")]], body: utf8("b") },
        { timestamp: 3, headers: [], body: utf8("c") },
      ],
      match_seq_num: 1,
      fencing_token: undefined,
    });
    const fenced = vector("append-protobuf").request.body_hex as string;
    expect(decodeAppendInput(fromHex(fenced)).fencing_token).toBe("tok");
  });

  it("refuses what the service refused, in its words", () => {
    const { request, response } = vector("append-bad-proto");
    const { message } = JSON.parse(response.body as string) as { message: string };
    expect(() => decodeAppendInput(fromHex(request.body_hex as string))).toThrow(
      new CodecError("bad_proto", message),
    );
  });

  const json = vectors.filter((v) => isAppend(v) && v.request.body?.startsWith('{"records":[{'));
  it.each(json.map((v) => [v.name, v] as const))(
    "%s: its JSON is read, or refused with the service's message",
    (_, v) => {
      const format = v.request.headers["s2-format"] === "base64" ? "base64" : "raw";
      const read = (): WireAppendInput => appendInputFromJson(v.request.body as string, format);
      const refusal = parseJson(v.response.body as string) as { code?: string; message?: string };
      if (refusal.code !== "bad_json" && refusal.message !== "invalid Base64 encoding") {
        const input = read();
        expect(decodeAppendInput(reencodeAny(input))).toEqual(input);
        return;
      }
      expect(read).toThrow(expect.objectContaining({ code: refusal.code, message: refusal.message }));
    },
  );
});

function reencodeAny(input: WireAppendInput): Uint8Array {
  return reencode(input).subarray(4);
}

describe("acks recorded from s2-lite", () => {
  it("decode and encode to the same bytes, unary", () => {
    const hex = vector("append-protobuf").response.body_hex as string;
    expect(decodeAppendAck(fromHex(hex))).toEqual({
      start: { seq_num: 6, timestamp: 1006 },
      end: { seq_num: 8, timestamp: 1007 },
      tail: { seq_num: 8, timestamp: 1007 },
    });
    expect(toHex(encodeAppendAck(wireAckOf(fromHex(hex))))).toBe(hex);
  });

  const sessions = vectors.filter((v) => isAppend(v) && v.response.frames_hex?.length);
  it.each(sessions.map((v) => [v.name, v] as const))(
    "%s: frames decode and encode to the same bytes",
    (_, { response }) => {
      for (const hex of response.frames_hex ?? []) {
        const [frame] = framesOf(hex);
        if (frame?.terminal) continue;
        const ack = decodeAppendAck(frame!.payload);
        expect(ack.end.seq_num).toBeGreaterThan(ack.start.seq_num);
        expect(toHex(encodeAppendAckFrame(wireAckOf(frame!.payload)))).toBe(hex);
        expect(toHex(encodeFrame({}, encodeAppendAck(ack)))).toBe(hex);
      }
    },
  );

  const json = vectors.filter(
    (v) => isAppend(v) && v.response.status === 200 && v.response.body?.startsWith("{"),
  );
  it.each(json.map((v) => [v.name, v] as const))(
    "%s: its JSON is written as it was read",
    (_, { response }) => {
      expect(stringifyJson(parseJson(response.body as string))).toBe(response.body);
    },
  );
});

describe("reads recorded from s2-lite", () => {
  it("decode and encode to the same bytes, unary", () => {
    for (const name of ["read-protobuf", "read-protobuf-live-tail"]) {
      const hex = vector(name).response.body_hex as string;
      expect(toHex(encodeReadBatch(wireBatchOf(fromHex(hex))))).toBe(hex);
    }
    expect(
      decodeReadBatch(fromHex(vector("read-protobuf-live-tail").response.body_hex as string), TEXT),
    ).toEqual({
      records: [{ seq_num: 8, timestamp: 1008, body: "live2", headers: {}, headerList: [] }],
      tail: { seq_num: 9, timestamp: 1008 },
      meteredBytes: 13,
      failure: undefined,
    });
  });

  it("give headers by name and in order", () => {
    const { records } = decodeReadBatch(fromHex(vector("read-protobuf").response.body_hex as string), TEXT);
    expect(records).toEqual([
      {
        seq_num: 6,
        timestamp: 1006,
        body: "pb",
        headers: { k: "v", e: "" },
        headerList: [
          ["k", "v"],
          ["e", ""],
        ],
      },
      { seq_num: 7, timestamp: 1007, body: "", headers: {}, headerList: [] },
    ]);
  });

  const sessions = vectors.filter((v) => isRead(v) && v.response.frames_hex?.length);
  it.each(sessions.map((v) => [v.name, v] as const))(
    "%s: frames decode and encode to the same bytes",
    (_, { response }) => {
      for (const hex of response.frames_hex ?? []) {
        const [frame] = framesOf(hex);
        if (frame!.terminal || frame!.compression !== "none") continue;
        const decoded = decodeReadBatch(frame!.payload, BYTES);
        if (decoded.failure === undefined) {
          expect(toHex(encodeFrame({}, encodeReadBatch(decoded)))).toBe(hex);
        }
      }
    },
  );

  it("name their compression", () => {
    const compressions = ["s2s-read-gzip", "s2s-read-zstd", "s2s-read-uncompressed-below-threshold"].map(
      (name) => framesOf(vector(name).response.frames_hex![0]!)[0]!.compression,
    );
    expect(compressions).toEqual(["gzip", "zstd", "none"]);
    expect(framesOf(vector("s2s-append-gzip-input").request.chunks_hex![0]!)[0]!.compression).toBe("gzip");
  });

  it("of a deleted stream stop at the timestamp that no number can hold, or saturate it", () => {
    const hex = vector("s2s-read-terminal-stream-deleted").response.frames_hex![2]!;
    const payload = framesOf(hex)[0]!.payload;
    const strict = decodeReadBatch(payload, BYTES);
    expect(strict.records).toEqual([]);
    expect(strict.failure).toMatchObject({ code: "UNSAFE_INTEGER" });
    expect(strict.failure?.message).toContain("18446744073709551615");
    const saturated = decodeReadBatch(payload, SATURATED);
    expect(saturated.failure).toBeUndefined();
    expect(saturated.records[0]).toMatchObject({ seq_num: 1, timestamp: Number.MAX_SAFE_INTEGER });
    expect(saturated.tail).toEqual({ seq_num: 2, timestamp: Number.MAX_SAFE_INTEGER });
    // The server's own form of the same batch.
    const [record] = saturated.records;
    const timestamp = 2n ** 64n - 1n;
    const batch = { records: [{ ...record!, timestamp }], tail: { seq_num: 2, timestamp } };
    expect(toHex(encodeFrame({}, encodeReadBatch(batch)))).toBe(hex);
  });

  it("in JSON decode to what protobuf gives, and are written as they were", () => {
    const raw = vector("read-json-raw").response.body as string;
    const text = readBatchFromJson(raw, TEXT);
    expect(text.records.map((record) => record.seq_num)).toEqual([1, 2, 3, 4]);
    expect(text.records[2]).toEqual({
      seq_num: 3,
      timestamp: 1003,
      body: "tok",
      headers: { "": "fence" },
      headerList: [["", "fence"]],
    });
    const spelled = vector("read-json-base64").response.body as string;
    const bytes = readBatchFromJson(spelled, BYTES);
    expect(bytes.records[1]!.body).toEqual(Uint8Array.of(0, 0xff));
    expect(readBatchToJson(bytes, "base64")).toBe(spelled);
    expect(decodeReadBatch(encodeReadBatch(bytes), BYTES)).toEqual(bytes);
    // Raw is lossy, so the server's form comes from the bytes.
    expect(readBatchToJson({ records: bytes.records.slice(0, 2) }, "raw")).toBe(
      `{"records":[${raw.slice(raw.indexOf("[") + 1, raw.indexOf(',{"seq_num":3'))}]}`,
    );
    const live = vector("read-long-poll-live").response.body as string;
    const stored = { seq_num: 5, timestamp: 1005, headers: [], body: utf8("live") };
    expect(readBatchToJson({ records: [stored], tail: { seq_num: 6, timestamp: 1005 } }, "raw")).toBe(live);
    expect(readBatchFromJson(live, TEXT)).toMatchObject({
      tail: { seq_num: 6, timestamp: 1005 },
      meteredBytes: 12,
    });
  });

  it("in JSON name a timestamp that no number can hold", () => {
    const { body } = vector("read-u64-timestamp").response;
    const decoded = readBatchFromJson(body as string, TEXT);
    expect(decoded.records).toEqual([]);
    expect(decoded.failure?.message).toContain("18446744073709551615");
    const saturated = readBatchFromJson(body as string, { as: "string", unsafeTimestamps: "saturate" });
    expect(saturated.records[0]?.timestamp).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("failures recorded from s2-lite", () => {
  const responses = vectors.filter((v) => v.response.status >= 400);
  it.each(responses.map((v) => [v.name, v] as const))(
    "%s becomes the error its status and code say",
    (_, { response }) => {
      const error = errorFromResponse(response.status, utf8(response.body ?? ""), response.headers);
      expect(error).toBeInstanceOf(S2Error);
      expect(error.status).toBe(response.status);
      expect(error.origin).toBe("server");
      const body = response.body ? (JSON.parse(response.body) as { code?: string; message?: string }) : {};
      if (body.code !== undefined) {
        expect(error).toMatchObject({
          code: body.code,
          message: body.message,
          retryable: false,
          sideEffect: "none",
        });
      }
    },
  );

  const sessions = vectors.filter((v) => v.response.frames_hex?.some((hex) => hex.slice(6, 8) === "80"));
  it.each(sessions.map((v) => [v.name, v] as const))(
    "%s: the terminal frame decodes and encodes",
    (_, { response }) => {
      const hex = response.frames_hex!.at(-1)!;
      const frame = framesOf(hex)[0]!;
      expect(frame).toMatchObject({ terminal: true, compression: "none", reconnectAdvised: false });
      const error = errorFromTerminalFrame(frame.payload);
      const json = new TextDecoder().decode(frame.payload.subarray(2));
      expect(error.data).toEqual(JSON.parse(json));
      expect(toHex(encodeTerminalFrame(error.status, json))).toBe(hex);
    },
  );
});
