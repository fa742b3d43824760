import { isS2Error, RangeNotSatisfiableError, type S2Error } from "@s2-dev/streamstore-core";
import type { ReadSession } from "@s2-dev/streamstore-core/client";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  createFollower,
  type FetchLike,
  type Follower,
  type FollowerOptions,
  type FollowerSession,
} from "./follower.js";

const event = (seqNum: number, body: string): string =>
  `event: batch\ndata: {"records":[{"seq_num":${seqNum},"timestamp":1,"body":"${body}"}]}\n\n`;

const DONE = "data: [DONE]\n\n";
const rec = (seqNum: number): object => ({ seq_num: seqNum, timestamp: 1 });
const batch = (records: object[], tail?: object): string =>
  `event: batch\ndata: ${JSON.stringify({ records, tail })}\n\n`;
const ping = (tail: object): string => `event: ping\ndata: ${JSON.stringify({ timestamp: 1, tail })}\n\n`;

/** What a browser makes of a redirect that is not to be followed. */
function redirect(): Response {
  return Object.defineProperty(new Response(), "type", { value: "opaqueredirect" });
}

function eventStream(...chunks: (string | Error)[]): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else if (typeof chunk === "string") controller.enqueue(new TextEncoder().encode(chunk));
      else controller.error(chunk);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A follower whose requests are answered in order. */
function following(answers: Response[], options: Partial<FollowerOptions> = {}) {
  const fetch = vi.fn<FetchLike>(async () => answers.shift() ?? new Response(null, { status: 500 }));
  const follower = createFollower({
    accessToken: "token",
    basin: "test-basin",
    stream: "a/b",
    retry: { minBaseDelayMillis: 0, maxBaseDelayMillis: 0 },
    fetch,
    ...options,
  });
  const sent = (index: number) => {
    const [url, init] = fetch.mock.calls[index] ?? [];
    return { url, headers: new Headers(init?.headers) };
  };
  return { follower, fetch, sent };
}

/** Whether a session is caught up behind each of its first records. */
async function caughtUpAtEach(count: number, follower: Follower): Promise<boolean[]> {
  const session = await follower.readSession({ seq_num: 0 });
  const records = session[Symbol.asyncIterator]();
  const seen: boolean[] = [];
  for (let index = 0; index < count; index += 1) {
    await records.next();
    seen.push(session.isCaughtUp());
  }
  return seen;
}

