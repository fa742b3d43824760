import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createFrameDecoder, encodeFrame } from "@s2-dev/streamstore-core/wire";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import recorded from "../fixtures/recorded.json" with { type: "json" };
import { openSession } from "../raw/s2s.js";
import { eventsOf } from "../raw/sse.js";
import { mustBe, type RawContext } from "../raw-context.js";
import { eventually, ROUND_DEADLINE } from "../waiting.js";

interface Vector {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly body_hex?: string;
    /** Of a session, in order; text in angle brackets stands for its half-close. */
    readonly chunks_hex?: readonly string[];
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly body_hex?: string;
    readonly frames_hex?: readonly string[];
  };
}

/** In the recording; a fresh name of the same length takes its place, since messages count columns. */
const RECORDED_PREFIX = "vector-basin-";

/**
 * The recorder waited a second for what happened meanwhile, which a busy machine may miss; the answers say nothing of
 * it. Within four seconds no heartbeat is due.
 */
const LONGER_WAITS: readonly (readonly [recorded: string, replayed: string])[] = [
  ["seq_num=8&wait=1", "seq_num=8&wait=4"],
  ["seq_num=4&wait=1", "seq_num=4&wait=4"],
  ["records?wait=5", "records?wait=60"],
];

/** Depend on what a server may have or lack, zstd and access tokens; other behaviours show them. */
const LEFT_OUT: ReadonlySet<string> = new Set(["s2s-read-zstd", "append-415", "access-tokens-501"]);

/** The last ones, of a basin that is being deleted: s2-lite may be done with that at any time. */
const WHILE_DELETING: ReadonlySet<string> = new Set([
  "delete-basin",
  "get-basin-deleting",
  "list-basins-deleting",
  "create-basin-deleting",
]);

interface Replay {
  readonly ctx: RawContext;
  readonly basin: string;
  append(stream: string, record: unknown): Promise<void>;
}

/** What happened between the recorded exchanges. */
const BEFORE: Readonly<Record<string, (replay: Replay) => Promise<unknown>>> = {
  // Trimming takes the service a moment, as deleting does.
  "read-json-raw": ({ ctx, basin }) =>
    eventually(
      "the first record is trimmed",
      async () => {
        const { text } = await ctx.routes(basin, "s").read("seq_num=0&count=1");
        return text.includes('"seq_num":1') ? true : undefined;
      },
      ROUND_DEADLINE,
    ),
  "s2s-read-gzip": ({ append }) => append("big", { timestamp: 1, body: "z".repeat(1100) }),
  "create-encrypted-stream": ({ ctx, basin }) =>
    ctx.http.json("PATCH", `/v1/basins/${basin}`, { stream_cipher: "aegis-256" }),
  "s2s-read-terminal-stream-deleted": async ({ ctx, basin, append }) => {
    await ctx.http.json("PATCH", `/v1/basins/${basin}`, { stream_cipher: null });
    await append("del2", { timestamp: 1, body: "x" });
  },
  "delete-stream": ({ append }) => append("del", { timestamp: 1, body: "x" }),
  "delete-stream-again": ({ ctx, basin }) =>
    eventually(
      "the stream is gone",
      async () => {
        const { status } = await ctx.http.get("/v1/streams/del", { "s2-basin": basin });
        return status === 404 ? true : undefined;
      },
      ROUND_DEADLINE,
    ),
};

/** What happened while an exchange was open and had told that it follows. */
const MEANWHILE: Readonly<Record<string, (replay: Replay) => Promise<unknown>>> = {
  "read-long-poll-live": ({ append }) => append("s", { timestamp: 1005, body: "live" }),
  "read-protobuf-live-tail": ({ append }) => append("s", { timestamp: 1008, body: "live2" }),
  "sse-follow": ({ append }) => append("s", { timestamp: 1009, body: "live3" }),
  "s2s-read-follow": ({ append }) => append("t", { timestamp: 7, body: "live" }),
  "s2s-read-terminal-stream-deleted": ({ ctx, basin }) =>
    ctx.http.send({ method: "DELETE", path: "/v1/streams/del2", headers: { "s2-basin": basin } }),
};

