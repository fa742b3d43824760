import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, expectCode, take } from "../expecting.js";
import { eventsOf, type RawEvent } from "../raw/sse.js";
import { settled } from "../waiting.js";

const SSE = { accept: "text/event-stream" };

/** Events as names, ids and data; pings without their time. */
function plain(events: readonly RawEvent[]): unknown[] {
  return events.map(({ event, id, data }) => {
    if (data === "[DONE]") return data;
    const json = JSON.parse(data) as Record<string, unknown>;
    if (event === "ping") json.timestamp = typeof json.timestamp;
    return [event, id, json];
  });
}

export const eventStreams = topic("event-streams", ({ raw }) => {
  raw(
    "gives stored records as a batch, then says that it is done",
    ["sse.events", "sse.id", "read.session-limits"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({
        records: [{ timestamp: 1, body: "a" }, { timestamp: 2, headers: [["k", "v"]] }, { timestamp: 3 }],
      });
      const response = await stream.read("seq_num=0&count=2", SSE);
      expect(response.headers).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
      expect(response.text).toBe(
        'event: batch\nid: 1,2,21\ndata: {"records":[{"seq_num":0,"timestamp":1,"body":"a"},{"seq_num":1,"timestamp":2,"headers":[["k","v"]]}]}\n\ndata: [DONE]\n\n',
      );
    },
  );

  raw(
    "tells the tail on switching to live, and with every live batch",
    ["sse.events", "read.heartbeat", "read.tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ records: [{ timestamp: 1, body: "a" }] });
      const exchange = await stream.events("seq_num=0");
      const events = eventsOf(exchange);
      const stored = await take({ [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }, 2);
      expect(plain(stored)).toEqual([
        ["batch", "0,1,9", { records: [{ seq_num: 0, timestamp: 1, body: "a" }] }],
        ["ping", undefined, { timestamp: "number", tail: { seq_num: 1, timestamp: 1 } }],
      ]);
      await stream.append({ records: [{ timestamp: 2, body: "b" }] });
      const next = async () => (await settled("an event", events.next())).value;
      let live = await next();
      while (live?.event === "ping") live = await next();
      expect(plain(live ? [live] : [])).toEqual([
        [
          "batch",
          "1,2,18",
          { records: [{ seq_num: 1, timestamp: 2, body: "b" }], tail: { seq_num: 2, timestamp: 2 } },
        ],
      ]);
      exchange.abort();
    },
  );

  raw("has exactly the documented fields, in order", ["sse.events", "read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.appended("a");
    const events = await all(eventsOf(await stream.events("seq_num=0&wait=1")));
    const names = events.map(({ fields }) => fields.map(([name]) => name).join());
    expect(names).toEqual(["event,id,data", "event,data", "data"]);
    const ping = JSON.parse(events[1]?.data ?? "") as Record<string, unknown>;
    expect(Object.keys(ping)).toEqual(["timestamp", "tail"]);
  });

  raw("pings in silence", ["read.heartbeat", "sse.events"], async (ctx) => {
    const stream = await ctx.stream();
    const exchange = await stream.events("seq_num=0");
    const events = eventsOf(exchange);
    const next = async (): Promise<RawEvent | undefined> =>
      (await settled("a ping", events.next())).value ?? undefined;
    expect((await next())?.event).toBe("ping");
    expect((await next())?.event).toBe("ping");
    exchange.abort();
  });

  raw(
    "neither pings nor waits when it may not wait",
    ["sse.events", "read.session-catch-up"],
    async (ctx) => {
      const stream = await ctx.stream();
      expect((await stream.read("seq_num=0&wait=0", SSE)).text).toBe("data: [DONE]\n\n");
      await stream.append({ records: [{ timestamp: 1 }] });
      expect((await stream.read("seq_num=0&wait=0", SSE)).text).toBe(
        'event: batch\nid: 0,1,8\ndata: {"records":[{"seq_num":0,"timestamp":1}]}\n\ndata: [DONE]\n\n',
      );
    },
  );

  raw(
    "goes on from an id, and lessens the limits by what it counts",
    ["sse.resume", "sse.id"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({
        records: Array.from({ length: 6 }, (_, index) => ({ timestamp: index, body: "x" })),
      });
      const resumed = async (query: string, id: string): Promise<unknown[]> =>
        plain(await all(eventsOf(await stream.events(query, { "last-event-id": id }))));
      const batch = (id: string, ...seqNums: number[]) => [
        "batch",
        id,
        { records: seqNums.map((seq_num) => ({ seq_num, timestamp: seq_num, body: "x" })) },
      ];
      expect(await resumed("seq_num=0&count=5", "1,2,18")).toEqual([batch("4,5,45", 2, 3, 4), "[DONE]"]);
      expect(await resumed("seq_num=0&bytes=36", "1,2,18")).toEqual([batch("3,4,36", 2, 3), "[DONE]"]);
      expect(await resumed("tail_offset=1&count=4", "0,1,9")).toEqual([batch("3,4,36", 1, 2, 3), "[DONE]"]);
      expect(await resumed("timestamp=5&count=4", "0,1,9")).toEqual([batch("3,4,36", 1, 2, 3), "[DONE]"]);
      // Also where more was counted than allowed, and where nothing is left.
      expect(await resumed("seq_num=0&count=2", "1,2,18")).toEqual(["[DONE]"]);
      expect(await resumed("seq_num=0&count=2", "1,9,99")).toEqual(["[DONE]"]);
      expect(await resumed("seq_num=0&count=6", "5,6,54")).toEqual(["[DONE]"]);
    },
  );

  raw("stays within its limits over several resumptions", ["sse.resume"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: Array.from({ length: 10 }, () => ({ body: "x" })) });
    let id = "0,1,9";
    for (const limit of ["count=3", "count=5", "count=8"]) {
      const events = await all(eventsOf(await stream.events(`seq_num=0&${limit}`, { "last-event-id": id })));
      id = events[0]?.id ?? "";
    }
    expect(id).toBe("7,8,72");
  });

  raw(
    "refuses an id it did not give, and looks at none outside of event streams",
    ["sse.resume", "code.bad_header"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.appended("a", "b");
      for (const id of [
        "",
        "1",
        "1,2",
        "1,2,3,4",
        "a,b,c",
        "1, 2, 3",
        "1,2,3x",
        "-1,0,0",
        "1.0,1,9",
        "18446744073709551616,0,0",
      ]) {
        const answer = await stream.read("seq_num=0&count=1", { ...SSE, "last-event-id": id });
        expect([id, answer.status]).toEqual([id, 400]);
        expectCode(answer, 400, "bad_header");
      }
      for (const headers of [{}, { "content-type": "s2s/proto" }]) {
        expect(
          (await stream.read("seq_num=0&count=1", { ...headers, "last-event-id": "nonsense" })).status,
        ).toBe(200);
      }
    },
  );

  raw("gives record data in base64 when asked to", ["read.formats", "sse.events"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(
      { records: [{ timestamp: 1, body: "AP8=", headers: [["aw==", "/w=="]] }] },
      { "s2-format": "base64" },
    );
    const answer = await stream.read("seq_num=0&count=1", { ...SSE, "s2-format": "base64" });
    expect(answer.text).toContain(
      '{"records":[{"seq_num":0,"timestamp":1,"headers":[["aw==","/w=="]],"body":"AP8="}]}',
    );
  });

  raw("fails before the stream begins with plain HTTP errors", ["sse.errors"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ records: [{ timestamp: 1 }] });
    expect((await stream.read("seq_num=9", SSE)).text).toBe('{"tail":{"seq_num":1,"timestamp":1}}');
    expect((await stream.read("seq_num=1&count=1", SSE)).status).toBe(416);
    expectCode(await stream.read("seq_num=x", SSE), 400, "bad_query");
    expectCode(await stream.read("timestamp=1&until=1", SSE), 422, "invalid");
    expectCode(await ctx.routes(stream.basin, "missing").read("seq_num=0", SSE), 404, "stream_not_found");
    expectCode(await ctx.http.get(`${stream.records}?seq_num=0`, SSE), 400, "bad_header");
  });

  raw(
    "tells of a later failure in an event, and is then over",
    ["sse.errors", "delete.readers", "code.unavailable"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ records: [{ timestamp: 1, body: "a" }] });
      const events = eventsOf(await stream.events("seq_num=0", { "s2-format": "base64" }));
      const seen = [await events.next(), await events.next()].map(({ value }) => value?.event);
      expect(seen).toEqual(["batch", "ping"]);
      await ctx.http.send({ method: "DELETE", path: stream.path, headers: { "s2-basin": stream.basin } });
      const rest = (await all(events)).filter(({ event }) => event !== "ping");
      expect(rest.map(({ event, id }) => [event, id])).toEqual([
        ["batch", expect.any(String)],
        ["error", undefined],
      ]);
      expect(JSON.parse(rest[0]?.data ?? "")).toMatchObject({
        records: [{ seq_num: 1, headers: [["", "dHJpbQ=="]], body: "//////////8=" }],
      });
      expect(JSON.parse(rest[1]?.data ?? "")).toEqual({ code: "unavailable", message: expect.any(String) });
    },
  );

  raw(
    "cuts a large backlog into batches of at most 1000 records and 1 MiB",
    ["sse.events", "read.session-follow"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (let batch = 0; batch < 3; batch += 1)
        await stream.append({ records: Array.from({ length: 700 }, () => ({ body: "x".repeat(1000) })) });
      const events = (await all(eventsOf(await stream.events("seq_num=0&wait=0")))).filter(
        ({ event }) => event === "batch",
      );
      let expected = 0;
      for (const { data, id } of events) {
        const { records } = JSON.parse(data) as { records: { seq_num: number }[] };
        expect(records.length).toBeLessThanOrEqual(1000);
        expect(records.length * 1008).toBeLessThanOrEqual(1024 * 1024);
        expect(records.map(({ seq_num }) => seq_num)).toEqual(records.map((_, index) => expected + index));
        expected += records.length;
        expect(id).toBe(`${expected - 1},${expected},${expected * 1008}`);
      }
      expect(expected).toBe(2100);
    },
  );
});
