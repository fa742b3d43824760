import { decodeAppendAck } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";
import { batchOf, flagsOf, PLAIN, S2S } from "../raw/frames.js";
import { openSession } from "../raw/s2s.js";
import { settled } from "../waiting.js";

export const sessionOpening = topic("session-opening", ({ raw }) => {
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

  raw("takes a session without inputs for a valid one", ["s2s.empty-session"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    session.finish();
    expect(session.exchange.status).toBe(200);
    expect(await session.next()).toBeUndefined();
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
