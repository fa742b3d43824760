import type { FetchLike } from "@s2-dev/streamstore-transport-fetch/parts";

export interface StoredRecord {
  readonly seq_num: number;
  readonly timestamp: number;
  readonly body: string;
}

/** What becomes of one answer. */
export type Fault =
  | { readonly kind: "none" }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly headers?: HeadersInit;
    }
  /** The `fetch` rejects. */
  | { readonly kind: "refuse" }
  | { readonly kind: "hang" }
  /** After so many bytes: the body fails, ends, or nothing more comes. */
  | { readonly kind: "break" | "end" | "silence"; readonly after: number };

/** The numbers of a run, drawn from its seed. */
export interface Draw {
  /** From 0 up to, and not including, this one. */
  below(limit: number): number;
  oneIn(times: number): boolean;
}

export function drawFrom(seed: number): Draw {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (limit) => Math.floor(next() * limit), oneIn: (times) => next() * times < 1 };
}

export interface ScriptedServer {
  readonly fetch: FetchLike;
  /** Queries of the reads asked for. */
  readonly asked: URLSearchParams[];
  readonly log: readonly StoredRecord[];
  append(count: number): void;
  /** Drops the records before this one. */
  trim(before: number): void;
  /** Answers whose body has neither ended nor been let go. */
  readonly openBodies: number;
  /** From now on there are no faults. */
  heal(): void;
}

export const meteredSize = ({ body }: StoredRecord): number => 8 + body.length;

/** How often a follower is told the tail, in milliseconds. */
const HEARTBEAT = 10_000;

/** A server of one stream that goes wrong as `faultOf` says; it writes its events cut into pieces anywhere. */
export function createScriptedServer(draw: Draw, faultOf: () => Fault): ScriptedServer {
  const log: StoredRecord[] = [];
  const asked: URLSearchParams[] = [];
  let first = 0;
  let isHealed = false;
  let openBodies = 0;
  /** Those who wait at the tail. */
  const waiting = new Set<() => void>();
  const tail = () => ({ seq_num: log.length, timestamp: log.at(-1)?.timestamp ?? 0 });

  function startOf(query: URLSearchParams): number {
    const given = (name: string): number | undefined =>
      query.has(name) ? Number(query.get(name)) : undefined;
    const timestamp = given("timestamp");
    if (timestamp !== undefined) {
      const found = log.findIndex((record) => record.timestamp >= timestamp);
      return found < 0 ? log.length : found;
    }
    return given("seq_num") ?? Math.max(0, log.length - (given("tail_offset") ?? 0));
  }

  function eventsFor(query: URLSearchParams): (() => string | null | undefined) | "beyond" {
    const limit = (name: string): number =>
      query.has(name) ? Number(query.get(name)) : Number.POSITIVE_INFINITY;
    let [count, bytes] = [limit("count"), limit("bytes")];
    const until = limit("until");
    const isBounded = ["count", "bytes", "until"].some((name) => query.has(name));
    let at = startOf(query);
    if (at > log.length || (at === log.length && isBounded && !query.has("wait"))) return "beyond";
    const endsAtTail = query.get("wait") === "0" || (isBounded && !query.has("wait"));
    let counted = 0;
    let metered = 0;
    let toldAt: number | undefined;
    let isDone = false;
    const done = (): string => {
      isDone = true;
      return "data: [DONE]\n\n";
    };
    return () => {
      if (isDone) return null;
      at = Math.max(at, first);
      const records: StoredRecord[] = [];
      for (let most = 1 + draw.below(5); most > 0; most -= 1) {
        const record = log[at];
        if (record === undefined || count < 1 || meteredSize(record) > bytes || record.timestamp >= until)
          break;
        records.push(record);
        at += 1;
        count -= 1;
        bytes -= meteredSize(record);
        metered += meteredSize(record);
      }
      if (records.length > 0) {
        counted += records.length;
        const end = at === log.length && draw.oneIn(2) ? `,"tail":${JSON.stringify(tail())}` : "";
        return `event: batch\nid: ${at - 1},${counted},${metered}\ndata: {"records":${JSON.stringify(records)}${end}}\n\n`;
      }
      if (at < log.length || endsAtTail) return done();
      if (toldAt !== undefined && performance.now() - toldAt < HEARTBEAT) return undefined;
      toldAt = performance.now();
      return `event: ping\ndata: {"timestamp":1,"tail":${JSON.stringify(tail())}}\n\n`;
    };
  }

  function bodyOf(next: () => string | null | undefined, fault: Fault): ReadableStream<Uint8Array> {
    let ready = new Uint8Array(0);
    let left = "after" in fault ? fault.after : Number.POSITIVE_INFINITY;
    let isOver = false;
    let wake: () => void = () => {};
    openBodies += 1;
    const over = (): void => {
      if (!isOver) openBodies -= 1;
      isOver = true;
      wake();
    };
    const news = (): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(() => wake(), HEARTBEAT);
        wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          while (!isOver) {
            if (left === 0) {
              if (fault.kind === "silence") return new Promise(() => {});
              over();
              if (fault.kind === "break") controller.error(new TypeError("terminated"));
              else controller.close();
              return;
            }
            if (ready.length > 0) {
              const size = Math.min(ready.length, 1 + draw.below(60), left);
              controller.enqueue(ready.slice(0, size));
              ready = ready.slice(size);
              left -= size;
              return;
            }
            const event = next();
            if (event === null) {
              over();
              controller.close();
              return;
            }
            if (event !== undefined) ready = new TextEncoder().encode(event);
            else await news();
          }
        },
        cancel: over,
      },
      { highWaterMark: 0 },
    );
  }

  return {
    log,
    asked,
    get openBodies() {
      return openBodies;
    },
    heal() {
      isHealed = true;
    },
    append(count) {
      for (let index = 0; index < count; index += 1)
        log.push({
          seq_num: log.length,
          timestamp: 10 * log.length + draw.below(10),
          body: `record ${log.length} ${"é".repeat(draw.below(3))}`,
        });
      for (const wake of [...waiting]) wake();
    },
    trim(before) {
      first = Math.max(first, before);
    },
    async fetch(url, { signal }) {
      const query = new URL(url).searchParams;
      asked.push(query);
      const fault: Fault = isHealed ? { kind: "none" } : faultOf();
      if (fault.kind === "refuse") throw new TypeError("Failed to fetch");
      if (fault.kind === "hang")
        return new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
      if (fault.kind === "answer")
        return new Response(fault.body, { status: fault.status, headers: fault.headers ?? {} });
      const events = eventsFor(query);
      if (events === "beyond") return Response.json({ tail: tail() }, { status: 416 });
      return new Response(bodyOf(events, fault), { headers: { "content-type": "text/event-stream" } });
    },
  };
}
