import type { Writable } from "node:stream";
import { frame, tailMessage } from "../fixture/proto.js";
import { type ReadBatches, readFrames, readJson, timestampAt } from "../fixture/read-batches.js";
import type { Shape } from "../fixture/shape.js";
import { drained, type Exchange } from "./exchange.js";
import type { StreamState, Streams } from "./streams.js";

/** Small frames are joined up to this size, so that the server is not what limits. */
const WRITE_BYTES = 64 * 1024;
/** What a read without a count gets. */
const ENDLESS = 5_000_000;

export interface ReadRange {
  readonly start: number;
  /** Records to serve; undefined means to follow live. */
  readonly count: number | undefined;
}

export interface Read {
  readonly name: string;
  readonly shape: Shape;
  readonly range: ReadRange;
}

export interface Batches {
  frames(shape: Shape): ReadBatches;
  json(shape: Shape, base64: boolean): ReadBatches;
}

/** Encodes each shape once. */
export function createBatches(): Batches {
  const known = new Map<string, ReadBatches>();
  const once = (key: string, make: () => ReadBatches): ReadBatches => {
    let batches = known.get(key);
    if (batches === undefined) {
      batches = make();
      known.set(key, batches);
    }
    return batches;
  };
  return {
    frames: (shape) => once(JSON.stringify(shape), () => readFrames(shape)),
    json: (shape, base64) => once(JSON.stringify([shape, base64]), () => readJson(shape, base64)),
  };
}

export async function serveReadSession(
  exchange: Exchange,
  { name, shape, range }: Read,
  batches: Batches,
  streams: Streams,
): Promise<void> {
  const answer = exchange.respond(200, { "content-type": "s2s/proto" });
  if (name.includes(".tail")) return follow(answer, name, range.start, streams);
  const frames = batches.frames(shape);
  await serve(answer, shape, range, streams.get(name), (index) => frames.at(range.start, index));
  answer.end();
}

export async function serveEvents(
  exchange: Exchange,
  { name, shape, range }: Read,
  batches: Batches,
  streams: Streams,
): Promise<void> {
  const answer = exchange.respond(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
  });
  const json = batches.json(shape, exchange.headers["s2-format"] === "base64");
  const metered = shape.size + 8 + (shape.headers === 0 ? 0 : 4 + 4 + 9 + 5 + 16);
  await serve(answer, shape, range, streams.get(name), (index) => {
    const delivered = (index + 1) * shape.batch;
    const id = `${range.start + delivered - 1},${delivered},${delivered * metered}`;
    return Buffer.concat([
      Buffer.from("event: batch\ndata: "),
      json.at(range.start, index),
      Buffer.from(`\nid: ${id}\n\n`),
    ]);
  });
  answer.end("data: [DONE]\n\n");
}

/** Writes all batches of the range as fast as they are taken. */
async function serve(
  answer: Writable,
  shape: Shape,
  { count }: ReadRange,
  state: StreamState,
  batchAt: (index: number) => Buffer,
): Promise<void> {
  const total = Math.floor((count ?? ENDLESS) / shape.batch);
  let pending: Buffer[] = [];
  let size = 0;
  for (let index = 0; index < total && !answer.destroyed; index++) {
    const data = batchAt(index);
    pending.push(data);
    size += data.length;
    if (size < WRITE_BYTES && index + 1 < total) continue;
    state.served += size;
    const isTaken = answer.write(pending.length === 1 ? pending[0]! : Buffer.concat(pending));
    pending = [];
    size = 0;
    if (!isTaken && !answer.destroyed) await drained(answer);
  }
}

/** A live read: a heartbeat, then whatever is published. */
function follow(answer: Writable, name: string, start: number, streams: Streams): void {
  streams.tails.set(name, answer);
  answer.on("close", () => streams.tails.delete(name));
  answer.write(frame(tailMessage(start, timestampAt(start))));
}

/** Gives every open tail `batches` batches, one to each in turn. */
export async function publish(
  shape: Shape,
  start: number,
  count: number,
  batches: Batches,
  streams: Streams,
): Promise<void> {
  const frames = batches.frames(shape);
  for (let index = 0; index < count; index++) {
    const data = frames.at(start, index);
    for (const answer of streams.tails.values()) answer.write(data);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
