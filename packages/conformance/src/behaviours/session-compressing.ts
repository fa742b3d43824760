import { gunzipSync, gzipSync } from "node:zlib";
import { encodeAppendBatch, encodeFrame, type Frame } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { batchOf, flagsOf, inputOf, PLAIN, S2S } from "../raw/frames.js";

export const sessionCompressing = topic("session-compressing", ({ raw }) => {
  raw("takes inputs compressed one by one", ["s2s.compression"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    session.write(encodeFrame({ compression: "gzip" }, gzipSync(inputOf("x".repeat(3000)))));
    session.append([{ body: "plain" }]);
    session.write(encodeFrame({ compression: "gzip" }, gzipSync(inputOf("y"))));
    for (const end of [1, 2, 3]) expect((await session.ack()).end.seq_num).toBe(end);
    session.finish();
    const { records } = (await stream.read("seq_num=0")).json<{ records: { body: string }[] }>();
    expect(records.map(({ body }) => body)).toEqual(["x".repeat(3000), "plain", "y"]);
  });

  raw("takes inputs compressed with zstd", ["s2s.compression"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    const input = inputOf("abc");
    const rawBlock = Uint8Array.of(
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x20,
      input.length,
      (input.length << 3) | 1,
      0,
      0,
      ...input,
    );
    session.write(encodeFrame({ compression: "zstd" }, rawBlock));
    expect((await session.ack()).end.seq_num).toBe(1);
    session.finish();
  });

  raw(
    "takes a whole session that is compressed",
    ["s2s.compression", "api.request-encoding"],
    async (ctx) => {
      const stream = await ctx.stream();
      const frames = ["a", "b"].map((body) => encodeAppendBatch([{ body }]).frame);
      const answer = await ctx.http.send({
        method: "POST",
        path: stream.records,
        headers: { ...S2S, "s2-basin": stream.basin, "content-encoding": "gzip" },
        body: gzipSync(Buffer.concat(frames)),
      });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "s2s/proto"]);
      expect((await stream.tail()).json()).toMatchObject({ tail: { seq_num: 2 } });
    },
  );

  raw("refuses an input that grows beyond 2 MiB", ["s2s.compression", "code.bad_frame"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    session.write(encodeFrame({ compression: "gzip" }, gzipSync(new Uint8Array(3 * 1024 * 1024))));
    expect(await session.terminal()).toEqual({
      status: 400,
      body: { code: "bad_frame", message: expect.any(String) },
    });
  });

  raw(
    "compresses larger messages as the client accepts, and leaves smaller ones",
    ["s2s.compression"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ records: [{ body: "x".repeat(2000) }] });
      await stream.appended("small");
      const first = async (query: string, accepted: string): Promise<Frame> => {
        const session = await stream.readSession(query, { "accept-encoding": accepted });
        const frame = await session.next();
        session.exchange.abort();
        if (frame === undefined) throw new Error("no frame came");
        return frame;
      };
      for (const accepted of ["gzip", "gzip, deflate, br", "zstd;q=0, gzip", "gzip;q=0.1"]) {
        const frame = await first("seq_num=0&count=1", accepted);
        expect([accepted, flagsOf(frame)]).toEqual([accepted, { ...PLAIN, compression: "gzip" }]);
        expect(batchOf({ ...frame, payload: gunzipSync(frame.payload) }).bodies).toEqual(["x".repeat(2000)]);
      }
      for (const accepted of ["identity", "*", "gzip;q=0", "br"]) {
        expect([accepted, (await first("seq_num=0&count=1", accepted)).compression]).toEqual([
          accepted,
          "none",
        ]);
      }
      expect((await first("seq_num=1&count=1", "gzip")).compression).toBe("none");
    },
  );

  raw("compresses with zstd wherever the client lists it", ["s2s.compression"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: [{ body: "x".repeat(2000) }] });
    for (const accepted of ["zstd", "gzip, zstd;q=0.1"]) {
      const session = await stream.readSession("seq_num=0&count=1", { "accept-encoding": accepted });
      expect([accepted, (await session.next())?.compression]).toEqual([accepted, "zstd"]);
    }
  });
});
