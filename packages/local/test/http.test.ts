import * as http2 from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeAppendAck, encodeAppendBatch, encodeFrame } from "@s2-dev/streamstore-core/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";
import { createHeldStorage } from "./held-storage.js";
import { type RawAnswer, sendOverHttp1, sendOverHttp2 } from "./raw-client.js";
import type { Vector } from "./vectors.js";

const BASIN = { "s2-basin": "http-basin" };
const JSON_TYPE = { "content-type": "application/json" };
const RECORDS = "/v1/streams/s/records";

let local: LocalServer;
beforeAll(async () => {
  local = await startLocal({
    init: {
      basins: [
        {
          name: "http-basin",
          config: {
            create_stream_on_append: true,
            default_stream_config: { timestamping: { uncapped: true } },
          },
        },
      ],
    },
  });
});
afterAll(() => local.close());

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  const sent: Vector["request"] =
    body === undefined
      ? { method, path, headers }
      : { method, path, headers, body_hex: Buffer.from(body as string).toString("hex") };
  return sendOverHttp1(local.origin, sent);
}

function append(stream: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return send("POST", `/v1/streams/${stream}/records`, { ...BASIN, ...JSON_TYPE, ...headers }, body);
}

const codeOf = (answer: RawAnswer): string =>
  `${answer.status} ${(JSON.parse(answer.body.toString()) as { code?: string }).code}`;

describe("routes", () => {
  test.each([
    ["GET", "/", 404],
    ["GET", "/v1", 404],
    ["GET", "/v1/basins/", 404],
    ["GET", "/v1/streams/a/b/records", 404],
    ["HEAD", "/v1/nope", 404],
    ["GET", "/health", 200],
    ["HEAD", "/ping", 200],
  ])("%s %s is %i", async (method, path, status) => {
    expect((await send(method, path)).status).toBe(status);
  });

  test.each([
    ["PUT", "/v1/basins", "GET,HEAD,POST"],
    ["POST", "/v1/streams/s/records/tail", "GET,HEAD"],
    ["POST", "/health", "GET,HEAD"],
  ])("%s %s names what may be done there", async (method, path, allow) => {
    const answer = await send(method, path);
    expect(answer).toMatchObject({ status: 405, headers: { allow }, body: Buffer.alloc(0) });
    expect(answer.headers["content-type"]).toBeUndefined();
  });

  test("HEAD answers like GET without a body, on sessions too", async () => {
    await append("head", '{"records":[{"timestamp":1}]}');
    const answer = await send("HEAD", "/v1/basins/http-basin");
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(answer.body).toHaveLength(0);
    const session = await send("HEAD", "/v1/streams/head/records", { ...BASIN, accept: "text/event-stream" });
    expect(session).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream" } });
    expect(local.service.live.peek("http-basin", "head")?.followers).toBe(0);
  });

  test.each([
    ["GET", "/v1/access-tokens", "200 undefined"],
    ["GET", "/v1/access-tokens?limit=x", "400 bad_query"],
    ["DELETE", "/v1/access-tokens/%2E", "400 bad_path"],
    ["POST", "/v1/access-tokens", "400 bad_json"],
    ["GET", "/v1/locations", "200 undefined"],
    ["GET", "/v1/locations/default", "200 undefined"],
    ["PUT", "/v1/locations/default", "400 bad_json"],
    ["GET", "/v1/metrics", "400 bad_query"],
    ["GET", "/v1/metrics?set=account-ops", "422 invalid"],
    ["GET", "/v1/metrics/x?set=storage", "400 bad_path"],
    ["GET", "/v1/metrics/http-basin?set=storage&interval=week", "400 bad_query"],
    ["GET", "/v1/metrics/http-basin/s?set=storage", "422 invalid"],
  ])("%s %s of the account is answered %s", async (method, path, expected) => {
    expect(codeOf(await send(method, path))).toBe(expected);
  });
});

