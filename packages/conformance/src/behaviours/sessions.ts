import { gunzipSync, gzipSync } from "node:zlib";
import {
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendBatch,
  encodeFrame,
  FRAME_HEAD_BYTES,
  type Frame,
} from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";
import { openSession } from "../raw/s2s.js";
import { settled } from "../waiting.js";

const S2S = { "content-type": "s2s/proto" };
const FORMAT = { as: "string", unsafeTimestamps: "error" } as const;
const SILENCE = 20_000;

/** What stands behind the head of a frame with one batch. */
const inputOf = (...bodies: string[]): Uint8Array =>
  encodeAppendBatch(bodies.map((body) => ({ body, timestamp: 1 }))).frame.slice(FRAME_HEAD_BYTES);

const batchOf = ({ payload }: Frame) => {
  const { records, tail } = decodeReadBatch(payload, FORMAT);
  return { bodies: records.map(({ body }) => body), tail };
};

const flagsOf = ({ terminal, compression, reconnectAdvised }: Frame) => ({
  terminal,
  compression,
  reconnectAdvised,
});
const PLAIN = { terminal: false, compression: "none", reconnectAdvised: false };

export const sessions = topic("sessions", ({ raw }) => {
  raw("answers an append session before any input", ["s2s.append", "s2s.framing"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    expect(session.exchange.status).toBe(200);
    expect(session.exchange.headers).toMatchObject({
      "content-type": "s2s/proto",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    session.append([
      { body: "a", timestamp: 1 },
      { body: "b", timestamp: 2 },
    ]);
    const frame = await session.next();
    expect(frame && flagsOf(frame)).toEqual(PLAIN);
    expect(frame && decodeAppendAck(frame.payload)).toEqual({
      start: { seq_num: 0, timestamp: 1 },
      end: { seq_num: 2, timestamp: 2 },
      tail: { seq_num: 2, timestamp: 2 },
    });
    session.finish();
    expect(await session.next()).toBeUndefined();
  });

  raw("acknowledges many inputs in order, one by one", ["s2s.append"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    for (let index = 0; index < 100; index += 1) session.append([{ body: String(index) }]);
    for (let index = 0; index < 100; index += 1) expect((await session.ack()).start.seq_num).toBe(index);
    session.finish();
    expect(await session.next()).toBeUndefined();
  });

  raw("acknowledges everything after a half-close, then ends", ["s2s.half-close"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    for (let index = 0; index < 20; index += 1) session.append([{ body: "a" }]);
    session.finish();
    for (let index = 0; index < 20; index += 1) expect((await session.ack()).end.seq_num).toBe(index + 1);
    expect(await session.next()).toBeUndefined();
  });

  raw("takes a session without inputs for a valid one", ["s2s.empty-session"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    session.finish();
    expect(session.exchange.status).toBe(200);
    expect(await session.next()).toBeUndefined();
  });

  raw("takes frames at any cut", ["s2s.framing"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    const { frame } = encodeAppendBatch([{ body: "abc" }]);
    const two = Buffer.concat([frame, frame]);
    for (const byte of two) {
      session.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await session.ack()).end.seq_num).toBe(1);
    expect((await session.ack()).end.seq_num).toBe(2);
    session.finish();
    expect(await session.next()).toBeUndefined();
  });

  raw(
    "ends after the first append that fails, and applies nothing behind it",
    ["s2s.append-failure", "error.seq-num-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      session.append([{ body: "good" }]);
      session.append([{ body: "bad" }], { match_seq_num: 0 });
      session.append([{ body: "behind" }]);
      expect((await session.ack()).end.seq_num).toBe(1);
      expect(await session.terminal()).toEqual({ status: 412, body: { seq_num_mismatch: 1 } });
      expect((await stream.tail()).json()).toMatchObject({ tail: { seq_num: 1 } });
    },
  );

  raw(
    "tells the current fencing token in a terminal frame",
    ["s2s.append-failure", "error.fencing-mismatch"],
    async (ctx) => {
      const session = await (await ctx.stream()).appendSession();
      session.append([{ headers: [["", "fence"]], body: "mine" }]);
      session.append([{ body: "a" }], { fencing_token: "yours", match_seq_num: 99 });
      await session.ack();
      expect(await session.terminal()).toEqual({ status: 412, body: { fencing_token_mismatch: "mine" } });
    },
  );

  raw(
    "refuses what breaks a rule after the acknowledgements before it",
    ["s2s.append-malformed", "code.invalid", "records.batch-limits"],
    async (ctx) => {
      const stream = await ctx.stream();
      const inputs: [what: string, frame: Uint8Array][] = [
        ["no record", encodeFrame({}, new Uint8Array(0))],
        ["1001 records", encodeFrame({}, Buffer.concat(Array(1001).fill(Uint8Array.of(0x0a, 0))))],
        [
          "a token of 37 bytes",
          encodeFrame({}, Uint8Array.of(...inputOf("a"), 0x1a, 37, ...new Uint8Array(37).fill(120))),
        ],
        ["an unknown command", encodeFrame({}, Uint8Array.of(0x0a, 7, 0x12, 5, 0x0a, 0, 0x12, 1, 120))],
      ];
      for (const [what, frame] of inputs) {
        const session = await stream.appendSession();
        session.append([{ body: "good" }]);
        session.write(frame);
        await session.ack();
        const { status, body } = await session.terminal();
        expect([what, status, body]).toEqual([what, 422, { code: "invalid", message: expect.any(String) }]);
      }
    },
  );

  raw(
    "refuses bad frames after the acknowledgements before them",
    ["s2s.append-malformed", "code.bad_frame", "s2s.framing"],
    async (ctx) => {
      const stream = await ctx.stream();
      const frames: [what: string, bytes: Uint8Array][] = [
        ["a length of 0", Uint8Array.of(0, 0, 0)],
        ["a length beyond 2 MiB", Uint8Array.of(0x20, 0, 1, 0)],
        ["an unknown compression", Uint8Array.of(0, 0, 3, 0x60, 0x0a, 0)],
        ["a terminal frame", Uint8Array.of(0, 0, 5, 0x80, 1, 0xf4, 0x7b, 0x7d)],
        ["no protobuf", Uint8Array.of(0, 0, 3, 0, 0xff, 0xff)],
        ["gzip that is none", Uint8Array.of(0, 0, 3, 0x40, 0xff, 0xff)],
        ["zstd that is none", Uint8Array.of(0, 0, 3, 0x20, 0xff, 0xff)],
      ];
      for (const [what, bytes] of frames) {
        const session = await stream.appendSession();
        session.append([{ body: "good" }]);
        session.write(bytes);
        await session.ack();
        const { status, body } = await session.terminal();
        expect([what, status, body]).toEqual([what, 400, { code: "bad_frame", message: expect.any(String) }]);
      }
    },
  );

  raw(
    "refuses a half-close within a frame",
    ["s2s.half-close", "s2s.append-malformed", "code.bad_frame"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const bytes of [[0], [0, 0, 9], [0, 0, 9, 0, 0x0a, 6]]) {
        const session = await stream.appendSession();
        session.append([{ body: "good" }]);
        session.write(Uint8Array.from(bytes));
        session.finish();
        await session.ack();
        expect(await session.terminal()).toEqual({
          status: 400,
          body: { code: "bad_frame", message: expect.any(String) },
        });
      }
    },
  );

  raw("ignores the bits of a frame that are not for it", ["s2s.framing"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    for (const bits of [0x01, 0x0f, 0x10, 0x1f]) {
      const { frame } = encodeAppendBatch([{ body: "a" }]);
      const bytes = frame.slice();
      bytes[3] = bits;
      session.write(bytes);
      await session.ack();
    }
    session.finish();
    expect(await session.next()).toBeUndefined();
  });

  raw("takes the largest frame there may be", ["s2s.framing"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    const input = inputOf("a");
    // Unknown fields are skipped: they fill the message to the limit of 2 MiB with the flags.
    const filled = new Uint8Array(2_097_151);
    filled.set(input);
    const rest = filled.length - input.length - 5;
    filled.set(
      [0x7a, (rest & 0x7f) | 0x80, ((rest >> 7) & 0x7f) | 0x80, ((rest >> 14) & 0x7f) | 0x80, rest >> 21],
      input.length,
    );
    session.write(encodeFrame({}, filled));
    expect((await session.ack()).end.seq_num).toBe(1);
    session.finish();
    expect(await session.next()).toBeUndefined();
  });

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

  raw("fails before the session with plain HTTP errors", ["s2s.open-failure"], async (ctx) => {
    const stream = await ctx.stream();
    const missing = ctx.routes(stream.basin, "missing");
    const post = (path: string, headers: Record<string, string>) =>
      ctx.http.send({ method: "POST", path, headers: { ...S2S, ...headers } });
    expectCode(await post(missing.records, { "s2-basin": stream.basin }), 404, "stream_not_found");
    expectCode(await post(stream.records, { "s2-basin": "no-such-basin" }), 404, "basin_not_found");
    expectCode(await post(stream.records, {}), 400, "bad_header");
    expectCode(
      await post(stream.records, { "s2-basin": stream.basin, "s2-stream-config": "{" }),
      400,
      "bad_header",
    );
    expectCode(await missing.read("seq_num=0", S2S), 404, "stream_not_found");
    expectCode(await stream.read("seq_num=x", S2S), 400, "bad_query");
    expect((await stream.read("seq_num=5", S2S)).status).toBe(416);
    // Open requests learn of it, too.
    const session = await missing.appendSession();
    expect(session.exchange.status).toBe(404);
  });

  raw(
    "reads stored records, then heartbeats and live ones",
    ["s2s.read", "read.heartbeat", "read.tail", "read.session-wait"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({
        records: [
          { timestamp: 1, body: "a" },
          { timestamp: 2, body: "b" },
        ],
      });
      const session = await stream.readSession("seq_num=0&wait=1");
      expect(session.exchange.headers).toMatchObject({
        "content-type": "s2s/proto",
        "cache-control": "no-cache, no-transform",
      });
      const [stored, heartbeat] = [await session.next(), await session.next()];
      expect(stored && batchOf(stored)).toEqual({ bodies: ["a", "b"], tail: undefined });
      expect(heartbeat && batchOf(heartbeat)).toEqual({ bodies: [], tail: { seq_num: 2, timestamp: 2 } });
      await stream.append({ records: [{ timestamp: 3, body: "c" }] });
      const live = await session.next();
      expect(live && flagsOf(live)).toEqual(PLAIN);
      expect(live && batchOf(live)).toEqual({ bodies: ["c"], tail: { seq_num: 3, timestamp: 3 } });
      let last = await settled("the end of the wait", session.next());
      while (last !== undefined) {
        expect(batchOf(last).bodies).toEqual([]);
        last = await settled("the end of the wait", session.next());
      }
    },
  );

  raw("sends heartbeats in silence", ["read.heartbeat", "s2s.read"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.readSession("seq_num=0");
    for (let beat = 0; beat < 2; beat += 1) {
      const frame = await settled("a heartbeat", session.next(), SILENCE);
      expect(frame && batchOf(frame)).toEqual({ bodies: [], tail: { seq_num: 0, timestamp: 0 } });
    }
    session.exchange.abort();
  });

  raw(
    "ends a read session cleanly at its limits",
    ["s2s.read", "read.session-limits", "read.exhausted-limit"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.appended("a", "b", "c");
      const two = await stream.readSession("seq_num=0&count=2");
      const frame = await two.next();
      expect(frame && batchOf(frame).bodies).toEqual(["a", "b"]);
      expect(await two.next()).toBeUndefined();
      expect((await stream.read("seq_num=9&count=0", S2S)).body).toHaveLength(0);
      expect((await stream.read("seq_num=0&bytes=5", S2S)).body).toHaveLength(0);
      expect((await stream.read("seq_num=3&wait=0", S2S)).body).toHaveLength(0);
    },
  );

  raw(
    "tells of a stream's deletion in a terminal frame, behind the terminal trim",
    ["delete.readers", "code.unavailable", "s2s.read"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ records: [{ timestamp: 1, body: "a" }] });
      const session = await stream.readSession("seq_num=0");
      await session.next();
      await session.next();
      await ctx.http.send({ method: "DELETE", path: stream.path, headers: { "s2-basin": stream.basin } });
      const trim = await settled("the terminal trim", session.next(), SILENCE);
      const { records } = decodeReadBatch(trim?.payload ?? new Uint8Array(0), {
        as: "bytes",
        unsafeTimestamps: "saturate",
      });
      expect(records.map(({ seq_num, body }) => [seq_num, Array.from(body)])).toEqual([
        [1, Array(8).fill(255)],
      ]);
      expect(await session.terminal()).toEqual({
        status: 503,
        body: { code: "unavailable", message: expect.any(String) },
      });
    },
  );

  raw(
    "ends an append session whose stream is deleted",
    ["delete.appenders", "code.unavailable"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      session.append([{ body: "a" }]);
      await session.ack();
      await ctx.http.send({ method: "DELETE", path: stream.path, headers: { "s2-basin": stream.basin } });
      session.append([{ body: "b" }]);
      const { status, body } = await settled("the end of the session", session.terminal(), SILENCE);
      const ends = [
        [503, "unavailable"],
        [409, "stream_deletion_pending"],
      ];
      expect(ends).toContainEqual([status, body.code]);
    },
  );

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

  raw(
    "carries an append and a read session on one connection",
    ["s2s.append", "s2s.read", "api.http-versions"],
    async (ctx) => {
      const stream = await ctx.stream();
      const reading = await stream.readSession("seq_num=0&count=3&wait=60");
      const writing = await openSession(ctx.http, {
        method: "POST",
        path: stream.records,
        headers: { "s2-basin": stream.basin },
      });
      const seen: string[] = [];
      for (const body of ["a", "b", "c"]) {
        writing.append([{ body }]);
        await writing.ack();
        for (;;) {
          const frame = await settled("the record", reading.next());
          if (frame === undefined) throw new Error("the read session ended");
          const { bodies } = batchOf(frame);
          seen.push(...bodies);
          if (bodies.length > 0) break;
        }
      }
      expect(seen).toEqual(["a", "b", "c"]);
      expect(await reading.next()).toBeUndefined();
      writing.finish();
      expect(await writing.next()).toBeUndefined();
    },
  );
});
