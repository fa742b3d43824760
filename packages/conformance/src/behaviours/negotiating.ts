import {
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendBatch,
  FRAME_HEAD_BYTES,
} from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";
import type { RawResponse } from "../raw/http.js";
import type { RawContext, RawStream } from "../raw-context.js";

const INPUT = encodeAppendBatch([{ body: "a" }]).frame.slice(FRAME_HEAD_BYTES);

function post(
  ctx: RawContext,
  stream: RawStream,
  body: string | Uint8Array,
  headers: Record<string, string>,
): Promise<RawResponse> {
  return ctx.http.send({
    method: "POST",
    path: stream.records,
    headers: { "s2-basin": stream.basin, ...headers },
    body,
  });
}

export const negotiating = topic("negotiating", ({ raw }) => {
  raw(
    "takes JSON and protobuf appends by their content type",
    ["append.content-types", "api.json-content-type"],
    async (ctx) => {
      const stream = await ctx.stream();
      const json = '{"records":[{"body":"a"}]}';
      for (const type of [
        "application/json",
        "application/json; charset=utf-8",
        "application/vnd.api+json",
        "APPLICATION/JSON",
      ]) {
        expect([type, (await post(ctx, stream, json, { "content-type": type })).status]).toEqual([type, 200]);
      }
      for (const type of ["application/protobuf", "application/x-protobuf", "Application/Protobuf; a=b"]) {
        expect([type, (await post(ctx, stream, INPUT, { "content-type": type })).status]).toEqual([
          type,
          200,
        ]);
      }
      for (const type of [
        "text/plain",
        "application/octet-stream",
        "application/jsonx",
        "json",
        "text/json",
      ]) {
        expectCode(await post(ctx, stream, json, { "content-type": type }), 400, "bad_json");
      }
      expectCode(await post(ctx, stream, json, {}), 400, "bad_json");
    },
  );

  raw("answers an append as the first accepted type says", ["append.content-types"], async (ctx) => {
    const stream = await ctx.stream();
    const answered = async (
      accept: string | undefined,
      headers: Record<string, string>,
      body: string | Uint8Array,
    ) => {
      const response = await post(ctx, stream, body, {
        ...headers,
        ...(accept === undefined ? {} : { accept }),
      });
      expect(response.status).toBe(200);
      return response;
    };
    const json = { "content-type": "application/json" };
    const protobuf = { "content-type": "application/protobuf" };
    const types: [accept: string | undefined, type: string][] = [
      [undefined, "application/json"],
      ["*/*", "application/json"],
      ["application/protobuf", "application/protobuf"],
      ["application/x-protobuf", "application/protobuf"],
      ["application/json, application/protobuf", "application/json"],
      ["application/protobuf;q=0, application/json", "application/protobuf"],
      ["text/event-stream", "application/json"],
      ["nonsense", "application/json"],
    ];
    for (const [accept, type] of types) {
      for (const [headers, body] of [
        [json, '{"records":[{}]}'],
        [protobuf, INPUT],
      ] as const) {
        const response = await answered(accept, headers, body);
        expect([accept, response.headers["content-type"]]).toEqual([accept, type]);
        if (type === "application/protobuf")
          expect(decodeAppendAck(response.body).end.seq_num).toBeGreaterThan(0);
        else expect(response.json()).toHaveProperty("tail.seq_num");
      }
    }
  });

  raw("answers errors in JSON whatever is accepted", ["api.errors"], async (ctx) => {
    const stream = await ctx.stream();
    const headers = { "content-type": "application/protobuf", accept: "application/protobuf" };
    expectCode(await post(ctx, stream, Uint8Array.of(0xff), headers), 400, "bad_proto");
    expectCode(
      await ctx.routes(stream.basin, "missing").read("seq_num=0", { accept: "application/protobuf" }),
      404,
      "stream_not_found",
    );
    expectCode(
      await ctx.routes(stream.basin, "missing").read("seq_num=0", { accept: "text/event-stream" }),
      404,
      "stream_not_found",
    );
  });

  raw("reads as the first accepted type says", ["read.content-types"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: [{ body: "a", timestamp: 1 }] });
    const json = '{"records":[{"seq_num":0,"timestamp":1,"body":"a"}]}';
    for (const accept of [
      undefined,
      "*/*",
      "application/json",
      "application/json, text/event-stream",
      "text/html, application/protobuf",
      "x",
    ]) {
      const response = await stream.read("seq_num=0", accept === undefined ? {} : { accept });
      expect([accept, response.headers["content-type"], response.text]).toEqual([
        accept,
        "application/json",
        json,
      ]);
    }
    for (const accept of [
      "application/protobuf",
      "application/x-protobuf, application/json",
      "Application/Protobuf;q=0.1",
    ]) {
      const response = await stream.read("seq_num=0", { accept });
      expect([accept, response.headers["content-type"]]).toEqual([accept, "application/protobuf"]);
      const batch = decodeReadBatch(response.body, { as: "string", unsafeTimestamps: "error" });
      expect(batch.records.map(({ body }) => body)).toEqual(["a"]);
    }
    for (const accept of ["text/event-stream", "text/event-stream, application/json", "Text/Event-Stream"]) {
      const response = await stream.read("seq_num=0&count=1", { accept });
      expect([accept, response.headers["content-type"]]).toEqual([accept, "text/event-stream"]);
    }
    // The type of the request, not the accepted one, makes it a session.
    const session = await stream.read("seq_num=0&count=1", {
      "content-type": "s2s/proto",
      accept: "text/event-stream",
    });
    expect(session.headers["content-type"]).toBe("s2s/proto");
    const unary = await stream.read("seq_num=0&count=1", { accept: "s2s/proto" });
    expect(unary.headers["content-type"]).toBe("application/json");
  });

  raw("reads and writes record data raw or in base64", ["append.formats", "read.formats"], async (ctx) => {
    const stream = await ctx.stream();
    const base64 = (bytes: readonly number[]): string => Buffer.from(bytes).toString("base64");
    const body = base64([0, 255, 128]);
    const headers = [[base64([107]), base64([255])]];
    for (const format of ["base64", "json-binsafe"]) {
      expect(
        (await stream.append({ records: [{ body, headers, timestamp: 1 }] }, { "s2-format": format })).status,
      ).toBe(200);
    }
    for (const format of ["raw", "json"]) {
      expect(
        (await stream.append({ records: [{ body: "AA==", timestamp: 1 }] }, { "s2-format": format })).status,
      ).toBe(200);
    }
    const records = async (format?: string): Promise<unknown[]> =>
      (await stream.read("seq_num=0", format === undefined ? {} : { "s2-format": format })).json<{
        records: unknown[];
      }>().records;
    const inBase64 = [0, 1].map((seq_num) => ({ seq_num, timestamp: 1, headers, body }));
    const textInBase64 = [2, 3].map((seq_num) => ({ seq_num, timestamp: 1, body: base64([65, 65, 61, 61]) }));
    for (const format of ["base64", "json-binsafe"])
      expect(await records(format)).toEqual([...inBase64, ...textInBase64]);
    const lossy = [0, 1].map((seq_num) => ({
      seq_num,
      timestamp: 1,
      headers: [["k", "\ufffd"]],
      body: "\0\ufffd\ufffd",
    }));
    const text = [2, 3].map((seq_num) => ({ seq_num, timestamp: 1, body: "AA==" }));
    for (const format of [undefined, "raw", "json"])
      expect(await records(format)).toEqual([...lossy, ...text]);
  });

  raw(
    "refuses formats it does not know, where it looks at them",
    ["append.formats", "read.formats", "code.bad_header"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.appended("a");
      for (const format of ["Raw", "RAW", "base64url", "", "raw,base64"]) {
        const headers = { "s2-format": format };
        expectCode(await stream.append({ records: [{}] }, headers), 400, "bad_header");
        expectCode(await stream.read("seq_num=0", headers), 400, "bad_header");
        expectCode(
          await stream.read("seq_num=0", { ...headers, accept: "application/protobuf" }),
          400,
          "bad_header",
        );
        expectCode(
          await stream.read("seq_num=0", { ...headers, accept: "text/event-stream" }),
          400,
          "bad_header",
        );
        const ignored = await post(ctx, stream, INPUT, {
          ...headers,
          "content-type": "application/protobuf",
        });
        expect(ignored.status).toBe(200);
        expect(
          (await stream.read("seq_num=0&count=1", { ...headers, "content-type": "s2s/proto" })).status,
        ).toBe(200);
      }
    },
  );

  raw(
    "refuses base64 that is none, or lacks its padding",
    ["append.formats", "code.invalid"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const body of ["YQ", "YQ=", "Y", "YQ==YQ==", "_-==", "YQ==\n", " YQ==", "YR==", "é"]) {
        const answers = [
          await stream.append({ records: [{ body }] }, { "s2-format": "base64" }),
          await stream.append({ records: [{ headers: [["YQ==", body]] }] }, { "s2-format": "base64" }),
        ];
        for (const answer of answers) {
          expect([body, answer.status]).toEqual([body, 422]);
          expectCode(answer, 422, "invalid");
        }
      }
      expect((await stream.append({ records: [{ body: "" }] }, { "s2-format": "base64" })).status).toBe(200);
    },
  );

  raw("leaves out what a record does not have", ["read.content-types", "records.headers"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({
      records: [
        { timestamp: 1 },
        { timestamp: 2, body: "" },
        { timestamp: 3, headers: [] },
        { timestamp: 4, headers: [["a", ""]] },
      ],
    });
    expect((await stream.read("seq_num=0")).text).toBe(
      '{"records":[{"seq_num":0,"timestamp":1},{"seq_num":1,"timestamp":2},{"seq_num":2,"timestamp":3},{"seq_num":3,"timestamp":4,"headers":[["a",""]]}]}',
    );
  });
});
