import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { S2, type S2Stream } from "@s2-dev/streamstore";
import {
  DeserializingReadSession,
  serialization as here,
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "@s2-dev/streamstore-patterns";
import { typed } from "@s2-dev/streamstore-patterns/typed";
import { build } from "esbuild";
import type { serialization } from "published-patterns";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshBasinName } from "../src/names.js";
import { startLocalServer } from "../src/servers/local.js";
import type { Server } from "../src/servers/server.js";

/** What this test needs of the published packages: the patterns, and the client that they are for. */
interface Published {
  readonly serialization: typeof serialization;
  readonly S2: new (
    options: unknown,
  ) => {
    basin(name: string): {
      stream(name: string): {
        appendSession(): Promise<unknown>;
        readSession(input: unknown, options: unknown): Promise<unknown>;
        close(): Promise<void>;
      };
    };
  };
}

const MIB = 1024 * 1024;
/** From nothing but what both know: empty messages the published package refuses. */
const SIZES = [1, 1000, MIB - 200, MIB, 2_500_000, 7];
const messages = SIZES.map((size, index) =>
  Uint8Array.from({ length: size }, (_, at) => (at * 7 + index) % 251),
);
const bytes = (payload: Uint8Array) => payload;

let folder: string;
let published: Published;

/** Both together, so that the patterns find the client that they were published for, and not the one of this workspace. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "published-"));
  const outfile = join(folder, "published.mjs");
  const { resolve } = createRequire(import.meta.url);
  await build({
    stdin: {
      contents: `export { serialization } from "published-patterns"; export { S2 } from "published-streamstore";`,
      resolveDir: import.meta.dirname,
    },
    alias: { "@s2-dev/streamstore": resolve("published-streamstore") },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  published = (await import(pathToFileURL(outfile).href)) as Published;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function collect(source: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return found;
    found.push(value.slice());
  }
}

const isSame = (found: readonly Uint8Array[]): boolean[] =>
  messages.map((message, index) => Buffer.compare(message, found[index] ?? new Uint8Array(0)) === 0);
const ALL_SAME = messages.map(() => true);

it("every name of the published namespace is here, too, and means the same kind of thing [G-14]", () => {
  const kinds = (names: object) => Object.entries(names).map(([name, value]) => [name, typeof value]);
  expect(kinds(here)).toEqual(expect.arrayContaining(kinds(published.serialization)));
  const constants = Object.entries(published.serialization).filter(
    ([, value]) => typeof value !== "function",
  );
  for (const [name, value] of constants) expect(here).toHaveProperty(name, value);
  expect(constants.length).toBeGreaterThan(8);
});

const s2Lite = inject("s2Lite");

describe.each(["local", "s2-lite"] as const)("messages of the published patterns, on %s,", (name) => {
  const missing = name === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
  const skip = missing !== undefined && !missing.required;
  let server: Server | undefined;
  let origin: string;
  let basin: string;
  let ours: S2;

  beforeAll(async () => {
    if (missing !== undefined) return;
    if (name === "local") server = await startLocalServer();
    origin = server?.origin ?? ("origin" in s2Lite ? s2Lite.origin : "");
    basin = freshBasinName();
    ours = new S2({ accessToken: "ignored", endpoints: { account: origin, basin: origin } });
    await ours.basins.create({ basin, config: { create_stream_on_append: true } });
  });
  afterAll(async () => {
    await ours?.close();
    await server?.stop();
  });

  const ourStream = (stream: string): S2Stream => {
    if (missing !== undefined) throw new Error(missing.missing);
    return ours.basin(basin).stream(stream);
  };
  const theirStream = (stream: string) =>
    new published.S2({ accessToken: "ignored", endpoints: { account: origin, basin: origin } })
      .basin(basin)
      .stream(stream);

  async function writeOurs(stream: string, options: SerializingAppendSessionOptions): Promise<void> {
    const session = new SerializingAppendSession<Uint8Array>(
      await ourStream(stream).appendSession(),
      bytes,
      options,
    );
    for (const message of messages) void session.submit(message);
    await session.close();
  }

  /** By `submit`: the published writable cannot write what is larger than a batch. */
  async function writeTheirs(
    stream: string,
    options: { chunkSize?: number; dedupeSeq?: number },
  ): Promise<void> {
    const handle = theirStream(stream);
    const session = new published.serialization.SerializingAppendSession<Uint8Array>(
      (await handle.appendSession()) as never,
      bytes,
      options,
    );
    for (const message of messages) await session.submit(message);
    await session.close();
    await handle.close();
  }

  async function readTheirs(stream: string): Promise<Uint8Array[]> {
    const handle = theirStream(stream);
    const session = await handle.readSession(
      { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
      { as: "bytes" },
    );
    const found = await collect(
      new published.serialization.DeserializingReadSession(session as never, bytes),
    );
    await handle.close();
    return found;
  }

  const readOurs = async (stream: string) =>
    collect(
      new DeserializingReadSession(
        await ourStream(stream).readSession({ seq_num: 0, as: "bytes", wait: 0 }),
        bytes,
      ),
    );

  it.each([
    ["plain", {}],
    ["numbered", { dedupeSeq: 5 }],
    ["in small pieces", { chunkSize: 100_000, dedupeSeq: 0 }],
  ])("are read here (%s) [G-14]", { skip }, async (how, options) => {
    const stream = `theirs/${how}`;
    await writeTheirs(stream, options);
    expect(isSame(await readOurs(stream))).toEqual(ALL_SAME);
  });

  it.each([
    ["plain", {}],
    ["numbered", { dedupeSeq: 5n }],
    ["in small pieces", { chunkSize: 100_000, dedupeSeq: 0 }],
  ])("can be written here (%s) [G-14]", { skip }, async (how, options) => {
    const stream = `ours/${how}`;
    await writeOurs(stream, options);
    expect(isSame(await readTheirs(stream))).toEqual(ALL_SAME);
  });

  it("are dropped on both sides where a copy follows [G-14]", { skip }, async () => {
    for (const write of [writeOurs, writeTheirs] as const) {
      const first = `once/${write.name}`;
      await write(first, { dedupeSeq: 0 });
      const records: { body: Uint8Array; headers: [Uint8Array, Uint8Array][] }[] = [];
      const session = await ourStream(first).readSession({ seq_num: 0, as: "bytes", wait: 0 });
      for await (const { body, headers } of session) records.push({ body: body.slice(), headers });
      const twice = ourStream(`twice/${write.name}`);
      // Every record again right behind itself, in the middle of messages, too.
      for (const record of records) for (let copy = 0; copy < 2; copy += 1) await twice.append(record);
      expect(isSame(await readTheirs(twice.name))).toEqual(ALL_SAME);
      expect(isSame(await readOurs(twice.name))).toEqual(ALL_SAME);
    }
  });

  it("are not empty: one of no bytes is a message here, and ends what the published package reads", {
    skip,
  }, async () => {
    const session = new SerializingAppendSession<Uint8Array>(await ourStream("empty").appendSession(), bytes);
    for (const message of [new Uint8Array(0), Uint8Array.of(7)]) void session.submit(message);
    await session.close();
    expect((await readOurs("empty")).map(({ length }) => length)).toEqual([0, 1]);
    await expect(readTheirs("empty")).rejects.toMatchObject({ code: "FRAME_SIZE" });
  });

  it("can be those of a typed session, and are read by a typed stream", { skip }, async () => {
    const codec = { encode: bytes, decode: bytes };
    const session = await typed(ourStream("typed/ours"), { codec }).appendSession();
    for (const message of messages) void session.submit(message);
    await session.close();
    expect(isSame(await readTheirs("typed/ours"))).toEqual(ALL_SAME);
    await writeTheirs("typed/theirs", { dedupeSeq: 0 });
    const read = await typed(ourStream("typed/theirs"), { codec }).read();
    expect(isSame(read.map(({ value }) => value))).toEqual(ALL_SAME);
  });
});
