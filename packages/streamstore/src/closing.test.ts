import { AppendOutcomeUnknownError, S2Error } from "@s2-dev/streamstore-core";
import {
  createScriptedTransport,
  flushMicrotasks,
  observe,
  readRecords,
} from "@s2-dev/streamstore-core/testing";
import { describe, expect, it, vi } from "vitest";
import {
  answerAck,
  answerJson,
  BASIN,
  createTestClient,
  nextCall,
  rejection,
  type TestClient,
} from "../test/support.js";
import type { S2Basin } from "./basin.js";
import type { S2ClientOptions } from "./options.js";
import type { S2Client } from "./s2.js";
import { SessionScope } from "./session-scope.js";
import type { S2Stream } from "./stream.js";

interface Handles {
  readonly s2: S2Client;
  readonly basin: S2Basin;
  readonly stream: S2Stream;
}

function createHandles(options?: S2ClientOptions): Handles & Omit<TestClient, "s2"> {
  const { s2, clock, made, transport } = createTestClient(options);
  const basin = s2.basin(BASIN);
  return { s2, clock, made, transport, basin, stream: basin.stream("events") };
}

const LEVELS = ["s2", "basin", "stream"] as const;
const CLOSED = { code: "SESSION_CLOSED", status: 400, origin: "sdk", sideEffect: "none" };

describe.each(LEVELS)("closing the handle %s", (level) => {
  it("ends the read sessions opened through it cleanly, and lets go of their links [H-13]", async () => {
    const handles = createHandles();
    const opening = handles.stream.readSession({ seq_num: 0 });
    await flushMicrotasks();
    const link = handles.transport.read();
    link.open();
    const session = await opening;
    link.batch(readRecords(0, 1));
    const iterator = session[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.seq_num).toBe(0);
    const pending = iterator.next();
    await handles[level].close();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(link.abortedWith).toBeInstanceOf(S2Error);
  });

  it("first settles what append sessions were given [H-13]", async () => {
    const handles = createHandles();
    const session = await handles.stream.appendSession();
    const acked = observe(session.submit({ body: "x" }));
    const closed = observe(handles[level].close());
    const link = handles.transport.append();
    link.open();
    link.take();
    await flushMicrotasks();
    expect(closed.state).toBe("pending");
    link.acknowledge();
    await flushMicrotasks();
    expect(acked.state).toBe("fulfilled");
    expect(link.isFinished).toBe(true);
    link.end(null);
    await flushMicrotasks();
    expect(closed.state).toBe("fulfilled");
  });

  it("ends within a bound although the server never answers [H-13]", async () => {
    const handles = createHandles({ retry: { maxAttempts: "unlimited" } });
    const session = await handles.stream.appendSession();
    const acked = observe(session.submit({ body: "x" }));
    const closed = observe(handles[level].close());
    await handles.clock.runUntilIdle(200);
    expect(closed.state).toBe("fulfilled");
    expect(acked.state).toBe("rejected");
    expect(handles.clock.pending).toEqual([]);
  });

  it("makes later calls and sessions reject without a request [D1-16]", async () => {
    const { s2, basin, stream, ...rest } = createHandles();
    await { s2, basin, stream }[level].close();
    const calls: (() => Promise<unknown>)[] = [
      () => stream.checkTail(),
      () => stream.read(),
      () => stream.append({ body: "x" }),
      () => stream.readSession(),
      () => stream.appendSession(),
    ];
    if (level !== "stream")
      calls.push(
        () => basin.streams.list(),
        () => basin.stream("other").checkTail(),
      );
    if (level === "s2")
      calls.push(
        () => s2.basins.list(),
        () => s2.basin(BASIN).stream("events").appendSession(),
      );
    for (const call of calls) expect(await rejection(call())).toMatchObject(CLOSED);
    const { transport } = rest;
    expect([...transport.exchanges, ...transport.reads, ...transport.appends]).toEqual([]);
  });

  it("refuses a session that is still being opened [D1-16]", async () => {
    const handles = createHandles();
    const opening = rejection(handles.stream.readSession({ seq_num: 0 }));
    await flushMicrotasks();
    await handles[level].close();
    expect(await opening).toMatchObject(CLOSED);
    expect(handles.transport.read().abortedWith).toBeInstanceOf(S2Error);
    expect(handles.clock.pending).toEqual([]);
  });

  it("is harmless twice, and what `await using` does [H-13]", async () => {
    const handles = createHandles();
    await handles.stream.appendSession();
    await Promise.all([
      handles[level].close(),
      handles[level].close(),
      handles[level][Symbol.asyncDispose](),
    ]);
  });

  it("reports no failure of a session: the session did [H-13]", async () => {
    const handles = createHandles();
    const session = await handles.stream.appendSession();
    const acked = rejection(session.submit({ body: "x" }));
    const closing = handles[level].close();
    handles.transport
      .append()
      .end(new S2Error({ message: "no", code: "permission_denied", origin: "server" }));
    await closing;
    expect(await acked).toMatchObject({ code: "permission_denied" });
  });
});