/** Times of the recording and of the replay, alike. */
function timeless(text: string): string {
  return text
    .replace(/"(created_at|deleted_at)":"[^"]*"/g, '"$1":"<time>"')
    .replace(/(event: ping\ndata: \{"timestamp":)\d+/g, "$1<time>");
}

export const replaying = topic("replaying", ({ raw }) => {
  raw(
    "answers what was recorded from the service as it did then",
    ["records.append", "records.read", "basins.create", "api.errors", "s2s.framing", "sse.events"],
    async (ctx) => {
      const prefix = `r${randomBytes(6).toString("hex").slice(0, 11)}-`;
      let text = JSON.stringify(recorded.vectors).replaceAll(RECORDED_PREFIX, prefix);
      for (const [from, to] of LONGER_WAITS) text = text.replaceAll(from, to);
      const vectors = JSON.parse(text) as Vector[];
      const basin = `${prefix}1`;
      ctx.afterwards(() => ctx.http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      const replay: Replay = {
        ctx,
        basin,
        async append(stream, record) {
          mustBe(200, await ctx.routes(basin, stream).append({ records: [record] }));
        },
      };
      const kept = vectors.filter(({ name }) => !LEFT_OUT.has(name));
      expect(
        await differencesIn(
          replay,
          kept.filter(({ name }) => !WHILE_DELETING.has(name)),
        ),
      ).toEqual([]);
      const last = kept.filter(({ name }) => WHILE_DELETING.has(name));
      expect(await differencesWhileDeleting(replay, last)).toEqual([]);
    },
  );
});

async function differencesIn(replay: Replay, vectors: readonly Vector[]): Promise<unknown[]> {
  const differences: unknown[] = [];
  for (const vector of vectors) {
    await BEFORE[vector.name]?.(replay);
    const expected = expectedOf(vector);
    const got = await perform(replay, vector);
    try {
      expect(got).toMatchObject(expected);
    } catch {
      differences.push({ name: vector.name, expected, got });
    }
  }
  return differences;
}

/** Tries again with a basin like it when the deletion was over too soon. */
async function differencesWhileDeleting(replay: Replay, vectors: readonly Vector[]): Promise<unknown[]> {
  const { ctx, basin } = replay;
  const path = `/v1/basins/${basin}`;
  const config = (await ctx.http.get(path)).json();
  return eventually(
    "the basin was being deleted for long enough",
    async () => {
      const differences = await differencesIn(replay, vectors);
      const { basins } = (await ctx.http.get(`/v1/basins?prefix=${basin}`)).json<{
        basins: { state: string }[];
      }>();
      if (differences.length === 0 || basins[0]?.state === "deleting") return differences;
      expect([200, 201]).toContain((await ctx.http.json("PUT", path, { config })).status);
      await replay.append("s", { timestamp: 1, body: "x" });
      return undefined;
    },
    ROUND_DEADLINE,
  );
}

function expectedOf({ response }: Vector): object {
  const { status, headers, body = "", body_hex, frames_hex } = response;
  const common = { status, headers };
  if (frames_hex !== undefined) return { ...common, frames: frames_hex.map(plainFrame) };
  return body_hex === undefined ? { ...common, body: timeless(body) } : { ...common, body: body_hex };
}

async function perform(replay: Replay, vector: Vector): Promise<object> {
  const { request, response, name } = vector;
  if (response.frames_hex !== undefined) return performSession(replay, vector);
  const meanwhile = MEANWHILE[name];
  const body = request.body_hex === undefined ? request.body : Buffer.from(request.body_hex, "hex");
  if (name === "sse-follow") return performEvents(replay, vector);
  const answering = replay.ctx.http.send({ ...request, ...(body === undefined ? {} : { body }) });
  if (meanwhile !== undefined) {
    // Nothing tells that a call waits; what was sent after it has been answered by then.
    for (let round = 0; round < 5; round += 1)
      await replay.ctx.http.get("/v1/streams", { "s2-basin": replay.basin });
    await meanwhile(replay);
  }
  const answer = await answering;
  return {
    status: answer.status,
    headers: answer.headers,
    body: response.body_hex === undefined ? timeless(answer.text) : Buffer.from(answer.body).toString("hex"),
  };
}

async function performEvents(replay: Replay, { request, name }: Vector): Promise<object> {
  const exchange = await replay.ctx.http.open(request);
  const blocks: string[] = [];
  for await (const { fields, event } of eventsOf(exchange)) {
    blocks.push(`${fields.map(([field, value]) => `${field}: ${value}`).join("\n")}\n\n`);
    if (event === "ping") await MEANWHILE[name]?.(replay);
  }
  return { status: exchange.status, headers: exchange.headers, body: timeless(blocks.join("")) };
}

async function performSession(replay: Replay, { request, response, name }: Vector): Promise<object> {
  const session = await openSession(replay.ctx.http, {
    method: request.method,
    path: request.path,
    headers: request.headers,
  });
  const frames: string[] = [];
  const expected = response.frames_hex ?? [];
  const acks = expected.filter((frame) => (Number.parseInt(frame.slice(6, 8), 16) & 0x80) === 0).length;
  const next = async (): Promise<boolean> => {
    const frame = await session.next();
    if (frame !== undefined)
      frames.push(plainFrame(Buffer.from(encodeFrame(frame, frame.payload)).toString("hex")));
    return frame !== undefined;
  };
  for (const chunk of request.chunks_hex ?? []) {
    if (chunk.startsWith("<")) session.finish();
    else session.write(Buffer.from(chunk, "hex"));
    // One after the other: each acknowledgement tells the tail of its time.
    if (!chunk.startsWith("<") && frames.length < acks) await next();
  }
  while (await next()) {
    if (frames.length === 2) await MEANWHILE[name]?.(replay);
  }
  return { status: session.exchange.status, headers: session.exchange.headers, frames };
}

/** A frame with its message as it was before compression: compressors differ in their bytes. */
function plainFrame(hex: string): string {
  const decoder = createFrameDecoder();
  decoder.push(Buffer.from(hex, "hex"));
  const frame = decoder.next();
  if (frame?.compression !== "gzip") return hex;
  return `gzip ${gunzipSync(frame.payload).toString("hex")}`;
}
