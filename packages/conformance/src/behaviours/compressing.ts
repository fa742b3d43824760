import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import type { S2Stream } from "@s2-dev/streamstore";
import fc from "fast-check";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorThrownBy } from "../expecting.js";
import type { SdkContext } from "../sdk-context.js";
import { BUILT_IN_WIRES, isBuiltIn } from "../targets.js";
import { settled } from "../waiting.js";
import { createFramedTransport } from "../wires.js";

const hasZstd = "zstdCompress" in zlib;
const ALGORITHMS = (["gzip", "zstd"] as const).filter((name) => name === "gzip" || hasZstd);
/** Below and above the least size that is compressed, in no order. */
const SIZES = [200_000, 3, 1023, 40_000, 0, 1024, 900_000, 12, 2048, 1, 100_000, 1025];

type Algorithm = (typeof ALGORITHMS)[number];

/** Compresses in frames over plain `fetch`, and lives as long as the behaviour. */
function framedTransport(ctx: SdkContext, compression: Algorithm) {
  const transport = createFramedTransport({ compression });
  ctx.afterwards(() => transport.close());
  return transport;
}

/** A stream, and a handle of it whose client compresses. */
async function compressed(ctx: SdkContext, compression: Algorithm): Promise<S2Stream> {
  const basin = await ctx.basin();
  const { name } = await ctx.streamIn(basin);
  const client = ctx.connect(
    isBuiltIn(ctx.pair.wire) ? { compression } : { transport: framedTransport(ctx, compression) },
  );
  return ctx.handle(client.basin(basin.name), name);
}

/** Mostly around the least size that is compressed, now and then large: what is small is done first. */
const MIXED_SIZES = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.nat(1023) },
    { weight: 3, arbitrary: fc.integer({ min: 1000, max: 4096 }) },
    { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 900_000 }) },
  ),
  { minLength: 1, maxLength: 16 },
);
/** Sessions that a property is tried on; each is a few requests. */
const SESSIONS = 12;

/** Text that compresses well, and bytes that do not. */
const bodyOf = (size: number, index: number): string | Uint8Array =>
  index % 3 === 2 ? new Uint8Array(randomBytes(size)) : `${index} `.repeat(size).slice(0, size);

const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body;

export const compressing = topic("compressing", ({ sdk }) => {
  for (const compression of ALGORITHMS) {
    sdk(
      `keeps the order of batches of mixed sizes in a session: ${compression}`,
      ["sdk.compression", "s2s.compression", "s2s.append"],
      async (ctx) => {
        const stream = await compressed(ctx, compression);
        const bodies = [...SIZES, ...SIZES].map(bodyOf);
        const session = await stream.appendSession();
        const acks = await settled(
          "the acks",
          Promise.all(bodies.map((body) => session.submit({ body }))),
          60_000,
        );
        await session.close();
        expect(acks.map(({ start }) => start.seq_num)).toEqual(bodies.map((_, index) => index));
        const reading = await stream.readSession({ seq_num: 0, count: bodies.length, as: "bytes" });
        const read = (await all(reading)).map(({ body }) => Buffer.from(body));
        expect(read.length).toBe(bodies.length);
        for (const [index, body] of bodies.entries())
          expect(read[index]?.equals(bytesOf(body)), `${index}`).toBe(true);
      },
    );

    sdk(
      `never changes the order, whatever the sizes are: ${compression}`,
      ["sdk.compression", "s2s.compression"],
      async (ctx) => {
        const stream = await compressed(ctx, compression);
        let position = 0;
        await fc.assert(
          fc.asyncProperty(MIXED_SIZES, async (sizes) => {
            const bodies = sizes.map((size, index) => bytesOf(bodyOf(size, index)));
            const first = position;
            position += bodies.length;
            const session = await stream.appendSession();
            const acks = await settled(
              "the acks",
              Promise.all(bodies.map((body) => session.submit({ body }))),
              60_000,
            );
            await session.close();
            expect(acks.map(({ start }) => start.seq_num - first)).toEqual(bodies.map((_, index) => index));
            const range = { seq_num: first, count: bodies.length, as: "bytes" } as const;
            const read = await all(await stream.readSession(range));
            // Compared as a whole: a difference in one of a million bytes is not worth printing them.
            expect(Buffer.concat(read.map(({ body }) => body)).equals(Buffer.concat(bodies))).toBe(true);
          }),
          // A failure must not go on for minutes: what is shrunk is sent again, in a new session.
          { numRuns: SESSIONS, endOnFailure: true },
        );
      },
    );

    sdk(
      `makes no difference to calls: ${compression}`,
      ["sdk.compression", "api.request-encoding", "api.response-encoding"],
      async (ctx) => {
        const stream = await compressed(ctx, compression);
        const records = [
          { body: "a" },
          { body: "text ".repeat(10_000) },
          { body: new Uint8Array(randomBytes(5000)) },
        ];
        await stream.append(records);
        await stream.append({ body: "small" });
        const { records: read } = await stream.read({ seq_num: 0, as: "bytes" });
        expect(read.map(({ body }) => Buffer.from(body).toString("hex"))).toEqual(
          [...records, { body: "small" }].map(({ body }) => Buffer.from(bytesOf(body)).toString("hex")),
        );
        const error = await stream
          .append({ body: "x" }, { match_seq_num: 9 })
          .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ status: 412, expectedSeqNum: 4 });
      },
    );
  }

  sdk("lets clients that compress differently share a stream", ["sdk.compression"], async (ctx) => {
    const stream = await compressed(ctx, "gzip");
    const body = "shared ".repeat(1000);
    const session = await stream.appendSession();
    await session.submit({ body });
    await session.close();
    const basin = await ctx.basin();
    const plain = ctx.handle(basin, (await ctx.streamIn(basin)).name);
    await plain.append({ body });
    for (const each of [stream, plain])
      expect((await each.read({ seq_num: 0 })).records).toMatchObject([{ body }]);
  });

  sdk(
    "is refused when the client is made, if the runtime lacks it",
    ["sdk.refusals"],
    async (ctx) => {
      const make = (): unknown => ctx.handle(ctx.connect({ compression: "zstd" }).basin("any-basin"), "any");
      if (hasZstd) expect(make).not.toThrow();
      else expect(errorThrownBy(make)).toMatchObject({ code: "UNSUPPORTED", sideEffect: "none" });
    },
    { wires: BUILT_IN_WIRES },
  );
});
