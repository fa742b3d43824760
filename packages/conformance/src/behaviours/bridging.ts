import { AppendRecord, type S2Stream } from "@s2-dev/streamstore";
import { createCursor, parseCursor } from "@s2-dev/streamstore-patterns/cursor";
import { type EventStreamOptions, eventStreamResponse } from "@s2-dev/streamstore-patterns/sse";
import { EventSource } from "undici";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { countedStream } from "../link-counter.js";
import type { SdkContext } from "../sdk-context.js";
import { firstRecord } from "../stream-waits.js";
import { numbered } from "../texts.js";
import { eventually, settled } from "../waiting.js";
import { serveWeb, type WebServer } from "../web-server.js";

/** A reader as a browser has it. */
interface Reader {
  readonly source: EventSource;
  readonly bodies: string[];
  /** The position that each event's id stands for. */
  readonly positions: number[];
  /** Other events: name and data. */
  readonly others: [name: string, data: string][];
  /** Connections that were opened. */
  readonly opened: number;
}

function readerOf(ctx: SdkContext, { url }: WebServer): Reader {
  const source = new EventSource(url);
  ctx.afterwards(async () => source.close());
  let opened = 0;
  const reader = {
    source,
    bodies: [] as string[],
    positions: [] as number[],
    others: [] as [string, string][],
    get opened() {
      return opened;
    },
  };
  source.addEventListener("open", () => {
    opened += 1;
  });
  source.addEventListener("message", (event) => {
    reader.bodies.push((JSON.parse(event.data) as { body: string }).body);
    reader.positions.push(parseCursor(event.lastEventId).seq_num);
  });
  for (const name of ["gap", "caught-up", "end", "failure"]) {
    source.addEventListener(name, (event) => reader.others.push([name, (event as MessageEvent).data]));
  }
  return reader;
}

const bridge = (ctx: SdkContext, stream: S2Stream, options: EventStreamOptions = {}) =>
  serveWeb(ctx, (request) => eventStreamResponse(request, stream, { retryMillis: 1, ...options }));

const has = (reader: Reader, count: number) =>
  eventually(`${count} records`, async () => (reader.bodies.length >= count ? true : undefined));

const CLOSED = 2;

