import { RangeNotSatisfiableError, S2Error } from "@s2-dev/streamstore-core";
import {
  createCountingAbortController,
  createFakeClock,
  flushMicrotasks,
} from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { ScriptedStream } from "../../test/scripted-session.js";
import { createCursor } from "../cursor/index.js";
import { type EventStreamOptions, eventStreamResponse } from "./index.js";

function setUp(options: EventStreamOptions = {}) {
  const stream = new ScriptedStream();
  const clock = createFakeClock();
  const idAt = (seqNum: number) => String(createCursor(stream, seqNum));
  const errors: S2Error[] = [];
  const ask = (
    headers: Record<string, string> = {},
    more: RequestInit = {},
    others: EventStreamOptions = {},
  ) =>
    eventStreamResponse(new Request("http://127.0.0.1/events", { headers, ...more }), stream, {
      ...{ clock, onError: (error: S2Error) => errors.push(error) },
      ...options,
      ...others,
    });
  return { stream, clock, idAt, ask, errors };
}

/** Reads a body chunk by chunk. */
function readerOf(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  return {
    next: async () => {
      const { value } = await reader.read();
      return value === undefined ? undefined : new TextDecoder().decode(value);
    },
    cancel: (reason?: unknown) => reader.cancel(reason),
  };
}

const data = (seqNum: number, body: string) =>
  JSON.stringify({ seq_num: seqNum, timestamp: 1000 + seqNum, body, headers: [] });

