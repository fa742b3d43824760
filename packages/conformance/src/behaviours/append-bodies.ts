import { encodeAppendBatch, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";

const MIB = 1024 * 1024;

export const appendBodies = topic("append-bodies", ({ raw }) => {
  raw(
    "accepts null where a number or a token is optional, and nowhere else",
    ["code.bad_json", "records.append"],
    async (ctx) => {
      const stream = await ctx.stream();
      const taken = await stream.append({
        records: [{ timestamp: null }],
        match_seq_num: null,
        fencing_token: null,
      });
      expect(taken.status).toBe(200);
      const refused: unknown[] = [
        { records: [{ body: null }] },
        { records: [{ headers: null }] },
        { records: null },
        { records: [null] },
        {},
        null,
        [],
        { records: [{ headers: { a: "b" } }] },
        { records: [{ headers: [["a"]] }] },
        { records: [{ headers: [["a", "b", "c"]] }] },
        { records: [{ body: 5 }] },
        { records: [{ timestamp: "5" }] },
        { records: [{ timestamp: -1 }] },
        { records: [{ timestamp: 1.5 }] },
        { records: [{}], match_seq_num: "0" },
      ];
      for (const input of refused) {
        const response = await stream.append(input);
        expect([JSON.stringify(input), response.status]).toEqual([JSON.stringify(input), 400]);
        expectCode(response, 400, "bad_json");
      }
    },
  );

  raw(
    "reads JSON strictly, and ignores what it does not know",
    ["api.json-strictness", "api.u64"],
    async (ctx) => {
      const stream = await ctx.stream();
      const taken = [
        '{"records":[{"body":"a","unknown":{"x":[1]}}],"other":null}',
        ' {"records" : [ {} ] } ',
        '{"records":[{"body":"\\ud83d\\ude00"}]}',
      ];
      for (const body of taken) expect([body, (await stream.append(body)).status]).toEqual([body, 200]);
      const refused = [
        "",
        "{",
        '{"records":[{}]}x',
        '{"records":[{}],"records":[{}]}',
        '{"records":[{"body":"a","body":"b"}]}',
        '{"records":[{"timestamp":18446744073709551616}]}',
        '{"records":[{"timestamp":1.0}]}',
        '{"records":[{"timestamp":1e3}]}',
        '{"records":[{"body":"\\ud83d"}]}',
        '{"records":[{"body":"a\nb"}]}',
        "{'records':[{}]}",
        '{"records":[{}],}',
      ];
      for (const body of refused) {
        const response = await stream.append(body);
        expect([body, response.status]).toEqual([body, 400]);
        expectCode(response, 400, "bad_json");
      }
    },
  );

  raw(
    "stores timestamps up to the largest 64-bit integer, and tells them digit by digit",
    ["api.u64", "timestamps.capped"],
    async (ctx) => {
      const stream = await ctx.stream({ timestamping: { uncapped: true } });
      const appended = await stream.append('{"records":[{"timestamp":18446744073709551615,"body":"x"}]}');
      expect(appended.text).toContain('"timestamp":18446744073709551615');
      expect((await stream.read("seq_num=0")).text).toContain('"timestamp":18446744073709551615');
      expect((await stream.tail()).text).toBe('{"tail":{"seq_num":1,"timestamp":18446744073709551615}}');
    },
  );

  raw(
    "takes a unary body of 2 MiB, and refuses one byte more",
    ["api.body-limit", "code.bad_json", "code.bad_proto"],
    async (ctx) => {
      const stream = await ctx.stream();
      const json = '{"records":[{}]}';
      const limit = 2 * MIB;
      expect((await stream.append(json.padEnd(limit))).status).toBe(200);
      expectCode(await stream.append(json.padEnd(limit + 1)), 400, "bad_json");
      const protobuf = new Uint8Array(limit + 1);
      const refused = await ctx.http.send({
        method: "POST",
        path: stream.records,
        headers: { "s2-basin": stream.basin, "content-type": "application/protobuf" },
        body: protobuf,
      });
      expectCode(refused, 400, "bad_proto");
    },
  );

  raw(
    "refuses protobuf that is none, or that breaks a rule",
    ["code.bad_proto", "code.invalid", "names.fencing-token"],
    async (ctx) => {
      const stream = await ctx.stream();
      const append = (body: Uint8Array) =>
        ctx.http.send({
          method: "POST",
          path: stream.records,
          headers: { "s2-basin": stream.basin, "content-type": "application/protobuf" },
          body,
        });
      for (const bytes of [
        [0xff, 0xff],
        [0x0a, 0x05, 0x08],
        [0x0a, 0x01],
        [0x08, 0x01],
      ]) {
        expectCode(await append(Uint8Array.from(bytes)), 400, "bad_proto");
      }
      expectCode(await append(new Uint8Array(0)), 422, "invalid");
      const input = encodeAppendBatch([{ body: "a" }]).frame.subarray(FRAME_HEAD_BYTES);
      const token = new TextEncoder().encode("x".repeat(37));
      expectCode(await append(Uint8Array.of(...input, 0x1a, token.length, ...token)), 422, "invalid");
      expectCode(await append(Uint8Array.of(...input, 0x1a, 1, 0xff)), 400, "bad_proto");
      // Unknown fields are skipped, as protobuf has it.
      expect((await append(Uint8Array.of(...input, 0x78, 1))).status).toBe(200);
    },
  );
});
