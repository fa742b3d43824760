import { encodeFrame } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { inputOf } from "../raw/frames.js";
import { settled } from "../waiting.js";

export const sessionAppending = topic("session-appending", ({ raw }) => {
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
    "ends an append session whose stream is deleted",
    ["delete.appenders", "code.unavailable"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      session.append([{ body: "a" }]);
      await session.ack();
      await ctx.http.send({ method: "DELETE", path: stream.path, headers: { "s2-basin": stream.basin } });
      session.append([{ body: "b" }]);
      const { status, body } = await settled("the end of the session", session.terminal());
      const ends = [
        [503, "unavailable"],
        [409, "stream_deletion_pending"],
      ];
      expect(ends).toContainEqual([status, body.code]);
    },
  );
});