describe("arguments", () => {
  test.each([
    ["prefix=-", "prefix: basin prefix must begin with a lowercase letter or number"],
    ["limit=", "limit: cannot parse integer from empty string"],
    ["limit=-1", "limit: invalid digit found in string"],
    ["limit=99999999999999999999", "limit: number too large to fit in target type"],
    ["limit=1&limit=1", "duplicate field `limit`"],
  ])("?%s is refused", async (query, why) => {
    const answer = await send("GET", `/v1/basins?${query}`);
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: "bad_query",
      message: `Failed to deserialize query string: ${why}`,
    });
  });

  test("unknown ones are ignored, and percent-encoding and plus are undone", async () => {
    const answer = await send("GET", "/v1/basins?prefix=http%2Dbasin&nope=1&nope=2");
    expect(JSON.parse(answer.body.toString()).basins).toHaveLength(1);
    await send("PUT", "/v1/streams/a%20b%2Fc", BASIN);
    const page = await send("GET", "/v1/streams?prefix=a+b", BASIN);
    expect(JSON.parse(page.body.toString()).streams).toMatchObject([{ name: "a b/c" }]);
  });

  test.each([
    ["seq_num=1&tail_offset=0", "422 invalid"],
    ["clamp=True", "400 bad_query"],
    ["wait=4294967296", "400 bad_query"],
    ["seq_num=18446744073709551616", "400 bad_query"],
    ["timestamp=5&until=5", "422 invalid"],
  ])("a read with %s is %s", async (query, expected) => {
    await append("s", '{"records":[{"timestamp":1}]}');
    expect(codeOf(await send("GET", `${RECORDS}?${query}`, BASIN))).toBe(expected);
  });

  test.each([
    [{ "s2-basin": "x" }, "400 bad_header"],
    [{}, "400 bad_header"],
    [{ ...BASIN, "s2-format": "Raw" }, "400 bad_header"],
    [{ ...BASIN, "s2-encryption-key": "x".repeat(45) }, "400 bad_header"],
    [{ ...BASIN, "s2-stream-config": '{"retention_policy":{"age":0}}' }, "400 bad_header"],
    [{ ...BASIN, accept: "text/event-stream", "last-event-id": "1, 2,3" }, "400 bad_header"],
    [{ ...BASIN, accept: "text/event-stream", "last-event-id": "" }, "400 bad_header"],
  ])("a read with the headers %j is %s", async (headers, expected) => {
    expect(codeOf(await send("GET", `${RECORDS}?count=0`, headers))).toBe(expected);
  });

  test("a Last-Event-ID is looked at for events only", async () => {
    expect((await send("GET", `${RECORDS}?count=0`, { ...BASIN, "last-event-id": "x" })).status).toBe(200);
  });
});

describe("bodies", () => {
  test.each([
    ["{}", "missing field `records` at line 1 column 2"],
    ['{"records":[{"body":"a","body":"b"}]}', "duplicate field `body`"],
    ['{"records":[{"timestamp":1.0}]}', "invalid type: floating point `1.0`, expected u64"],
    ['{"records":[{"timestamp":"1"}]}', 'invalid type: string "1", expected u64'],
    ['{"records":[{"headers":null}]}', "invalid type: null, expected a sequence"],
    ['{"records":[{"headers":[["a"]]}]}', "invalid length 1"],
    ['{"records":[{"body":"\\ud800"}]}', "surrogate"],
    ['{"records":[]} x', "trailing characters"],
    [
      '{"records":[{}],"fencing_token":"1234567890123456789012345678901234567"}',
      "fencing token must not exceed 36",
    ],
  ])("%s is bad JSON", async (body, why) => {
    const answer = await append("s", body);
    expect(codeOf(answer)).toBe("400 bad_json");
    expect(JSON.parse(answer.body.toString()).message).toContain(why);
  });

  test("may leave out what is optional, or say null", async () => {
    const answer = await append(
      "nulls",
      '{"records":[{"timestamp":null},{"headers":[]}],"match_seq_num":null,"fencing_token":null,"more":[[]]}',
    );
    expect(answer.status).toBe(200);
  });

  test("end at 2 MiB, and one byte more is malformed", async () => {
    const body = '{"records":[{"timestamp":1}]}';
    const padded = (size: number): string => " ".repeat(size - body.length) + body;
    expect((await append("padded", padded(2 * 1024 * 1024))).status).toBe(200);
    expect(codeOf(await append("padded", padded(2 * 1024 * 1024 + 1)))).toBe("400 bad_json");
    const compressed = gzipSync(padded(2 * 1024 * 1024 + 1));
    const headers = { ...BASIN, ...JSON_TYPE, "content-encoding": "gzip" };
    expect(codeOf(await send("POST", "/v1/streams/padded/records", headers, compressed))).toBe(
      "400 bad_json",
    );
    const proto = { ...BASIN, "content-type": "application/protobuf" };
    const tooLong = Buffer.alloc(2 * 1024 * 1024 + 1);
    expect(codeOf(await send("POST", "/v1/streams/padded/records", proto, tooLong))).toBe("400 bad_proto");
  });

  test("may be compressed once, in a coding that is known", async () => {
    const body = gzipSync('{"records":[{"timestamp":1,"body":"zipped"}]}');
    const headers = { ...BASIN, ...JSON_TYPE };
    const path = "/v1/streams/zipped/records";
    expect((await send("POST", path, { ...headers, "content-encoding": "gzip" }, body)).status).toBe(200);
    for (const coding of ["br", "gzip, gzip", ""]) {
      const answer = await send("POST", path, { ...headers, "content-encoding": coding }, body);
      expect(answer).toMatchObject({ status: 415, body: Buffer.alloc(0) });
      expect(answer.headers["accept-encoding"]).toContain("gzip");
    }
    expect(codeOf(await send("POST", path, { ...headers, "content-encoding": "gzip" }, "nope"))).toBe(
      "400 bad_json",
    );
  });

  test("of a PUT are ignored without a content type, and refused with another one", async () => {
    const path = "/v1/streams/put";
    await send("PUT", path, { ...BASIN, ...JSON_TYPE }, '{"storage_class":"standard"}');
    expect(
      (await send("PUT", path, BASIN, '{"storage_class":"standard"}')).headers["s2-provision-result"],
    ).toBe("updated");
    expect((await send("PUT", path, { ...BASIN, ...JSON_TYPE })).headers["s2-provision-result"]).toBe("noop");
    expect(codeOf(await send("PUT", path, { ...BASIN, "content-type": "text/plain" }, "{}"))).toBe(
      "400 bad_json",
    );
    expect(codeOf(await send("PUT", path, { ...BASIN, ...JSON_TYPE }, "null"))).toBe("400 bad_json");
  });
});