export const bridging = topic("bridging", ({ sdk }) => {
  sdk("lets an EventSource follow a stream", ["read.session-follow", "sdk.same-records"], async (ctx) => {
    const { stream, links } = await countedStream(ctx);
    await stream.append([
      { body: "line one\nline two\r\nthree", headers: { a: "b" } },
      AppendRecord.fence("x"),
    ]);
    const server = await bridge(ctx, stream, { seq_num: 0 });
    const reader = readerOf(ctx, server);
    await eventually("the boundary", async () => (reader.others.length > 0 ? true : undefined));
    expect(reader.others).toEqual([["caught-up", expect.stringContaining('"seq_num":2')]]);
    await stream.append(numbered(3), { fencing_token: "x" });
    await has(reader, 4);
    expect(reader.bodies).toEqual(["line one\nline two\r\nthree", "0", "1", "2"]);
    expect(reader.positions).toEqual([1, 3, 4, 5]);
    reader.source.close();
    await eventually("the session is let go", async () => (links.open === 0 ? true : undefined));
  });

  sdk(
    "loses and repeats nothing, however often an EventSource must reconnect",
    ["read.session-follow", "sdk.positions"],
    async (ctx) => {
      const { stream, links } = await countedStream(ctx);
      // From now on: before its first event a reader has nothing but the position that it was told.
      const server = await bridge(ctx, stream);
      const reader = readerOf(ctx, server);
      await eventually("a connection", async () => (reader.opened === 1 ? true : undefined));
      let appended = 0;
      for (let round = 1; round <= 12; round += 1) {
        await stream.append(numbered(20, appended));
        appended += 20;
        // Some connections are cut in the middle of a batch, some when all has been read.
        if (round % 3 === 0) await has(reader, appended);
        const before = reader.opened;
        server.cut();
        await eventually("a new connection", async () => (reader.opened > before ? true : undefined));
      }
      await has(reader, appended);
      expect(reader.bodies).toEqual(numbered(appended).map(({ body }) => body));
      expect(reader.positions).toEqual(numbered(appended).map((_, index) => index + 1));
      expect(reader.opened).toBe(13);
      reader.source.close();
      await eventually("every session is let go", async () => (links.open === 0 ? true : undefined));
      expect(links.opened).toBeGreaterThanOrEqual(13);
    },
  );

  sdk("serves many readers at once, and leaves no session when they go", ["sdk.closing"], async (ctx) => {
    const { stream, links } = await countedStream(ctx);
    await stream.append(numbered(50));
    const server = await bridge(ctx, stream, { seq_num: 0 });
    const readers = Array.from({ length: 24 }, () => readerOf(ctx, server));
    for (const reader of readers) await has(reader, 50);
    expect(links.open).toBe(24);
    await stream.append(numbered(50, 50));
    for (const reader of readers) {
      await has(reader, 100);
      expect(reader.bodies).toEqual(numbered(100).map(({ body }) => body));
    }
    for (const { source } of readers) source.close();
    await eventually("no session is left", async () => (links.open === 0 ? true : undefined));
    expect(links.opened).toBe(24);
  });

  sdk("takes from the stream only what its reader takes", ["sdk.closing"], async (ctx) => {
    const { stream, links } = await countedStream(ctx);
    const body = "x".repeat(100_000);
    for (let batch = 0; batch < 30; batch += 1) {
      await stream.append(Array.from({ length: 10 }, () => ({ body })));
    }
    const server = await bridge(ctx, stream, { seq_num: 0 });
    const leaving = new AbortController();
    const response = await fetch(server.url, { signal: leaving.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let received = 0;
    // Enough for the buffers on the way to have filled where nothing holds them back.
    while (received < 2_000_000) received += (await settled("a chunk", reader.read())).value?.length ?? 0;
    let pulled = -1;
    await eventually("the pulling stops", async () => {
      const before = pulled;
      pulled = links.pulled;
      return pulled === before ? true : undefined;
    });
    expect(pulled).toBeLessThan(25);
    leaving.abort();
    await eventually("the session is let go", async () => (links.open === 0 ? true : undefined));
  });

  sdk(
    "tells an EventSource for good what it cannot have",
    ["code.stream_not_found", "read.beyond-tail"],
    async (ctx) => {
      const basin = await ctx.basin();
      const missing = ctx.handle(basin, "missing");
      const server = await bridge(ctx, missing);
      const reader = readerOf(ctx, server);
      await eventually("it gives up", async () => (reader.source.readyState === CLOSED ? true : undefined));
      expect([reader.opened, server.requests]).toEqual([0, 1]);
      const answer = await fetch(server.url);
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: "stream_not_found" }]);

      const stream = await ctx.streamIn(basin);
      await stream.append(numbered(3));
      const { url } = await bridge(ctx, stream);
      const ask = (id: string) => fetch(url, { headers: { "last-event-id": id } });
      const beyond = await ask(String(createCursor(stream, 9)));
      expect([beyond.status, await beyond.json()]).toMatchObject([416, { tail: { seq_num: 3 } }]);
      const other = await ask(String(createCursor(missing, 1)));
      expect([other.status, await other.json()]).toMatchObject([400, { code: "CURSOR_MISMATCH" }]);
    },
  );

  sdk("tells a reader that comes back too late what it has missed", ["commands.trim"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(10));
    await stream.append(AppendRecord.trim(6));
    await firstRecord(stream, 6);
    const late = String(createCursor(stream, 2));
    const server = await bridge(ctx, stream, { cursor: late });
    const reader = readerOf(ctx, server);
    await has(reader, 4);
    expect(reader.others[0]).toEqual(["gap", '{"expected":2,"found":6}']);
    expect(reader.bodies).toEqual(["6", "7", "8", "9"]);
    const strict = await bridge(ctx, stream, { onGap: "error" });
    const refused = await fetch(strict.url, { headers: { "last-event-id": late } });
    expect([refused.status, await refused.json()]).toMatchObject([410, { expected: 2, found: 6 }]);
  });

  sdk(
    "ends an EventSource for good when there is nothing more to come",
    ["read.session-wait"],
    async (ctx) => {
      const { stream, links } = await countedStream(ctx);
      await stream.append(numbered(3));
      const server = await bridge(ctx, stream, { seq_num: 0, wait: 0 });
      const reader = readerOf(ctx, server);
      await eventually("it is closed", async () => (reader.source.readyState === CLOSED ? true : undefined));
      expect([reader.bodies, reader.others.at(-1)]).toEqual([
        ["0", "1", "2"],
        ["end", "{}"],
      ]);
      // It came back once, and was told not to.
      expect([server.requests, links.opened, links.open]).toEqual([2, 1, 0]);
    },
  );

  sdk("lets readers come back when the server that bridges shuts down", ["sdk.closing"], async (ctx) => {
    const { stream, links } = await countedStream(ctx);
    await stream.append(numbered(3));
    let shutdown = new AbortController();
    const server = await serveWeb(ctx, (request) =>
      eventStreamResponse(request, stream, { seq_num: 0, retryMillis: 1, signal: shutdown.signal }),
    );
    const reader = readerOf(ctx, server);
    await has(reader, 3);
    const old = shutdown;
    shutdown = new AbortController();
    old.abort();
    await stream.append(numbered(3, 3));
    await has(reader, 6);
    expect(reader.bodies).toEqual(numbered(6).map(({ body }) => body));
    reader.source.close();
    await eventually("every session is let go", async () => (links.open === 0 ? true : undefined));
    expect(links.opened).toBe(2);
  });
});
