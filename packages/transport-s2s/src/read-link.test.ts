import { encodeFrame, encodeReadBatch, encodeTerminalFrame } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import {
  AS_BYTES,
  AS_STRING,
  ATTEMPT,
  batchFrame,
  disposable,
  gate,
  heartbeatFrame,
  REASON,
  readRequest,
  rejectionOf,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

type Outcome = readonly [name: string, answer: (request: RawRequest) => void, expected: object];

const ONE = batchFrame(0, ["a"]);
const DRAINING = JSON.stringify({ code: "server_draining", message: "going down" });

const REFUSALS: readonly Outcome[] = [
  [
    "a position beyond the tail",
    (r) => r.send(r.headers(416), r.data('{"tail":{"seq_num":3,"timestamp":9}}', true)),
    { code: "RANGE_NOT_SATISFIABLE", tail: { seq_num: 3, timestamp: 9 } },
  ],
  ["403 without a body", (r) => r.send(r.headers(403, true)), { status: 403, retryable: false }],
  [
    "500 with a body that is cut",
    (r) => r.send(r.headers(500), r.data('{"code":'), r.rst(0)),
    { status: 500, retryable: true },
  ],
  [
    "an error of HTML",
    (r) => r.send(r.headers(502), r.data("<html>bad gateway</html>", true)),
    { status: 502, retryable: true },
  ],
  [
    "an endless error",
    (r) => r.send(r.headers(500), ...Array.from({ length: 10 }, () => r.data("x".repeat(16_000)))),
    { status: 500 },
  ],
  [
    "a page for people",
    (r) => r.send(r.headers(200, false, "text/html"), r.data("<html>welcome</html>", true)),
    { code: "PROTOCOL_ERROR", message: "A session was answered with text/html instead of s2s/proto" },
  ],
  ["a refusal", (r) => r.send(r.rst(7)), { code: "REQUEST_REFUSED", sideEffect: "none" }],
  ["a cut before the headers", (r) => r.socket.destroy(), { code: "CONNECTION_LOST", retryable: true }],
];

const BREAKS: readonly Outcome[] = [
  [
    "RST_STREAM(NO_ERROR) without END_STREAM",
    (r) => r.send(r.headers(200), r.data(ONE), r.rst(0)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "RST_STREAM(INTERNAL_ERROR)",
    (r) => r.send(r.headers(200), r.data(ONE), r.rst(2)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "RST_STREAM(REFUSED_STREAM) after the headers",
    (r) => r.send(r.headers(200), r.data(ONE), r.rst(7)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "RST_STREAM(CANCEL)",
    (r) => r.send(r.headers(200), r.data(ONE), r.rst(8)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "GOAWAY with an error",
    (r) => r.send(r.headers(200), r.data(ONE), r.goaway(r.id, 2)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "a cut between frames",
    (r) => {
      r.send(r.headers(200), r.data(ONE));
      r.socket.end();
    },
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "END_STREAM in the middle of a frame",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, ONE.subarray(0, 9)]), true)),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "a cut in the middle of a frame",
    (r) => {
      r.send(r.headers(200), r.data(Buffer.concat([ONE, ONE.subarray(0, 9)])));
      r.socket.end();
    },
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "a frame without a length",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, Buffer.alloc(4)]))),
    { code: "PROTOCOL_ERROR" },
  ],
  [
    "a frame of 3 MiB",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, Buffer.from([0x30, 0, 0, 0])]))),
    { code: "PROTOCOL_ERROR" },
  ],
  [
    "a terminal frame",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, encodeTerminalFrame(503, DRAINING)]), true)),
    { code: "server_draining", retryable: true },
  ],
  [
    "a terminal frame and a reset",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, encodeTerminalFrame(503, DRAINING)])), r.rst(2)),
    { code: "server_draining", retryable: true },
  ],
  [
    "a compressed frame that was not asked for",
    (r) => r.send(r.headers(200), r.data(Buffer.concat([ONE, encodeFrame({ compression: "zstd" }, ONE)]))),
    { code: "PROTOCOL_ERROR" },
  ],
];

