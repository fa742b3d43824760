import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { type BasinConfig, EncryptionKey, type S2Stream } from "@s2-dev/streamstore";
import fc from "fast-check";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorThrownBy, expectServerError } from "../expecting.js";
import type { SdkContext } from "../sdk-context.js";
import { BUILT_IN_WIRES, isBuiltIn } from "../targets.js";
import { settled } from "../waiting.js";
import { createFramedTransport } from "../wires.js";

const hasZstd = "zstdCompress" in zlib;
const ALGORITHMS = (["gzip", "zstd"] as const).filter((name) => name === "gzip" || hasZstd);
/** Below and above the least size that is compressed, in no order. */
const SIZES = [200_000, 3, 1023, 40_000, 0, 1024, 900_000, 12, 2048, 1, 100_000, 1025];

/** A stream's key, another one, and one that is too short for any cipher. */
const KEPT = EncryptionKey.from(Buffer.alloc(32, 7));
const OTHER = EncryptionKey.from(Buffer.alloc(32, 9));
const SHORT = EncryptionKey.from(Buffer.alloc(31, 7));

type Algorithm = (typeof ALGORITHMS)[number];

/** Compresses in frames over plain `fetch`, and lives as long as the behaviour. */
function framedTransport(ctx: SdkContext, compression: Algorithm) {
  const transport = createFramedTransport({ compression });
  ctx.afterwards(() => transport.close());
  return transport;
}

/** A stream, and a handle of it whose client compresses. */
async function compressed(ctx: SdkContext, compression: Algorithm, config?: BasinConfig): Promise<S2Stream> {
  const basin = await ctx.basin(config);
  return compressingHandle(ctx, compression, await ctx.streamIn(basin));
}

/** A handle of the same stream, of a client that compresses so. */
function compressingHandle(ctx: SdkContext, compression: Algorithm, { basin, name }: S2Stream): S2Stream {
  const client = ctx.connect(
    isBuiltIn(ctx.pair.wire) ? { compression } : { transport: framedTransport(ctx, compression) },
  );
  return ctx.handle(client.basin(basin), name);
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

/** Appends a record of each body through a session, all at once, and gives their sequence numbers. */
async function submitted(stream: S2Stream, bodies: readonly (string | Uint8Array)[]): Promise<number[]> {
  const session = await stream.appendSession();
  const acks = await settled("the acks", Promise.all(bodies.map((body) => session.submit({ body }))));
  await session.close();
  return acks.map(({ start }) => start.seq_num);
}

export const compressing = topic("compressing", ({ sdk }) => {
  for (const compression of ALGORITHMS) {
    sdk(
      `keeps the order of batches of mixed sizes in a session: ${compression}`,
      ["sdk.compression", "s2s.compression", "s2s.append"],
      async (ctx) => {
        const stream = await compressed(ctx, compression);
        const bodies = [...SIZES, ...SIZES].map(bodyOf);
        expect(await submitted(stream, bodies)).toEqual(bodies.map((_, index) => index));
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
            const places = await submitted(stream, bodies);
            expect(places).toEqual(bodies.map((_, index) => first + index));
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
    const plain = await ctx.stream();
    const handles = [plain, ...ALGORITHMS.map((compression) => compressingHandle(ctx, compression, plain))];
    const bodies: string[] = [];
    for (const [index, handle] of handles.entries()) {
      const session = await handle.appendSession();
      for (const how of ["session", "call"]) {
        const body = `${index} ${how} `.repeat(1000);
        await (how === "session" ? session.submit({ body }) : handle.append({ body }));
        bodies.push(body);
      }
      await session.close();
    }
    for (const handle of handles) {
      expect((await handle.read({ seq_num: 0 })).records.map(({ body }) => body)).toEqual(bodies);
      const reading = await handle.readSession({ seq_num: 0, count: bodies.length });
      expect((await all(reading)).map(({ body }) => body)).toEqual(bodies);
    }
  });

  for (const compression of ALGORITHMS) {
    for (const stream_cipher of ["aegis-256", "aes-256-gcm"] as const) {
      sdk(
        `goes with a key of the customer's, and hides none of what a wrong or missing one is told: ${compression}, ${stream_cipher}`,
        ["sdk.compression", "encryption.keys", "code.bad_header", "code.decryption_failed"],
        async (ctx) => {
          const unlocked = await compressed(ctx, compression, { stream_cipher });
          const stream = unlocked.withEncryptionKey(KEPT);
          const bodies = SIZES.slice(0, 6).map((size, index) => bytesOf(bodyOf(size, index)));
          const [first, ...others] = bodies.map((body) => ({ body }));
          await stream.append(first ?? {});
          const session = await stream.appendSession();
          await Promise.all(others.map((record) => session.submit(record)));
          await session.close();
          const range = { seq_num: 0, count: bodies.length, as: "bytes" } as const;
          const whole = Buffer.concat(bodies);
          const read = await all(await stream.readSession(range));
          expect(Buffer.concat(read.map(({ body }) => body)).equals(whole)).toBe(true);

          const other = stream.withEncryptionKey(OTHER);
          await expectServerError(other.read({ seq_num: 0 }), "decryption_failed", 400);
          const reading = async () => all(await other.readSession(range));
          await expectServerError(reading(), "decryption_failed", 400);
          const large = { body: "text ".repeat(1000) };
          for (const keyless of [unlocked, unlocked.withEncryptionKey(SHORT)]) {
            await expectServerError(keyless.append(large), "bad_header", 400);
            await expectServerError(keyless.read({ seq_num: 0 }), "bad_header", 400);
            await expectServerError(keyless.readSession(range), "bad_header", 400);
            const refused = await keyless.appendSession();
            await expectServerError(refused.submit(large), "bad_header", 400);
            await expectServerError(refused.close(), "bad_header", 400);
          }
          expect((await stream.checkTail()).tail.seq_num).toBe(bodies.length);
        },
      );
    }
  }

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
