import { encodeAppendBatch, encodeFrame } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { inputOf } from "../raw/frames.js";

export const sessionFraming = topic("session-framing", ({ raw }) => {
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
});