describe("a stream of events", () => {
  it("is what proxies and browsers expect", async () => {
    const { ask } = setUp({ headers: { "access-control-allow-origin": "*" } });
    const { status, headers } = await ask();
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toEqual({
      "access-control-allow-origin": "*",
      "cache-control": "no-cache, no-transform",
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
    });
  });

  it("sends each record under the cursor behind it, a batch at a time", async () => {
    const { stream, ask, idAt } = setUp({ seq_num: 4 });
    const { next } = readerOf(await ask());
    expect(await next()).toBe(`retry: 2000\nid: ${idAt(4)}\n\n`);
    stream.session.records(4, ["a", "b\r\nc"]);
    expect(await next()).toBe(
      `id: ${idAt(5)}\ndata: ${data(4, "a")}\n\nid: ${idAt(6)}\ndata: ${data(5, "b\r\nc")}\n\n`,
    );
    expect(stream.opened).toEqual([expect.objectContaining({ seq_num: 4 })]);
  });

  it("goes on behind the last event that its reader has got, wherever it was to start", async () => {
    const { stream, ask, idAt } = setUp({ tail_offset: 5 });
    await ask({ "last-event-id": idAt(7) });
    await ask({}, {}, { cursor: idAt(8) });
    await ask({ "last-event-id": idAt(9) }, {}, { cursor: idAt(8) });
    await ask({}, {}, { cursor: "" });
    expect(stream.opened.map(({ seq_num, tail_offset }) => [seq_num, tail_offset])).toEqual([
      [7, undefined],
      [8, undefined],
      [9, undefined],
      [undefined, 5],
    ]);
  });

  it("tells a reader at once where a start before the tail has turned out to be", async () => {
    const { stream, ask, idAt } = setUp({ tail_offset: 1 });
    stream.anchor = { seq_num: 41, timestamp: 0 };
    expect(await readerOf(await ask()).next()).toBe(`retry: 2000\nid: ${idAt(41)}\n\n`);
    // Where that is not known yet, or may be moved to the tail, nothing is told that would be wrong.
    stream.anchor = undefined;
    expect(await readerOf(await ask()).next()).toBe("retry: 2000\n\n");
    expect(
      await readerOf(await ask({}, {}, { tail_offset: undefined, seq_num: 9, clamp: true })).next(),
    ).toBe("retry: 2000\n\n");
  });

  it("moves its reader on past records that send no event", async () => {
    const { stream, ask, idAt } = setUp({
      seq_num: 0,
      encode: ({ body }) => (body === "skip" ? undefined : { event: "said", data: body }),
    });
    const { next } = readerOf(await ask());
    await next();
    stream.session.records(0, ["one\rtwo\nthree", "skip", "skip"]);
    expect(await next()).toBe(
      `event: said\nid: ${idAt(1)}\ndata: one\ndata: two\ndata: three\n\nid: ${idAt(3)}\n\n`,
    );
    stream.session.command(3);
    expect(await next()).toBe(`id: ${idAt(4)}\n\n`);
  });

  it("sends commands where they are wanted", async () => {
    const { stream, ask } = setUp({ seq_num: 0, commands: true });
    const { next } = readerOf(await ask());
    await next();
    stream.session.command(0);
    expect(await next()).toContain('"headers":[["","fence"]]');
  });

  it("says once that all there was has been sent", async () => {
    const { stream, ask, idAt } = setUp({ seq_num: 0 });
    const { next } = readerOf(await ask());
    await next();
    stream.session.records(0, ["a"]);
    await next();
    stream.session.heartbeat(1);
    expect(await next()).toBe(`event: caught-up\nid: ${idAt(1)}\ndata: {"seq_num":1,"timestamp":1000}\n\n`);
    stream.session.heartbeat(1);
    stream.session.records(1, ["b"], { tail: { seq_num: 2, timestamp: 0 }, caughtUp: true });
    expect(await next()).toBe(`id: ${idAt(2)}\ndata: ${data(1, "b")}\n\n`);
  });

  it("gives a sign of life in silence, and none to a reader that does not read", async () => {
    const { stream, clock, ask } = setUp({ seq_num: 0, heartbeatMillis: 100 });
    const { next } = readerOf(await ask());
    await next();
    const waiting = next();
    await clock.advance(99);
    stream.session.records(0, ["a"]);
    expect(await waiting).toContain("data:");
    const silent = next();
    await clock.advance(99);
    await clock.advance(1);
    expect(await silent).toBe(":\n\n");
    await clock.advance(1000);
    expect(await next()).toBe(":\n\n");
    stream.session.records(1, ["b"]);
    expect(await next()).toContain("data:");
    expect(clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([false]);
  });

  it("takes a batch only when its reader asks for it", async () => {
    const { stream, ask } = setUp({ seq_num: 0 });
    const { next } = readerOf(await ask());
    for (let index = 0; index < 100; index += 1) stream.session.records(index, ["x"]);
    await flushMicrotasks();
    expect(stream.session.asked).toBe(0);
    await next();
    await next();
    await next();
    await flushMicrotasks();
    expect(stream.session.asked).toBe(2);
  });

  it("ends for good where the read does, also for a reader that comes back", async () => {
    const { stream, clock, ask, idAt } = setUp({ seq_num: 0, wait: 5 });
    const { next } = readerOf(await ask());
    await next();
    stream.session.records(0, ["a"]);
    await next();
    stream.session.end();
    expect(await next()).toBe(`event: end\nid: ${idAt(1)}.end\ndata: {}\n\n`);
    expect(await next()).toBeUndefined();
    expect(clock.pending).toEqual([]);
    const again = await ask({ "last-event-id": `${idAt(1)}.end` });
    expect([again.status, again.body, stream.opened.length]).toEqual([204, null, 1]);
  });

  it("tells its reader to come back when the read fails, and its server why", async () => {
    const { stream, clock, ask, errors } = setUp({ seq_num: 0 });
    const { next } = readerOf(await ask());
    await next();
    const failure = new S2Error({ message: "the key is wrong", code: "decryption_failed" });
    stream.session.fail(failure);
    expect(await next()).toBe('event: failure\ndata: {"code":"decryption_failed"}\n\n');
    expect(await next()).toBeUndefined();
    expect([errors, clock.pending]).toEqual([[failure], []]);
  });

  it("does so though `onError` throws, and leaves nothing behind", async () => {
    const onError = (): void => {
      throw new Error("the log is full");
    };
    const { stream, clock, ask } = setUp({ seq_num: 0 });
    const { next } = readerOf(await ask({}, {}, { onError }));
    await next();
    stream.session.fail(new S2Error({ message: "the key is wrong", code: "decryption_failed" }));
    expect(await next()).toMatch(/^event: failure\n/);
    expect(await next()).toBeUndefined();
    expect([stream.session.cancelledWith.length, clock.pending]).toEqual([1, []]);
  });

  it("is asked for with a request of web standards, and not with that of another kind of server", async () => {
    const { stream } = setUp();
    await expect(eventStreamResponse({ headers: {} } as never, stream)).rejects.toThrow(
      "request must be a Request of web standards; got an object",
    );
    await expect(
      eventStreamResponse(new Request("http://127.0.0.1/"), stream, { onError: 1 as never }),
    ).rejects.toThrow("onError must be a function; got 1");
    expect(stream.opened).toEqual([]);
  });

  it("fails likewise when an event cannot be made, and lets go of the session", async () => {
    for (const encode of [
      () => {
        throw new Error("not JSON");
      },
      () => ({ event: "two\nlines", data: "x" }),
      () => ({ data: 5 as never }),
    ]) {
      const { stream, ask, errors } = setUp({ seq_num: 0, encode });
      const { next } = readerOf(await ask());
      await next();
      stream.session.records(0, ["a"]);
      expect(await next()).toMatch(/^event: failure\ndata: \{"code":"\w+"\}\n\n$/);
      expect([errors.length, stream.session.cancelledWith.length]).toEqual([1, 1]);
    }
  });
});

describe("a reader that goes away", () => {
  it("ends the session by cancelling the body", async () => {
    const { stream, clock, ask } = setUp({ seq_num: 0 });
    const reader = readerOf(await ask());
    await reader.next();
    const waiting = reader.next();
    await reader.cancel("closed the page");
    expect(await waiting).toBeUndefined();
    expect(stream.session.cancelledWith).toEqual(["closed the page"]);
    expect(clock.pending).toEqual([]);
  });

  it("ends it by its request's signal, whether it was reading or not", async () => {
    for (const isReading of [true, false]) {
      const { clock, ask } = setUp({ seq_num: 0 });
      const controller = new AbortController();
      const reader = readerOf(await ask({}, { signal: controller.signal }));
      await reader.next();
      const waiting = isReading ? reader.next() : undefined;
      await flushMicrotasks();
      controller.abort();
      await flushMicrotasks();
      expect(await waiting).toBeUndefined();
      expect(clock.pending).toEqual([]);
    }
  });

  it("leaves no listener on the signal of a server that goes on", async () => {
    const shutdown = createCountingAbortController();
    const { stream, ask } = setUp({ seq_num: 0, signal: shutdown.signal });
    const reader = readerOf(await ask());
    await reader.next();
    expect(shutdown.listeners).toBe(1);
    await reader.cancel();
    stream.refusals.push(new S2Error({ message: "no", code: "stream_not_found" }));
    await ask();
    await ask({}, { method: "HEAD" });
    expect(shutdown.listeners).toBe(0);
    const last = readerOf(await ask());
    await last.next();
    shutdown.abort();
    expect(await last.next()).toBeUndefined();
  });

  it("comes back also when it asks a server that is leaving already", async () => {
    const { stream, ask, errors } = setUp({ retryMillis: 70, signal: AbortSignal.abort() });
    stream.refusals.push(new S2Error({ message: "aborted", code: "ABORTED" }));
    const response = await ask();
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "text/event-stream",
      "retry: 70\n\n",
    ]);
    expect(errors).toEqual([]);
  });

  it("is not answered when it went before", async () => {
    const { stream, ask } = setUp();
    stream.refusals.push(new S2Error({ message: "aborted", code: "ABORTED" }));
    expect((await ask({}, { signal: AbortSignal.abort() })).status).toBe(499);
  });
});