describe("formats", () => {
  beforeAll(async () => {
    await append("f", '{"records":[{"timestamp":1,"headers":[["aw==","dg=="]],"body":"/w=="}]}', {
      "s2-format": "json-binsafe",
    });
    await append("f", JSON.stringify({ records: [{ timestamp: 2, body: "z".repeat(2000) }] }));
  });

  const read = (headers: Record<string, string>, query = "seq_num=0&count=1"): Promise<RawAnswer> =>
    send("GET", `/v1/streams/f/records?${query}`, { ...BASIN, ...headers });

  test("of JSON are raw, with what is no text replaced, and base64; each has another name", async () => {
    for (const format of ["raw", "json"]) {
      expect((await read({ "s2-format": format })).body.toString()).toContain('"body":"\ufffd"');
    }
    for (const format of ["base64", "json-binsafe"]) {
      expect((await read({ "s2-format": format })).body.toString()).toContain(
        '"headers":[["aw==","dg=="]],"body":"/w=="',
      );
    }
  });

  test("go by the first type that is accepted, whatever its weight", async () => {
    const type = async (accept: string): Promise<string | undefined> =>
      (await read({ accept })).headers["content-type"];
    expect(await type("application/x-protobuf;q=0, application/json")).toBe("application/protobuf");
    expect(await type("text/html, application/protobuf")).toBe("application/json");
    expect(await type("*/*")).toBe("application/json");
  });

  test("of answers are compressed from 1 KiB on, where that is accepted", async () => {
    const zipped = await read({ "accept-encoding": "br, gzip" }, "seq_num=1&count=1");
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(JSON.parse(gunzipSync(zipped.body).toString()).records).toHaveLength(1);
    expect((await read({ "accept-encoding": "gzip" })).headers["content-encoding"]).toBeUndefined();
    const refused = await read({ "accept-encoding": "gzip;q=0" }, "seq_num=1&count=1");
    expect(refused.headers["content-encoding"]).toBeUndefined();
    const events = await read(
      { "accept-encoding": "gzip", accept: "text/event-stream" },
      "seq_num=1&count=1",
    );
    expect(events.headers["content-encoding"]).toBeUndefined();
  });
});