describe("a follower", () => {
  it("follows a stream and goes on where it was when the connection breaks", async () => {
    const { follower, sent } = following([
      eventStream(event(5, "five"), new TypeError("terminated")),
      eventStream(event(6, "six"), "data: [DONE]\n\n"),
    ]);
    const bodies: string[] = [];
    const session = await follower.readSession({ seq_num: 5 });
    for await (const { body } of session) bodies.push(body);
    expect(bodies).toEqual(["five", "six"]);
    expect(session.nextReadPosition()?.seq_num).toBe(7);
    expect(sent(0).url).toBe("https://test-basin.b.s2.dev/v1/streams/a%2Fb/records?seq_num=5");
    expect(sent(0).headers.get("authorization")).toBe("Bearer token");
    expect(sent(0).headers.has("s2-basin")).toBe(false);
    expect(sent(1).url).toBe("https://test-basin.b.s2.dev/v1/streams/a%2Fb/records?seq_num=6");
  });

  it("checks the tail at an endpoint of its own, which is told the basin", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const { follower, sent } = following([Response.json({ tail })], { endpoint: "http://localhost:1/x" });
    expect(await follower.checkTail()).toEqual({ tail });
    expect(sent(0).url).toBe("http://localhost:1/x/streams/a%2Fb/records/tail");
    expect(sent(0).headers.get("s2-basin")).toBe("test-basin");
  });

  it("asks for another token when the service refuses the one it has", async () => {
    const tokens = ["old", "new"];
    const { follower, sent } = following(
      [
        Response.json({ code: "authn", message: "no" }, { status: 401 }),
        Response.json({ tail: { seq_num: 0, timestamp: 0 } }),
      ],
      { accessToken: async () => tokens.shift() ?? "" },
    );
    await follower.checkTail();
    expect([0, 1].map((index) => sent(index).headers.get("authorization"))).toEqual([
      "Bearer old",
      "Bearer new",
    ]);
  });

  it("rejects a start beyond the tail with where the tail is", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const { follower } = following([Response.json({ tail }, { status: 416 })]);
    const error = await follower.readSession({ seq_num: 9 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(error).toMatchObject({ tail });
  });

  it("ends its sessions when it is closed, and takes no call after that", async () => {
    const { follower, fetch } = following([eventStream(event(0, "zero"), "data: [DONE]\n\n")]);
    const session = await follower.readSession({ seq_num: 0 });
    await follower.close();
    const after: unknown[] = [];
    for await (const record of session) after.push(record);
    expect(after).toEqual([]);
    await expect(follower.checkTail()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await expect(follower.readSession()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("gives what is asked for at once to those who ask at once, in their order", async () => {
    const { follower } = following([eventStream(event(0, "a"), event(1, "b") + event(2, "c"), DONE)]);
    const records = (await follower.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
    const asked = [records.next(), records.next(), records.next(), records.next(), records.next()];
    const given = await Promise.all(asked);
    expect(given.map(({ value }) => value?.body)).toEqual(["a", "b", "c", undefined, undefined]);
    expect(given.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  it("has one consumer at a time, and the rest of a batch is the next one's", async () => {
    const { follower } = following([eventStream(batch([rec(0), rec(1), rec(2)]), DONE)]);
    const session = await follower.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    await records.next();
    expect(() => session.batches()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(session.nextReadPosition()).toEqual({ seq_num: 1, timestamp: 1 });
    await records.return?.();
    expect(await records.next()).toEqual({ done: true, value: undefined });
    expect((await session.batches().next()).done).toBe(true);
    expect(session.nextReadPosition()).toEqual({ seq_num: 1, timestamp: 1 });
  });

  it("says when everything there is has been handed over", async () => {
    const tail = { seq_num: 2, timestamp: 1 };
    const { follower } = following([eventStream(batch([rec(0)]), batch([rec(1)], tail), ping(tail), DONE)]);
    const session = await follower.readSession({ seq_num: 0 });
    const caughtUp = session.caughtUp();
    const batches = session.batches({ heartbeats: true });
    expect(await batches.next()).toMatchObject({ value: { records: [{ seq_num: 0 }] } });
    expect([session.isCaughtUp(), session.lastObservedTail()]).toEqual([false, undefined]);
    const second = (await batches.next()).value;
    expect(second).toMatchObject({ records: [{ seq_num: 1 }], tail, caughtUp: true });
    expect(await caughtUp).toEqual(tail);
    expect(await session.caughtUp()).toEqual(tail);
    expect((await batches.next()).value).toEqual({ records: [], tail, caughtUp: true });
    expect(session.isCaughtUp()).toBe(true);
    expect(session.nextReadPosition()).toEqual(tail);
    expect((await batches.next()).done).toBe(true);
    expect(session.isCaughtUp()).toBe(false);
    await expect(session.caughtUp()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("is no longer caught up when more has come", async () => {
    const { follower } = following([
      eventStream(batch([rec(0)], { seq_num: 1, timestamp: 1 }), batch([rec(1), rec(2)]), DONE),
    ]);
    expect(await caughtUpAtEach(2, follower)).toEqual([true, false]);
  });

  it("does not ask again when it has had all, though the connection breaks before its end", async () => {
    const { follower, fetch } = following([eventStream(event(0, "zero"), new TypeError("terminated"))]);
    const records = (await follower.readSession({ seq_num: 0, count: 1 }))[Symbol.asyncIterator]();
    await records.next();
    expect((await records.next()).done).toBe(true);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("keeps the order of those who ask while others wait", async () => {
    const batches = Array.from({ length: 40 }, (_, at) =>
      batch([rec(3 * at), rec(3 * at + 1), rec(3 * at + 2)]),
    );
    const { follower } = following([eventStream(...batches, DONE)]);
    const records = (await follower.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
    const asked: Promise<IteratorResult<{ seq_num: number }, undefined>>[] = [];
    for (let at = 0; at < 120; at += 1) {
      asked.push(records.next());
      for (let turn = 0; turn < at % 5; turn += 1) await undefined;
    }
    const given = (await Promise.all(asked)).map(({ value }) => value?.seq_num);
    expect(given).toEqual(given.map((_, at) => at));
  });

  it("asks for the tail again when the answer was cut", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const cut = new Response(eventStream('{"tail":', new TypeError("terminated")).body);
    const { follower } = following([cut, Response.json({ tail })]);
    expect(await follower.checkTail()).toEqual({ tail });
  });

  it("is not caught up before the last record of the batch is handed over, nor after a reconnect", async () => {
    const tail = { seq_num: 2, timestamp: 1 };
    const { follower } = following([
      eventStream(batch([rec(0), rec(1)], tail), new TypeError("terminated")),
      eventStream(batch([rec(2)]), DONE),
    ]);
    expect(await caughtUpAtEach(3, follower)).toEqual([false, true, false]);
  });

  it("leaves out command records, and counts them in its position and limits", async () => {
    const command = { seq_num: 1, timestamp: 1, headers: [["", "fence"]] };
    const { follower, sent } = following([
      eventStream(batch([rec(0), command]), new TypeError("terminated")),
      eventStream(batch([{ ...command, seq_num: 2 }]), DONE),
    ]);
    const session = await follower.readSession({ seq_num: 0, count: 3, ignoreCommandRecords: true });
    const seen: number[] = [];
    for await (const { seq_num } of session) seen.push(seq_num);
    expect(seen).toEqual([0]);
    expect(sent(1).url).toMatch(/\?seq_num=2&count=1$/);
    expect(session.nextReadPosition()?.seq_num).toBe(3);
  });

  it("reads bytes, and ends behind the last record whose integers are exact", async () => {
    const unsafe = '{"seq_num":9007199254740993,"timestamp":1}';
    const { follower, sent } = following([
      eventStream(
        `event: batch\ndata: {"records":[{"seq_num":1,"timestamp":1,"body":"AQI=","headers":[["YQ==","Yg=="]]},${unsafe}]}\n\n`,
      ),
    ]);
    const session = await follower.readSession({ seq_num: 1, as: "bytes" });
    const records = session[Symbol.asyncIterator]();
    expect((await records.next()).value).toEqual({
      seq_num: 1,
      timestamp: 1,
      body: new Uint8Array([1, 2]),
      headers: [[new Uint8Array([0x61]), new Uint8Array([0x62])]],
      headerList: [[new Uint8Array([0x61]), new Uint8Array([0x62])]],
    });
    expect(sent(0).headers.get("s2-format")).toBe("base64");
    await expect(records.next()).rejects.toMatchObject({
      code: "UNSAFE_INTEGER",
      message: expect.stringContaining("9007199254740993"),
    });
    expect(session.nextReadPosition()?.seq_num).toBe(2);
  });

  it("goes on where a heartbeat has said that the tail is", async () => {
    const { follower, sent } = following([
      eventStream(ping({ seq_num: 7, timestamp: 3 }), new TypeError("terminated")),
      eventStream(event(7, "seven"), DONE),
    ]);
    const session = await follower.readSession({ tail_offset: 0 });
    expect(session.nextReadPosition()).toEqual({ seq_num: 7, timestamp: 3 });
    const bodies: string[] = [];
    for await (const { body } of session) bodies.push(body);
    expect(bodies).toEqual(["seven"]);
    expect([sent(0).url, sent(1).url].map((url) => url?.split("?")[1])).toEqual([
      "tail_offset=0",
      "seq_num=7",
    ]);
  });

  it.each([404, 403, 400])("ends with what the server says for good (%i)", async (status) => {
    const { follower, fetch } = following([
      eventStream(event(0, "zero"), new TypeError("terminated")),
      Response.json({ code: "some_code", message: "no" }, { status }),
    ]);
    const session = await follower.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    await records.next();
    await expect(records.next()).rejects.toMatchObject({
      code: "some_code",
      status,
      origin: "server",
      sideEffect: "none",
    });
    expect((await records.next()).done).toBe(true);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("is told of a failure by an event, and tries again when that may help", async () => {
    const failing = (code: string): string => `event: error\ndata: {"code":"${code}","message":"no"}\n\n`;
    const { follower } = following([
      eventStream(failing("unavailable")),
      eventStream(event(0, "zero"), failing("stream_not_found")),
    ]);
    const records = (await follower.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
    expect((await records.next()).value?.body).toBe("zero");
    await expect(records.next()).rejects.toMatchObject({ code: "stream_not_found", status: 404 });
  });

  it.each([
    ["another content type", () => new Response("<html>"), /instead of text\/event-stream/],
    ["a redirect", redirect, /redirect/],
    ["an event that makes no sense", () => eventStream("event: batch\ndata: {\n\n"), /makes no sense/],
    ["an event without an end", () => eventStream(...Array(17).fill("x".repeat(2 ** 20))), /longer than/],
  ])("does not take %s for records", async (_, answer, message) => {
    const { follower, fetch } = following([answer()]);
    const reading = follower.readSession({ tail_offset: 0 });
    await expect(reading).rejects.toMatchObject({
      code: "PROTOCOL_ERROR",
      message: expect.stringMatching(message),
    });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("gives up after as many attempts as are allowed, and says how many they were", async () => {
    const { follower, fetch } = following([], {
      retry: { maxAttempts: 4, minBaseDelayMillis: 0, maxBaseDelayMillis: 0 },
    });
    await expect(follower.readSession()).rejects.toMatchObject({
      status: 500,
      attempts: 4,
      sideEffect: "none",
    });
    await expect(follower.checkTail()).rejects.toMatchObject({
      status: 500,
      attempts: 4,
      sideEffect: "none",
    });
    expect(fetch).toHaveBeenCalledTimes(8);
  });

  it("shows no token that a server echoes", async () => {
    const accessToken = "a-secret-token";
    const { follower } = following(
      [
        Response.json({ code: "invalid", message: `bad ${accessToken}` }, { status: 422 }),
        eventStream(`event: error\ndata: {"code":"invalid","message":"bad ${accessToken}"}\n\n`),
      ],
      { accessToken },
    );
    await expect(follower.checkTail()).rejects.toMatchObject({ message: "bad <redacted>" });
    await expect(follower.readSession()).rejects.toMatchObject({ message: "bad <redacted>" });
  });

  it("takes no more of an error than an error is long, and what there is of one that is cut", async () => {
    const chunks = (...of: (string | Error)[]): Response =>
      new Response(eventStream(...of).body, { status: 400 });
    const long = Array.from({ length: 9 }, () => "x".repeat(30_000));
    const { follower } = following([chunks(...long), chunks("too ", new TypeError("terminated"))]);
    const error = await follower.readSession().catch((thrown: unknown) => thrown as S2Error);
    expect((error as S2Error).data).toBe("x".repeat(90_000));
    await expect(follower.readSession()).rejects.toMatchObject({ status: 400, data: "too " });
  });

  it("asks once more for a token that is refused, and again after records have come", async () => {
    const refused = (): Response =>
      Response.json({ code: "permission_denied", message: "no" }, { status: 403 });
    const accessToken = vi.fn(async () => "token");
    const { follower } = following(
      [refused(), eventStream(event(0, "zero"), new TypeError("terminated")), refused(), refused()],
      { accessToken },
    );
    const records = (await follower.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
    expect((await records.next()).value?.body).toBe("zero");
    await expect(records.next()).rejects.toMatchObject({ code: "permission_denied" });
    expect(accessToken).toHaveBeenCalledTimes(4);
  });

  it("ends when the token cannot be had, without asking the service", async () => {
    const cause = new TypeError("no session");
    const { follower, fetch } = following([], { accessToken: () => Promise.reject(cause) });
    await expect(follower.readSession()).rejects.toMatchObject({
      code: "INTERNAL_ERROR",
      message: "The access token could not be had: no session",
      cause,
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    [{ count: 1.5 }, /^count must be an integer/],
    [{ seq_num: 1, tail_offset: 1 }, /^the start of a read must be at most one of/],
    [{ as: "text" as "string" }, /^as must be "string" or "bytes"; got "text"$/],
    [{ tailOffset: 1 } as object, /^tailOffset is not an option of a read: it is called tail_offset$/],
    [{ wait: -1 }, /^wait must be a number of seconds/],
  ])("refuses to read %j before anything is sent", async (args, message) => {
    const { follower, fetch } = following([]);
    await expect(follower.readSession(args)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(message),
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    [{ basin: "No" }, /^basin must .*; got "No"$/],
    [{ stream: "" }, /^stream must be 1 to 512 bytes of UTF-8; got ""$/],
    [{ endpoint: "ftp://x" }, /^endpoint must have scheme https or http; got "ftp:\/\/x"$/],
    [{ accessToken: "" }, /^accessToken must be text of visible ASCII characters/],
    [
      { accessToken: "se cret" },
      /^accessToken must be text of visible ASCII characters; got other characters$/,
    ],
    [{ retry: { maxAttempts: 0 } }, /^retry.maxAttempts must be an integer of at least 1/],
  ] as const)("refuses %j before anything is sent", (wrong, message) => {
    try {
      following([], wrong);
      expect.unreachable();
    } catch (thrown) {
      expect(isS2Error(thrown) && thrown.code).toBe("INVALID_ARGUMENT");
      expect((thrown as Error).message).toMatch(message);
    }
  });
});

describe("a follower, as time passes", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  /** An answer that begins so, and of which nothing more comes. */
  function silentAfter(...chunks: string[]): { response: Response; cancelled: () => boolean } {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const response = new Response(body, { headers: { "content-type": "text/event-stream" } });
    return { response, cancelled: () => isCancelled };
  }

  it("leaves a connection that has been silent for 20 seconds, and goes on over another one", async () => {
    const silent = silentAfter(event(0, "zero"));
    const { follower, fetch } = following([silent.response, eventStream(event(1, "one"), DONE)]);
    const records = (await follower.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
    await records.next();
    // Silence counts while somebody waits.
    await vi.advanceTimersByTimeAsync(60_000);
    const next = records.next();
    await vi.advanceTimersByTimeAsync(19_900);
    expect([fetch.mock.calls.length, silent.cancelled()]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(200);
    expect((await next).value?.body).toBe("one");
    expect(silent.cancelled()).toBe(true);
    await records.return?.();
  });

  it("leaves an attempt that is not answered in time, whatever its fetch does about a signal", async () => {
    let answerLate: (response: Response) => void = () => {};
    const late = silentAfter();
    const { follower, fetch } = following([], { retry: { requestTimeoutMillis: 300, maxAttempts: 1 } });
    fetch.mockImplementation(
      () =>
        new Promise((resolve) => {
          answerLate = resolve;
        }),
    );
    for (const begin of [() => follower.readSession(), () => follower.checkTail()]) {
      const failed = begin().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(400);
      expect(await failed).toMatchObject({
        code: "REQUEST_TIMEOUT",
        message: "No complete answer within 300 ms",
        sideEffect: "none",
        attempts: 1,
      });
    }
    answerLate(late.response);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.cancelled()).toBe(true);
  });

  it("waits as long as the server asks, and longer each time between attempts", async () => {
    const asking = new Response(null, { status: 503, headers: { "retry-after": "7" } });
    const { follower, fetch } = following([asking], { retry: { minBaseDelayMillis: 100, maxAttempts: 4 } });
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    const failed = follower.readSession().catch((error: unknown) => error);
    const calls: number[] = [];
    for (const ms of [6900, 150, 100, 150, 200, 250]) {
      await vi.advanceTimersByTimeAsync(ms);
      calls.push(fetch.mock.calls.length);
    }
    expect(calls).toEqual([1, 2, 2, 3, 3, 4]);
    expect(await failed).toMatchObject({ status: 500 });
    random.mockRestore();
  });

  it("is open after a second though nothing has come to fix its start", async () => {
    const silent = silentAfter();
    const { follower } = following([silent.response]);
    const opening = follower.readSession({ tail_offset: 1 });
    await vi.advanceTimersByTimeAsync(1100);
    const session = await opening;
    expect(session.nextReadPosition()).toBeUndefined();
    const next = session[Symbol.asyncIterator]().next();
    await session.cancel();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(silent.cancelled()).toBe(true);
  });

  it("is not open before a start is fixed when the connection breaks on the way", async () => {
    let breakOff: (error: Error) => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        breakOff = (error) => controller.error(error);
      },
    });
    const broken = new Response(body, { headers: { "content-type": "text/event-stream" } });
    const { follower } = following([broken, silentAfter().response]);
    let isOpen = false;
    const opening = follower.readSession({ tail_offset: 1 }).then((session) => {
      isOpen = true;
      return session;
    });
    await vi.advanceTimersByTimeAsync(900);
    breakOff(new TypeError("terminated"));
    await vi.advanceTimersByTimeAsync(900);
    expect(isOpen).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(isOpen).toBe(true);
    await (await opening).cancel();
  });

  it("takes an answer that comes with the deadline", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const { follower, fetch } = following([], { retry: { requestTimeoutMillis: 300, maxAttempts: 1 } });
    fetch.mockImplementation(
      () => new Promise((resolve) => setTimeout(() => resolve(Response.json({ tail })), 300)),
    );
    const asked = follower.checkTail();
    await vi.advanceTimersByTimeAsync(400);
    expect(await asked).toEqual({ tail });
  });

  it("leaves the body's end behind that of a read to the server, for a second", async () => {
    let isCancelled = false;
    const chunks = [DONE];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk === undefined) controller.close();
          else controller.enqueue(new TextEncoder().encode(chunk));
        },
        cancel() {
          isCancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const silent = silentAfter(DONE);
    const headers = { "content-type": "text/event-stream" };
    const { follower, fetch } = following([new Response(body, { headers }), silent.response]);
    for (let times = 0; times < 2; times += 1) {
      const session = await follower.readSession({ seq_num: 0 });
      expect((await session[Symbol.asyncIterator]().next()).done).toBe(true);
    }
    await vi.advanceTimersByTimeAsync(900);
    expect([isCancelled, silent.cancelled()]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(200);
    expect([isCancelled, silent.cancelled()]).toEqual([false, true]);
    expect(fetch.mock.calls[0]?.[1].signal?.aborted).toBe(false);
  });

  it("lets go of the answer that is none", async () => {
    const silent = silentAfter("<html>");
    silent.response.headers.set("content-type", "text/html");
    const { follower } = following([silent.response]);
    await expect(follower.readSession()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(silent.cancelled()).toBe(true);
  });

  it("leaves nothing open and asks nothing more, at whichever turn it is stopped", async () => {
    for (let turns = 0; turns < 60; turns += 1) {
      const opened: ReturnType<typeof silentAfter>[] = [];
      const { follower, fetch } = following([]);
      // It pays no heed to its signal.
      fetch.mockImplementation(async () => {
        if (fetch.mock.calls.length % 2 === 1) return new Response(null, { status: 503 });
        const silent = silentAfter(batch([rec(0)]));
        opened.push(silent);
        return silent.response;
      });
      const controller = new AbortController();
      const { signal } = controller;
      let isStopped = false;
      const reading = (async () => {
        for await (const _ of await follower.readSession({ seq_num: 0 }, { signal }))
          expect(isStopped).toBe(false);
      })().catch((error: { code: string }) => error.code);
      const asking = follower.checkTail({ signal }).catch((error: { code: string }) => error.code);
      await vi.advanceTimersByTimeAsync(3);
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      isStopped = true;
      controller.abort();
      const calls = fetch.mock.calls.length;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await reading).toBe("ABORTED");
      expect(["ABORTED", "PROTOCOL_ERROR"]).toContain(await asking);
      expect(fetch.mock.calls.length).toBe(calls);
      expect(opened.filter(({ cancelled }) => !cancelled())).toEqual([]);
    }
  });

  it("does not wait for the end of a read that has had all it asked for", async () => {
    const silent = silentAfter(event(0, "zero"));
    const { follower, fetch } = following([silent.response]);
    const records = (await follower.readSession({ seq_num: 0, count: 1 }))[Symbol.asyncIterator]();
    await records.next();
    const end = records.next();
    await vi.advanceTimersByTimeAsync(1100);
    expect((await end).done).toBe(true);
    expect(silent.cancelled()).toBe(true);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  const reason = new Error("enough");
  it.each([
    ["an abort", "ABORTED", (_: unknown, controller: AbortController) => controller.abort(reason)],
    ["closing the follower", "done", (follower: { close(): Promise<void> }) => follower.close()],
    ["a cancel", "done", (_: unknown, __: unknown, session: FollowerSession) => session.cancel()],
  ])("lets %s end a pending read at once, and lets the connection go", async (_, expected, end) => {
    const silent = silentAfter(batch([rec(0)]));
    const { follower, fetch } = following([silent.response]);
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    const session = await follower.readSession({ seq_num: 0 }, { signal: controller.signal });
    const records = session[Symbol.asyncIterator]();
    await records.next();
    const caughtUp = session.caughtUp().catch((error: { code: string }) => error.code);
    const pending = records.next().then(
      () => "done",
      (error: { code: string; cause: unknown }) => {
        expect(error.cause).toBe(reason);
        return error.code;
      },
    );
    await vi.advanceTimersByTimeAsync(10);
    await end(follower, controller, session);
    expect(await pending).toBe(expected);
    expect(await caughtUp).toBe(expected === "done" ? "SESSION_CLOSED" : expected);
    expect(silent.cancelled()).toBe(true);
    expect(fetch.mock.calls[0]?.[1].signal?.aborted).toBe(true);
    expect(removed).toHaveBeenCalledTimes(1);
    await session.cancel();
    await session[Symbol.asyncDispose]();
  });

  it.each([
    ["while it is opening", () => new Promise<Response>(() => {})],
    ["while it backs off", async () => new Response(null, { status: 503, headers: { "retry-after": "60" } })],
  ])("is aborted or closed %s, and makes no further attempt", async (_, answer) => {
    const { follower, fetch } = following([]);
    fetch.mockImplementation(answer);
    const controller = new AbortController();
    const { signal } = controller;
    const codes = [
      follower.readSession({}, { signal }),
      follower.checkTail({ signal }),
      follower.readSession(),
    ].map((promise) => promise.catch((error: { code: string }) => error.code));
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(reason);
    await follower.close();
    expect(await Promise.all(codes)).toEqual(["ABORTED", "ABORTED", "SESSION_CLOSED"]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it("makes no request for a signal that is aborted already", async () => {
    const { follower, fetch } = following([]);
    const options = { signal: AbortSignal.abort(reason) };
    for (const promise of [follower.readSession({}, options), follower.checkTail(options)])
      await expect(promise).rejects.toMatchObject({ code: "ABORTED", status: 499, cause: reason });
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe("a session of a follower", () => {
  it("is a part of what a client's read session is", () => {
    expectTypeOf<ReadSession<"bytes">>().toExtend<FollowerSession<"bytes">>();
    expectTypeOf<ReadSession>().toExtend<FollowerSession>();
  });
});