describe("a gap", () => {
  const read = async (onGap: EventStreamOptions["onGap"]) => {
    const { stream, ask, idAt } = setUp({ onGap });
    const answered = ask({ "last-event-id": idAt(3) });
    await flushMicrotasks();
    stream.session.records(8, ["i"]);
    return { response: await answered, idAt, stream };
  };

  it("is an event, and the read goes on with what is left", async () => {
    const { response, idAt } = await read(undefined);
    const { next } = readerOf(response);
    await next();
    expect(await next()).toBe(
      `event: gap\nid: ${idAt(8)}\ndata: {"expected":3,"found":8}\n\nid: ${idAt(9)}\ndata: ${data(8, "i")}\n\n`,
    );
  });

  it("is refused where it is an error, and the session is let go", async () => {
    const { response, stream } = await read("error");
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ code: "REPLAY_GAP", expected: 3, found: 8 });
    expect(stream.session.cancelledWith).toHaveLength(1);
  });

  it("is told to a function, silently for the reader", async () => {
    const gaps: unknown[] = [];
    const { response, idAt } = await read((gap) => gaps.push(gap));
    const { next } = readerOf(response);
    await next();
    expect(await next()).toBe(`id: ${idAt(8)}\n\nid: ${idAt(9)}\ndata: ${data(8, "i")}\n\n`);
    expect(gaps).toEqual([{ expected: 3, found: 8 }]);
  });

  it("is none when a heartbeat runs ahead of records that are on their way", async () => {
    const { stream, ask, idAt } = setUp({ onGap: "error" });
    stream.firstLeft = 3;
    const answered = ask({ "last-event-id": idAt(3) });
    await flushMicrotasks();
    stream.session.heartbeat(5);
    const response = await answered;
    expect(response.status).toBe(200);
    stream.session.records(3, ["d", "e"]);
    const { next } = readerOf(response);
    await next();
    await next();
    expect(await next()).toContain(`id: ${idAt(4)}\n`);
  });
});

