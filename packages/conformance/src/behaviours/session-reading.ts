import { decodeReadBatch, type Frame } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { batchOf, flagsOf, PLAIN, S2S } from "../raw/frames.js";
import type { RawSession } from "../raw/s2s.js";
import { settled } from "../waiting.js";

/** The next frame that is no heartbeat. */
async function nextRecords(session: RawSession): Promise<Frame | undefined> {
  for (;;) {
    const frame = await settled("records", session.next());
    if (frame === undefined || frame.terminal || batchOf(frame).bodies.length > 0) return frame;
  }
}

export const sessionReading = topic("session-reading", ({ raw }) => {
  raw(
    "reads stored records, then heartbeats and live ones",
    ["s2s.read", "read.heartbeat", "read.tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({
        records: [
          { timestamp: 1, body: "a" },
          { timestamp: 2, body: "b" },
        ],
      });
      const session = await stream.readSession("seq_num=0");
      expect(session.exchange.headers).toMatchObject({
        "content-type": "s2s/proto",
        "cache-control": "no-cache, no-transform",
      });
      const [stored, heartbeat] = [await session.next(), await session.next()];
      expect(stored && batchOf(stored)).toEqual({ bodies: ["a", "b"], tail: undefined });
      expect(heartbeat && batchOf(heartbeat)).toEqual({ bodies: [], tail: { seq_num: 2, timestamp: 2 } });
      await stream.append({ records: [{ timestamp: 3, body: "c" }] });
      const live = await nextRecords(session);
      expect(live && flagsOf(live)).toEqual(PLAIN);
      expect(live && batchOf(live)).toEqual({ bodies: ["c"], tail: { seq_num: 3, timestamp: 3 } });
      session.exchange.abort();
    },
  );

  raw("ends when the wait is over", ["s2s.read", "read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.appended("a");
    const session = await stream.readSession("seq_num=0&wait=1");
    const bodies: string[][] = [];
    for (let frame = await session.next(); frame !== undefined; frame = await session.next())
      bodies.push(batchOf(frame).bodies);
    expect(bodies).toEqual([["a"], []]);
  });

  raw("sends heartbeats in silence", ["read.heartbeat", "s2s.read"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.readSession("seq_num=0");
    for (let beat = 0; beat < 2; beat += 1) {
      const frame = await settled("a heartbeat", session.next());
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
      const trim = await nextRecords(session);
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
});
