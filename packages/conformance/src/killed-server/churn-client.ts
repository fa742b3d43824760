import { setTimeout as sleep } from "node:timers/promises";
import { S2 } from "@s2-dev/streamstore";
import { EMPTY_STREAM, type StreamWorld, type World } from "./churn-world.js";

/** The connection broke: whether the request was done is not known. */
export class Broken extends Error {}

/** What a worker asks of the server, one request each and none repeated. */
export interface ChurnClient {
  createBasin(): Promise<void>;
  deleteBasin(): Promise<void>;
  createStream(stream: string): Promise<void>;
  deleteStream(stream: string): Promise<void>;
  /** Bodies are base64. */
  append(stream: string, bodies: readonly string[], at: number): Promise<void>;
  trim(stream: string, point: number, at: number): Promise<void>;
  /** A new stream, with a batch for each body. */
  fill(stream: string, bodies: readonly string[]): Promise<void>;
  /** What there is now; waits until every deletion that was begun is complete. */
  observe(streams: readonly string[]): Promise<World>;
}

const JSON_TYPE = { "content-type": "application/json" };
/** Of deletions, in milliseconds. */
const POLL_MS = 5;
const DEADLINE_MS = 30_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The body of a trim command. */
export function trimBody(point: number): string {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(BigInt(point));
  return body.toString("base64");
}

export function createChurnClient(origin: string, basin: string): ChurnClient {
  const own = { "s2-basin": basin, "s2-format": "base64" };

  async function send(method: string, path: string, body?: unknown): Promise<Answer> {
    try {
      const answer = await fetch(`${origin}/v1${path}`, {
        method,
        headers: body === undefined ? own : { ...own, ...JSON_TYPE },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      throw new Broken(`${method} ${path}`, { cause: error });
    }
  }

  /** Anything but this status is a fault of the server. */
  async function must(status: number, method: string, path: string, body?: unknown): Promise<string> {
    const answer = await send(method, path, body);
    if (answer.status !== status)
      throw new Error(`${method} ${path} was answered with ${answer.status} ${answer.text}, not ${status}`);
    return answer.text;
  }

  /** Asks again while something is being deleted. */
  async function settled(method: string, path: string, body?: unknown): Promise<Answer> {
    for (let waited = 0; ; waited += POLL_MS) {
      const answer = await send(method, path, body);
      if (!answer.text.includes("deletion_pending")) return answer;
      if (waited > DEADLINE_MS) throw new Error(`${method} ${path}: the deletion never ends`);
      await sleep(POLL_MS);
    }
  }

  const records = (stream: string): string => `/streams/${stream}/records`;

  async function append(stream: string, batch: readonly object[], at: number): Promise<void> {
    await must(200, "POST", records(stream), { records: batch, match_seq_num: at });
  }

  async function basinState(): Promise<"there" | "deleting" | "gone"> {
    const { basins } = JSON.parse(await must(200, "GET", `/basins?prefix=${basin}`)) as {
      basins: { name: string; deleted_at: string | null }[];
    };
    const found = basins.find(({ name }) => name === basin);
    if (found === undefined) return "gone";
    return found.deleted_at === null ? "there" : "deleting";
  }

  async function observeStream(stream: string): Promise<StreamWorld | undefined> {
    const tail = await settled("GET", `${records(stream)}/tail`);
    if (tail.status === 404) return undefined;
    const next = (JSON.parse(tail.text) as { tail: { seq_num: number } }).tail.seq_num;
    const found = new Map<number, string>();
    for (let from = 0; from < next; ) {
      const page = JSON.parse(await must(200, "GET", `${records(stream)}?seq_num=${from}`)) as {
        records: { seq_num: number; body?: string }[];
      };
      for (const { seq_num, body = "" } of page.records) found.set(seq_num, body);
      from = (page.records.at(-1)?.seq_num ?? next) + 1;
    }
    return next === 0 ? EMPTY_STREAM : { next, records: found };
  }

  return {
    async createBasin() {
      const { status, text } = await settled("POST", "/basins", { basin });
      if (status !== 201) throw new Error(`the basin was not created: ${status} ${text}`);
    },
    deleteBasin: async () => void (await must(202, "DELETE", `/basins/${basin}`)),
    async createStream(stream) {
      const { status, text } = await settled("POST", "/streams", { stream });
      if (status !== 201) throw new Error(`the stream was not created: ${status} ${text}`);
    },
    deleteStream: async (stream) => void (await must(202, "DELETE", `/streams/${stream}`)),
    append: (stream, bodies, at) =>
      append(
        stream,
        bodies.map((body) => ({ body })),
        at,
      ),
    trim: (stream, point, at) =>
      append(
        stream,
        [{ headers: [["", Buffer.from("trim").toString("base64")]], body: trimBody(point) }],
        at,
      ),
    async fill(stream, bodies) {
      await this.createStream(stream);
      await using s2 = new S2({ accessToken: "ignored", endpoints: { account: origin, basin: origin } });
      const session = await s2.basin(basin).stream(stream, { forceTransport: "s2s" }).appendSession();
      await Promise.all(bodies.map((body) => session.submit({ body: Buffer.from(body, "base64") })));
      await session.close();
    },
    async observe(streams) {
      for (let waited = 0; ; waited += POLL_MS) {
        const state = await basinState();
        if (state === "gone") return undefined;
        if (state === "there") break;
        if (waited > DEADLINE_MS) throw new Error(`the basin ${basin} is never gone`);
        await sleep(POLL_MS);
      }
      const world = new Map<string, StreamWorld>();
      for (const stream of streams) {
        const found = await observeStream(stream);
        if (found !== undefined) world.set(stream, found);
      }
      return world;
    },
  };
}