describe("an answer that is no stream of events", () => {
  it.each([
    ["stream_not_found", new S2Error({ message: "secret", code: "stream_not_found" }), 404],
    ["basin_not_found", new S2Error({ message: "secret", code: "basin_not_found" }), 404],
    ["stream_deletion_pending", new S2Error({ message: "secret", code: "stream_deletion_pending" }), 404],
    ["unavailable", new S2Error({ message: "secret", code: "permission_denied" }), 502],
    ["unavailable", new S2Error({ message: "secret", code: "authn" }), 502],
  ])("is %s for what is wrong, and tells nothing more", async (code, error, status) => {
    const { stream, ask, errors } = setUp();
    stream.refusals.push(error);
    const response = await ask();
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/json"]);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ code });
    expect(body).not.toContain("secret");
    expect(errors).toEqual(status === 502 ? [error] : []);
  });

  it("names the tail when there is no such position", async () => {
    const { stream, ask, idAt } = setUp();
    stream.refusals.push(new RangeNotSatisfiableError({ tail: { seq_num: 3, timestamp: 7 } }));
    const response = await ask({ "last-event-id": idAt(9) });
    expect(response.status).toBe(416);
    expect(await response.json()).toMatchObject({
      code: "RANGE_NOT_SATISFIABLE",
      tail: { seq_num: 3, timestamp: 7 },
    });
  });

  it("refuses positions of other streams, and what is none", async () => {
    const { stream, ask } = setUp();
    const other = String(createCursor({ ...stream, name: "another" }, 3));
    for (const [id, code] of [
      [other, "CURSOR_MISMATCH"],
      ["17", "INVALID_ARGUMENT"],
    ] as const) {
      const response = await ask({ "last-event-id": id });
      expect([response.status, await response.json()]).toMatchObject([400, { code }]);
    }
    expect(stream.opened).toEqual([]);
  });

  it("lets a reader come back where that may help", async () => {
    for (const code of ["server_draining", "CONNECT_FAILED", "SESSION_CLOSED"]) {
      const { stream, ask, errors } = setUp({ retryMillis: 70 });
      stream.refusals.push(new S2Error({ message: "secret", code }));
      const response = await ask();
      expect([response.status, await response.text()]).toEqual([
        200,
        `retry: 70\nevent: failure\ndata: {"code":"${code}"}\n\n`,
      ]);
      expect(errors).toHaveLength(1);
    }
  });

  it("has no body for HEAD, and leaves no session", async () => {
    const { stream, ask } = setUp({ seq_num: 0 });
    const response = await ask({}, { method: "HEAD" });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(stream.session.cancelledWith).toHaveLength(1);
  });

  it.each([
    [{ heartbeatMillis: 0 }, "heartbeatMillis must be between 1 and"],
    [{ retryMillis: 0.5 }, "retryMillis must be an integer"],
    [{ onGap: "skip" as never }, 'onGap must be "event", "error" or a function; got "skip"'],
  ])("does not hide from its programmer that %j is wrong", async (options, message) => {
    await expect(setUp(options).ask()).rejects.toThrow(message);
  });

  it("does not hide either what the session refuses", async () => {
    const { stream, ask } = setUp();
    stream.refusals.push(new S2Error({ message: "one start only", code: "INVALID_ARGUMENT" }));
    await expect(ask()).rejects.toThrow("one start only");
  });
});