describe("closing a handle", () => {
  it("leaves its siblings and those above it alone [H-13]", async () => {
    const { s2, basin, stream, transport } = createHandles();
    const session = await basin.stream("other").appendSession();
    await stream.close();
    const acked = session.submit({ body: "x" });
    const link = transport.append();
    link.open();
    link.acknowledge();
    await acked;
    const closing = basin.close();
    link.end(null);
    await closing;
    const listed = s2.basins.list();
    answerJson(await nextCall(transport), 200, { basins: [], has_more: false });
    await listed;
  });

  it("forgets sessions that have ended", async () => {
    const { stream, transport } = createHandles();
    const session = await stream.appendSession();
    await session.close();
    await stream.close();
    expect(transport.appends).toEqual([]);
  });
});

describe("closing a client", () => {
  it("closes the transports it made, once its sessions have ended", async () => {
    const { s2, basin, made, transport } = createHandles();
    const fetched = basin.stream("events", { forceTransport: "fetch" });
    const session = await fetched.appendSession();
    const closes = made.map(({ transport }) => vi.spyOn(transport, "close"));
    void session.submit({ body: "x" }).catch(() => undefined);
    const closing = s2.close();
    await flushMicrotasks();
    for (const close of closes) expect(close).not.toHaveBeenCalled();
    const link = made[1]?.transport.append();
    link?.open();
    link?.acknowledge();
    link?.end(null);
    await Promise.all([closing, s2.close()]);
    expect(transport).toBe(made[0]?.transport);
    for (const close of closes) expect(close).toHaveBeenCalledTimes(1);
  });

  it("leaves a transport alone that was passed in: it is not the client's [H-22]", async () => {
    const transport = createScriptedTransport();
    const close = vi.spyOn(transport, "close");
    const { s2 } = createTestClient({ transport });
    await s2.close();
    expect(close).not.toHaveBeenCalled();
  });

  it("lets a call that is under way be answered, but not tried again [H-13]", async () => {
    const transport = createScriptedTransport();
    const { s2, clock } = createTestClient({ transport, retry: { maxAttempts: "unlimited" } });
    const stream = s2.basin(BASIN).stream("events");
    const answered = stream.append({ body: "x" });
    const call = await nextCall(transport);
    const failed = rejection(stream.append({ body: "y" }));
    const other = await nextCall(transport);
    await s2.close();
    answerAck(call);
    expect((await answered).end.seq_num).toBe(1);
    other.fail(new S2Error({ message: "the connection broke", code: "CONNECTION_LOST" }));
    await clock.advance(1000);
    const error = (await failed) as AppendOutcomeUnknownError;
    expect(error).toBeInstanceOf(AppendOutcomeUnknownError);
    expect(error.cause).toMatchObject({ code: "SESSION_CLOSED" });
    expect(transport.exchanges).toHaveLength(2);
  });
});

describe("a scope of sessions", () => {
  it("counts as closed before the first session is closed [D1-16]", async () => {
    const scope = new SessionScope("The stream");
    const seen: unknown[] = [];
    scope.add(async () => {
      try {
        scope.checkOpen();
      } catch (error) {
        seen.push(error);
      }
    });
    await scope.close();
    expect(seen).toMatchObject([{ code: "SESSION_CLOSED", message: "The stream is closed" }]);
  });

  it("holds the sessions of the scopes below it until they are removed", () => {
    const client = new SessionScope("The client");
    const stream = new SessionScope("The stream", client);
    const remove = stream.add(async () => {});
    expect([client.size, stream.size]).toEqual([1, 1]);
    remove();
    expect([client.size, stream.size]).toEqual([0, 0]);
  });
});
