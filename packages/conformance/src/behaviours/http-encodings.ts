import * as zlib from "node:zlib";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";

interface Zstd {
  zstdCompressSync(data: Uint8Array): Buffer;
  zstdDecompressSync(data: Uint8Array): Buffer;
}

export const httpEncodings = topic("http-encodings", ({ raw }) => {
  raw("takes bodies that are compressed with gzip", ["api.request-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    const body = gzipSync('{"records":[{"body":"a"}]}');
    const answer = await ctx.http.send({
      method: "POST",
      path: stream.records,
      headers: { "s2-basin": stream.basin, "content-type": "application/json", "content-encoding": "gzip" },
      body,
    });
    expect(answer.status).toBe(200);
    const identity = await stream.append({ records: [{ body: "b" }] }, { "content-encoding": "identity" });
    expect(identity.status).toBe(200);
  });

  raw("takes bodies that are compressed with zstd", ["api.request-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    const json = '{"records":[{"body":"a"}]}';
    // One raw block, as the format allows: no compressor is needed to write it.
    const size = Buffer.byteLength(json);
    const head = Buffer.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x20,
      size,
      ((size << 3) | 1) & 0xff,
      (size << 3) >> 8,
      0,
    ]);
    const answer = await ctx.http.send({
      method: "POST",
      path: stream.records,
      headers: { "s2-basin": stream.basin, "content-type": "application/json", "content-encoding": "zstd" },
      body: Buffer.concat([head, Buffer.from(json)]),
    });
    expect(answer.status).toBe(200);
  });

  raw(
    "refuses other encodings with an empty 415 that names those it takes",
    ["api.request-encoding"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const encoding of ["br", "deflate", "compress", "gzip, gzip", "gzip,zstd", "x-gzip", ""]) {
        const answer = await stream.append("{}", { "content-encoding": encoding });
        expect([encoding, answer.status, answer.text]).toEqual([encoding, 415, ""]);
        expect(answer.headers["accept-encoding"]?.split(",")).toContain("gzip");
      }
    },
  );

  raw("knows encodings by their names in lower case only", ["api.request-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    expect((await stream.append("{}", { "content-encoding": "GZIP" })).status).toBe(415);
  });

  raw("names zstd first among its encodings", ["api.request-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    expect((await stream.append("{}", { "content-encoding": "br" })).headers["accept-encoding"]).toBe(
      "zstd,gzip",
    );
  });

  raw(
    "refuses what is not compressed as it says, and what grows beyond 2 MiB",
    ["api.request-encoding", "api.body-limit", "code.bad_json"],
    async (ctx) => {
      const stream = await ctx.stream();
      expectCode(await stream.append('{"records":[{}]}', { "content-encoding": "gzip" }), 400, "bad_json");
      const bomb = gzipSync(Buffer.alloc(3 * 1024 * 1024, 32));
      const answer = await ctx.http.send({
        method: "POST",
        path: stream.records,
        headers: { "s2-basin": stream.basin, "content-type": "application/json", "content-encoding": "gzip" },
        body: bomb,
      });
      expectCode(answer, 400, "bad_json");
    },
  );

  raw("compresses larger answers as the client accepts", ["api.response-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: [{ body: "x".repeat(5000), timestamp: 1 }] });
    const plain = await stream.read("seq_num=0");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    for (const accepted of ["gzip", "gzip, deflate", "br, gzip;q=0.1", "zstd;q=0, gzip"]) {
      const answer = await stream.read("seq_num=0", { "accept-encoding": accepted });
      expect([accepted, answer.headers["content-encoding"]]).toEqual([accepted, "gzip"]);
      expect(gunzipSync(answer.body).toString()).toBe(plain.text);
    }
    for (const accepted of ["identity", "br", "gzip;q=0", ""]) {
      const answer = await stream.read("seq_num=0", { "accept-encoding": accepted });
      expect([accepted, answer.headers["content-encoding"], answer.text === plain.text]).toEqual([
        accepted,
        undefined,
        true,
      ]);
    }
  });

  raw("prefers zstd", ["api.response-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: [{ body: "x".repeat(5000), timestamp: 1 }] });
    const answer = await stream.read("seq_num=0", { "accept-encoding": "gzip, zstd" });
    expect(answer.headers["content-encoding"]).toBe("zstd");
    if ("zstdDecompressSync" in zlib) {
      const text = (zlib as unknown as Zstd).zstdDecompressSync(answer.body).toString();
      expect(text).toBe((await stream.read("seq_num=0")).text);
    }
  });

  raw("does not compress smaller answers, nor sessions", ["api.response-encoding"], async (ctx) => {
    const stream = await ctx.stream();
    const accepted = { "accept-encoding": "gzip" };
    await stream.appended("a", "x".repeat(5000));
    const small = await stream.read("seq_num=0&count=1", accepted);
    expect(small.headers["content-encoding"]).toBeUndefined();
    for (const headers of [{ accept: "text/event-stream" }, { "content-type": "s2s/proto" }]) {
      const session = await stream.read("seq_num=0&count=2", { ...accepted, ...headers });
      expect([session.status, session.headers["content-encoding"]]).toEqual([200, undefined]);
      expect(session.body.length).toBeGreaterThan(0);
    }
  });
});