describe("a read link", () => {
  it("gives batches, heartbeats as empty batches, and null at END_STREAM", async () => {
    await using server = await startRawServer((r) => {
      r.send(
        r.headers(200),
        r.data(Buffer.concat([batchFrame(0, ["a", "b"]), heartbeatFrame(2), batchFrame(2, ["c"])]), true),
      );
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    expect((await link.next())?.records.map((record) => record.body)).toEqual(["a", "b"]);
    expect(await link.next()).toMatchObject({
      records: [],
      tail: { seq_num: 2, timestamp: 1 },
      reconnectAdvised: false,
    });
    expect((await link.next())?.records.map((record) => record.seq_num)).toEqual([2]);
    expect(await link.next()).toBeNull();
    expect(await link.next()).toBeNull();
  });

  it("can be pulled before it is open, and gives bytes when bytes are wanted", async () => {
    await using server = await startRawServer((r) =>
      r.send(r.headers(200), r.data(batchFrame(0, [new Uint8Array([0, 255])]))),
    );
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_BYTES, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toEqual(new Uint8Array([0, 255]));
    link.abort(REASON);
  });

  it("decodes frames that arrive byte by byte and counts every byte", async () => {
    const bytes = Buffer.concat([batchFrame(0, ["grüße"]), heartbeatFrame(1)]);
    await using server = await startRawServer((r) => {
      r.send(r.headers(200));
      for (const byte of bytes) r.send(r.data(Buffer.from([byte])));
      r.send(r.data("", true));
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toBe("grüße");
    expect((await link.next())?.tail?.seq_num).toBe(1);
    expect(await link.next()).toBeNull();
    expect(link.bytesReceived).toBe(bytes.length);
  });

  it.each(REFUSALS)("does not open after %s [D2-5, G-9]", async (_name, answer, expected) => {
    await using server = await startRawServer(answer);
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    const pulled = rejectionOf(link.next());
    expect(await rejectionOf(link.opened)).toMatchObject(expected);
    expect(await pulled).toMatchObject(expected);
  });

  it.each(BREAKS)("gives what was received, then fails, after %s [D2-6]", async (_name, answer, expected) => {
    await using server = await startRawServer(answer);
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
  });

  it("finds a terminal frame that came before a reset, even when nobody was pulling", async () => {
    const sent = gate();
    const big = batchFrame(0, ["x".repeat(200_000)]);
    await using server = await startRawServer((r) => {
      const body = Buffer.concat([
        big,
        big,
        encodeTerminalFrame(409, '{"code":"stream_deletion_pending","message":"x"}'),
      ]);
      const pieces = Array.from({ length: Math.ceil(body.length / 16_000) }, (_, i) =>
        r.data(body.subarray(i * 16_000, (i + 1) * 16_000)),
      );
      r.send(r.headers(200), ...pieces, r.rst(2));
      sent.open();
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    await sent.promise;
    await expect.poll(() => link.bytesReceived).toBeGreaterThan(0);
    expect((await link.next())?.records).toHaveLength(1);
    expect((await link.next())?.records).toHaveLength(1);
    expect(await rejectionOf(link.next())).toMatchObject({ code: "stream_deletion_pending" });
  });

  it("rejects a pending pull with the reason of an abort, and resets the stream [D2-9, D2-31]", async () => {
    const reset = gate<number>();
    await using server = await startRawServer((r) => {
      r.send(r.headers(200), r.data(heartbeatFrame(0)));
      void r.reset.then(reset.open);
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.next();
    const pulled = rejectionOf(link.next());
    link.abort(REASON);
    expect(await pulled).toBe(REASON);
    expect(await reset.promise).toBe(8);
    expect(await rejectionOf(link.next())).toBe(REASON);
  });

  it("can be aborted while the server does not answer [D1-17]", async () => {
    const reset = gate<number>();
    const reached = gate();
    await using server = await startRawServer((r) => {
      reached.open();
      void r.reset.then(reset.open);
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    const pulled = rejectionOf(link.next());
    await reached.promise;
    link.abort(REASON);
    expect(await rejectionOf(link.opened)).toBe(REASON);
    expect(await pulled).toBe(REASON);
    expect(await reset.promise).toBe(8);
  });

  it("passes on reconnect advice with the batch, and later requests take another connection", async () => {
    await using server = await startRawServer((r) => {
      r.send(
        r.headers(200),
        r.data(encodeFrame({ reconnectAdvised: true }, encodeReadBatch({ records: [] }))),
      );
    });
    await using transport = disposable(createS2sTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await link.next()).toMatchObject({ reconnectAdvised: true });
    const other = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await other.next();
    expect(server.connections).toBe(2);
    link.abort(REASON);
    other.abort(REASON);
  });

  it("rejects a pending pull when the transport is closed", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(200)));
    const transport = createS2sTransport();
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    const pulled = rejectionOf(link.next());
    await transport.close();
    expect(await pulled).toMatchObject({ code: "SESSION_CLOSED" });
    const late = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await rejectionOf(late.opened)).toMatchObject({ code: "SESSION_CLOSED" });
  });
});