describe("pages of other origins", () => {
  test("may do everything, and read the headers that matter", async () => {
    const preflight = await send("OPTIONS", "/v1/basins", {
      origin: "http://page",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "s2-basin,authorization",
    });
    expect(preflight).toMatchObject({
      status: 200,
      headers: {
        "access-control-allow-origin": "http://page",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "s2-basin,authorization",
        "access-control-allow-credentials": "true",
      },
    });
    const answer = await send("GET", "/v1/basins", { origin: "http://page" });
    expect(answer.headers["access-control-allow-origin"]).toBe("http://page");
    expect(answer.headers["access-control-expose-headers"]).toContain("s2-provision-result");
  });

  test("are like any client when that is switched off", async () => {
    await using plain = await startLocal({ cors: false });
    const answer = await sendOverHttp1(plain.origin, {
      method: "OPTIONS",
      path: "/v1/basins",
      headers: { origin: "http://page" },
    });
    expect(answer.status).toBe(405);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("a session of appends", () => {
  const frame = (body: string): Buffer => Buffer.from(encodeAppendBatch([{ body, timestamp: 1 }]).frame);

  test("may arrive in pieces of any size, over either protocol", async () => {
    const input = Buffer.concat([frame("a"), frame("b".repeat(3000)), frame("c")]);
    const chunks = [...input].map((byte) => Buffer.of(byte).toString("hex"));
    const request = {
      method: "POST",
      path: "/v1/streams/pieces/records",
      headers: { ...BASIN, "content-type": "s2s/proto" },
      chunks_hex: [...chunks, "<end of request body>"],
    };
    const session = http2.connect(local.origin);
    const answers = [await sendOverHttp1(local.origin, request), await sendOverHttp2(session, request)];
    session.close();
    const ends = answers.map(({ body }) => acksOf(body).map((ack) => ack.end.seq_num));
    expect(ends).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test("may mix compressed frames with others", async () => {
    const { frame: plain } = encodeAppendBatch([{ body: "zip", timestamp: 1 }]);
    const zipped = encodeFrame({ compression: "gzip" }, gzipSync(plain.subarray(4)));
    const answer = await send(
      "POST",
      "/v1/streams/mixed/records",
      { ...BASIN, "content-type": "s2s/proto" },
      Buffer.concat([plain, zipped]),
    );
    expect(acksOf(answer.body)).toHaveLength(2);
  });

  test("acknowledges all that it stores, however much of it had to wait", async () => {
    const storage = createHeldStorage();
    await using busy = await startLocal({
      storage,
      appendInflightBytes: 1024 * 1024,
      init: { basins: [{ name: "http-basin", streams: [{ name: "s" }] }] },
    });
    const { frame: tiny } = encodeAppendBatch([{ body: "x", timestamp: 1 }]);
    const { frame: large } = encodeAppendBatch([{ body: "x".repeat(1024 * 1024 - 8), timestamp: 1 }]);
    const zipped = encodeFrame({ compression: "gzip" }, gzipSync(large.subarray(4)));
    const session = http2.connect(busy.origin);
    let isOver = false;
    const answer = sendOverHttp2(session, {
      method: "POST",
      path: RECORDS,
      headers: { ...BASIN, "content-type": "s2s/proto" },
      body_hex: Buffer.concat([...Array<Uint8Array>(900).fill(tiny), zipped, zipped, zipped]).toString("hex"),
    }).finally(() => {
      isOver = true;
    });
    while (!isOver) await storage.release();
    expect(acksOf((await answer).body).map((ack) => ack.end.seq_num)).toEqual(
      Array.from({ length: 903 }, (_, index) => index + 1),
    );
    expect(busy.service.live.peek("http-basin", "s")?.tail.seq_num).toBe(903);
    session.close();
  });

  test("that fails tells an HTTP/2 peer to stop sending, without an error", async () => {
    const session = http2.connect(local.origin);
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/streams/early/records",
      ...BASIN,
      "content-type": "s2s/proto",
    });
    const body: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    const closed = new Promise<number | undefined>((resolve) =>
      stream.on("close", () => resolve(stream.rstCode)),
    );
    stream.write(Buffer.from("00000100", "hex"));
    expect(await closed).toBe(http2.constants.NGHTTP2_NO_ERROR);
    expect(Buffer.concat(body).toString()).toContain("record batch must not be empty");
    session.close();
  });
});

function acksOf(body: Buffer): ReturnType<typeof decodeAppendAck>[] {
  const acks: ReturnType<typeof decodeAppendAck>[] = [];
  for (let at = 0; at < body.length; at += 3 + body.readUIntBE(at, 3)) {
    acks.push(decodeAppendAck(body.subarray(at + 4, at + 3 + body.readUIntBE(at, 3))));
  }
  return acks;
}
