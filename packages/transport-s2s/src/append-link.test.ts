import { createFrameDecoder, decodeAppendInput, encodeTerminalFrame } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import {
  ATTEMPT,
  ackFrame,
  appendRequest,
  batchOf,
  disposable,
  gate,
  REASON,
  recordEvents,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const OUTCOMES: readonly [
  name: string,
  answer: (request: RawRequest) => void,
  code: string,
  sideEffect: string,
  retryable: boolean,
][] = [
  [
    "the peer resets it with INTERNAL_ERROR",
    (r) => r.send(r.headers(200), r.rst(2)),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "the peer resets it with CANCEL",
    (r) => r.send(r.headers(200), r.rst(8)),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "the peer resets it with NO_ERROR and no END_STREAM",
    (r) => r.send(r.headers(200), r.rst(0)),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  ["the peer refuses it", (r) => r.send(r.rst(7)), "REQUEST_REFUSED", "none", true],
  ["a GOAWAY names it as never looked at", (r) => r.send(r.goaway(0, 0)), "REQUEST_REFUSED", "none", true],
  [
    "a GOAWAY with an error names it as never looked at",
    (r) => r.send(r.goaway(0, 2)),
    "REQUEST_REFUSED",
    "none",
    true,
  ],
  [
    "a GOAWAY with an error covers it",
    (r) => r.send(r.headers(200), r.goaway(r.id, 2)),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "the connection is cut before the headers",
    (r) => r.socket.destroy(),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "the connection is reset after the headers",
    (r) => {
      r.send(r.headers(200));
      r.socket.resetAndDestroy();
    },
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "it ends in the middle of a frame",
    (r) => r.send(r.headers(200), r.data(ackFrame(0).subarray(0, 5), true)),
    "CONNECTION_LOST",
    "possible",
    true,
  ],
  [
    "a frame has no length [D1-44]",
    (r) => r.send(r.headers(200), r.data(Buffer.alloc(4))),
    "PROTOCOL_ERROR",
    "possible",
    false,
  ],
  [
    "a frame declares 3 MiB",
    (r) => r.send(r.headers(200), r.data(Buffer.from([0x30, 0, 0, 0]))),
    "PROTOCOL_ERROR",
    "possible",
    false,
  ],
  [
    "a frame is compressed though that was not asked for [D1-45]",
    (r) => r.send(r.headers(200), r.data(Buffer.from([0, 0, 2, 0x40, 0]))),
    "PROTOCOL_ERROR",
    "possible",
    false,
  ],
  [
    "a page for people answers",
    (r) => r.send(r.headers(200, false, "text/html"), r.data("<html>welcome</html>", true)),
    "PROTOCOL_ERROR",
    "none",
    false,
  ],
  [
    "the permission is denied",
    (r) => r.send(r.headers(403), r.data('{"code":"permission_denied","message":"no"}', true)),
    "permission_denied",
    "none",
    false,
  ],
];

describe("an append link", () => {
  it("sends batches once it is open, and gives acks in order", async () => {
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.bodyReaches(2 * batchOf(10).frame.length).then(() => {
        request.send(request.data(Buffer.concat([ackFrame(0), ackFrame(1)])));
      });
      void request.ended.then(() => request.send(request.data("", true)));
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    expect(link.started).toBe(0);
    expect(link.send(batchOf(10))).toBe(true);
    expect(link.send(batchOf(10))).toBe(true);
    await recorder.saw("acks 2");
    expect(link.started).toBe(2);
    expect(recorder.acks.map((ack) => ack.start.seq_num)).toEqual([0, 1]);
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.log).toEqual(["opened", "taken 2", "acks 2", "ended"]);
  });

  it.each(OUTCOMES)(
    "ends with the right error when %s",
    async (_name, answer, code, sideEffect, retryable) => {
      await using server = await startRawServer(answer);
      await using transport = disposable(createS2sTransport());
      const recorder = recordEvents();
      transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
      expect(await recorder.ended).toMatchObject({ code, sideEffect, retryable });
      expect(recorder.log.filter((entry) => entry.startsWith("ended"))).toHaveLength(1);
    },
  );

  it("keeps every batch whole and in order, whatever their sizes [G-1]", async () => {
    const sizes = [10, 5000, 20, 20, 300_000, 0, 1_000_000, 7, 1_048_568, 1, 2, 3, 2000, 100];
    const received = gate<number[]>();
    const expected = sizes.map((size) => batchOf(size));
    const total = expected.reduce((sum, batch) => sum + batch.frame.length, 0);
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.bodyReaches(total).then(() => {
        const decoder = createFrameDecoder();
        decoder.push(request.body());
        const seen: number[] = [];
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          seen.push(decodeAppendInput(frame.payload).records[0]?.body.length ?? -1);
        }
        received.open(seen);
      });
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    for (const batch of expected) link.send(batch);
    expect(await received.promise).toEqual(sizes);
    await recorder.saw(`taken ${sizes.length}`);
    link.abort(REASON);
  });

  it("delivers acks that came before a terminal frame, then the error it carries [D1-84]", async () => {
    await using server = await startRawServer((request) => {
      const terminal = Buffer.from(encodeTerminalFrame(412, JSON.stringify({ seq_num_mismatch: 7 })));
      const cut = Buffer.concat([ackFrame(0), terminal]);
      request.send(request.headers(200));
      void request.bodyReaches(1).then(() => request.send(request.data(cut, true), request.rst(0)));
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(1_000_000));
    link.send(batchOf(1_000_000));
    expect(await recorder.ended).toMatchObject({
      code: "APPEND_CONDITION_FAILED",
      status: 412,
      expectedSeqNum: 7,
    });
    expect(recorder.log.filter((entry) => !entry.startsWith("taken"))).toEqual([
      "opened",
      "acks 1",
      "ended APPEND_CONDITION_FAILED",
    ]);
  });

  it("takes the code and message of a refusal split over two DATA frames [D1-55, D2-5]", async () => {
    await using server = await startRawServer((request) => {
      const body = JSON.stringify({ code: "stream_not_found", message: "no such stream" });
      request.send(request.headers(404), request.data(body.slice(0, 9)));
      setImmediate(() => request.send(request.data(body.slice(9), true)));
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    const error = await recorder.ended;
    expect(error).toMatchObject({
      code: "stream_not_found",
      status: 404,
      origin: "server",
      retryable: false,
    });
    expect(error?.message).toContain("no such stream");
  });

  it("settles a refusal by its status when there is no body [D1-56, D2-5]", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(403, true)));
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    expect(await recorder.ended).toMatchObject({ status: 403, retryable: false });
  });

  it("settles a refusal by its status when the explanation is cut [D1-56, D2-5]", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(500), r.data('{"code":'), r.rst(2)));
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    expect(await recorder.ended).toMatchObject({ status: 500 });
  });

  it("decodes acks that arrive byte by byte", async () => {
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.bodyReaches(1).then(() => {
        for (const byte of Buffer.concat([ackFrame(0), ackFrame(1)]))
          request.send(request.data(Buffer.from([byte])));
      });
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(1));
    await recorder.saw("acks 2");
    link.abort(REASON);
  });

  it("asks to wait when the peer's window is shut, and then starts no further batches [G-6]", async () => {
    await using server = await startRawServer((request) => request.send(request.headers(200)), {
      updateWindow: false,
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    let sent = 0;
    while (link.send(batchOf(100_000))) sent += 1;
    // Bounded, and what has not been handed to the wire has not started.
    expect(sent).toBeLessThan(40);
    await new Promise((resolve) => setImmediate(resolve));
    expect(link.started).toBeLessThan(sent);
    expect(recorder.taken()).toBe(0);
    link.abort(REASON);
  });

  it("says writable once what was queued has left", async () => {
    await using server = await startRawServer((request) => request.send(request.headers(200)));
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    while (link.send(batchOf(500_000)));
    await recorder.saw("writable");
    expect(link.send(batchOf(1))).toBe(true);
    link.abort(REASON);
  });

  it("passes on reconnect advice once, after the acks of the frame that carried it", async () => {
    await using server = await startRawServer((request) => {
      const advised = ackFrame(0);
      advised[3] = 0x10;
      request.send(request.headers(200));
      void request.bodyReaches(1).then(() => request.send(request.data(advised)));
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(1));
    await recorder.saw("reconnectAdvised");
    expect(recorder.log).toEqual(["opened", "taken 1", "acks 1", "reconnectAdvised"]);
    // New requests go elsewhere; this one goes on.
    const other = recordEvents();
    transport.openAppend(appendRequest(server.url), other.events, ATTEMPT);
    await other.opened;
    expect(server.connections).toBe(2);
    link.abort(REASON);
  });

  it("resets the stream on abort and says nothing more [D2-9, G-10]", async () => {
    const reset = gate<number>();
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.reset.then(reset.open);
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    link.abort(REASON);
    expect(await reset.promise).toBe(8);
    expect(recorder.log).toEqual(["opened"]);
  });

  it("can be aborted before it has a connection, and then asks for nothing [D1-17]", async () => {
    let requests = 0;
    await using server = await startRawServer(() => {
      requests += 1;
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    link.abort(REASON);
    const next = recordEvents();
    const second = transport.openAppend(appendRequest(server.url), next.events, ATTEMPT);
    await expect.poll(() => requests).toBe(1);
    second.abort(REASON);
    expect(recorder.log).toEqual([]);
  });

  it("resets the stream on abort while the server does not answer", async () => {
    const reset = gate<number>();
    const reached = gate();
    await using server = await startRawServer((request) => {
      reached.open();
      void request.reset.then(reset.open);
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await reached.promise;
    link.abort(REASON);
    expect(await reset.promise).toBe(8);
    expect(recorder.log).toEqual([]);
  });

  it("ends at once when it is finished before it is open", async () => {
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.ended.then(() => request.send(request.data("", true)));
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.log).toEqual(["opened", "ended"]);
  });

  it("proves that nothing happened when no connection could be opened", async () => {
    const closed = await startRawServer(() => {});
    await closed[Symbol.asyncDispose]();
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(closed.url), recorder.events, ATTEMPT);
    expect(await recorder.ended).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      retryable: true,
    });
    expect(link.started).toBe(0);
  });

  it("reports a bad URL as an event, after the link was returned", async () => {
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    transport.openAppend({ method: "POST", url: "nonsense", headers: {} }, recorder.events, ATTEMPT);
    expect(recorder.log).toEqual([]);
    expect(await recorder.ended).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none" });
  });

  it("ends with an error when the transport is closed", async () => {
    await using server = await startRawServer((request) => request.send(request.headers(200)));
    const transport = createS2sTransport();
    const recorder = recordEvents();
    transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    await transport.close();
    expect(await recorder.ended).toMatchObject({ code: "SESSION_CLOSED" });
    const late = recordEvents();
    transport.openAppend(appendRequest(server.url), late.events, ATTEMPT);
    expect(await late.ended).toMatchObject({ code: "SESSION_CLOSED" });
  });
});
