import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import type { S2ClientOptions, S2Stream } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorThrownBy } from "../expecting.js";
import type { SdkContext } from "../sdk-context.js";
import { BUILT_IN_WIRES } from "../targets.js";
import { settled } from "../waiting.js";

const hasZstd = "zstdCompress" in zlib;
const ALGORITHMS = (["gzip", "zstd"] as const).filter((name) => name === "gzip" || hasZstd);
/** Below and above the least size that is compressed, in no order. */
const SIZES = [200_000, 3, 1023, 40_000, 0, 1024, 900_000, 12, 2048, 1, 100_000, 1025];

/** A stream, and a handle of it whose client compresses. */
async function compressed(ctx: SdkContext, compression: S2ClientOptions["compression"]): Promise<S2Stream> {
  const basin = await ctx.basin();
  const { name } = await ctx.streamIn(basin);
  return ctx.handle(ctx.connect({ compression }).basin(basin.name), name);
}

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
