import { gzipSync } from "node:zlib";
import {
  encodeFrame,
  encodeReadBatch,
  encodeReadBatchFrame,
  encodeTerminalFrame,
} from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import {
  AS_BYTES,
  AS_STRING,
  ATTEMPT,
  disposable,
  gate,
  REASON,
  readRequest,
  rejectionOf,
  stalled,
} from "../test/support.js";
import { framedReads } from "./framed.js";
import { createFetchTransport as createDefaultTransport } from "./index.js";
import { createFetchTransport } from "./index.node.js";

const SESSION = { "content-type": "s2s/proto" };

const WIRES = [
  ["node:http", createFetchTransport],
  ["fetch", createDefaultTransport],
] as const;

function batch(first: number, ...bodies: (string | Uint8Array)[]) {
  return {
    records: bodies.map((body, index) => ({
      seq_num: first + index,
      timestamp: 1,
      headers: [],
      body: Buffer.from(body),
    })),
    tail: undefined,
  };
}

const frameOf = (first: number, ...bodies: (string | Uint8Array)[]): Uint8Array =>
  encodeReadBatchFrame(batch(first, ...bodies));

const heartbeat = (tail: number): Uint8Array =>
  encodeReadBatchFrame({ records: [], tail: { seq_num: tail, timestamp: 5 } });

/** Answers with these pieces, each written on its own. */
function stream(...pieces: readonly Uint8Array[]): (call: ServerCall) => void {
  return ({ response }) => {
    response.writeHead(200, SESSION);
    const write = (index: number): void => {
      if (index === pieces.length) response.end();
      else response.write(pieces[index], () => setImmediate(write, index + 1));
    };
    write(0);
  };
}

describe.each(WIRES)("framed reads over %s", (_name, create) => {
  it("give batches, heartbeats as empty batches, and null at the end of the body", async () => {
    const asked: unknown[] = [];
    await using server = await startHttpServer((call) => {
      asked.push([call.request.headers["content-type"], call.request.headers["accept-encoding"]]);
      stream(frameOf(0, "a", "grüße"), heartbeat(2), frameOf(2, "c"))(call);
    });
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    expect((await link.next())?.records.map(({ body }) => body)).toEqual(["a", "grüße"]);
    expect(await link.next()).toMatchObject({ records: [], tail: { seq_num: 2, timestamp: 5 } });
    expect((await link.next())?.records.map(({ seq_num }) => seq_num)).toEqual([2]);
    expect(await link.next()).toBeNull();
    expect(await link.next()).toBeNull();
    expect(link.bytesReceived).toBeGreaterThan(20);
    expect(asked).toEqual([["s2s/proto", "identity"]]);
  });

  it("give bytes as they are stored, from frames cut at every byte", async () => {
    const body = Uint8Array.of(0, 255, 128);
    const bytes = [...frameOf(7, body), ...heartbeat(8)].map((byte) => Uint8Array.of(byte));
    await using server = await startHttpServer(stream(...bytes));
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_BYTES, ATTEMPT);
    expect((await link.next())?.records).toMatchObject([{ seq_num: 7, body }]);
    expect((await link.next())?.tail?.seq_num).toBe(8);
    expect(await link.next()).toBeNull();
  });

  it.each([
    [
      "a terminal frame",
      [encodeTerminalFrame(409, '{"code":"stream_deletion_pending","message":"x"}')],
      { code: "stream_deletion_pending", status: 409 },
    ],
    ["half a frame", [frameOf(1, "b").subarray(0, 5)], { code: "CONNECTION_LOST", retryable: true }],
    ["a frame of length 0", [Uint8Array.of(0, 0, 0, 0)], { code: "PROTOCOL_ERROR" }],
    [
      "a frame that was compressed unasked",
      [encodeFrame({ compression: "zstd" }, Buffer.alloc(9))],
      { code: "PROTOCOL_ERROR", message: expect.stringContaining("zstd") },
    ],
  ])("fail after what was received at %s [D1-44, D1-45, D2-6]", async (_what, pieces, expected) => {
    await using server = await startHttpServer(stream(frameOf(0, "a"), ...pieces));
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
  });

  it("do not open with an answer of another kind", async () => {
    await using server = await startHttpServer(({ response }) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(),
    );
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await rejectionOf(link.opened)).toMatchObject({
      code: "PROTOCOL_ERROR",
      message: expect.stringContaining("s2s/proto"),
    });
  });

  it("do not open beyond the tail, and say where it is [D1-38]", async () => {
    await using server = await startHttpServer(({ response }) =>
      response.writeHead(416).end('{"tail":{"seq_num":3,"timestamp":9}}'),
    );
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await rejectionOf(link.opened)).toMatchObject({ tail: { seq_num: 3, timestamp: 9 } });
  });

  it("pass on the advice to reconnect [H-5]", async () => {
    const advised = encodeFrame({ reconnectAdvised: true }, encodeReadBatch(batch(0, "a")));
    await using server = await startHttpServer(stream(advised));
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await link.next()).toMatchObject({ reconnectAdvised: true, records: [{ body: "a" }] });
  });

  it("are given up on abort", async () => {
    const abandoned = gate();
    await using server = await startHttpServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    const pulled = rejectionOf(link.next());
    link.abort(REASON);
    expect(await pulled).toBe(REASON);
    await abandoned.promise;
  });

  it("take from the network no more than is pulled [D2-7, G-6]", async () => {
    const frame = frameOf(0, "x".repeat(100_000));
    let written = 0;
    await using server = await startHttpServer(({ response }) => {
      response.writeHead(200, SESSION);
      const offer = (): void => {
        while (written < 300 * 1024 * 1024) {
          written += frame.length;
          if (!response.write(frame)) {
            response.once("drain", offer);
            return;
          }
        }
      };
      offer();
    });
    await using transport = disposable(create({ reads: framedReads() }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    await stalled(() => written);
    expect(written).toBeLessThan(32 * 1024 * 1024);
    link.abort(REASON);
  });
});

describe("framed reads with compression", () => {
  it("ask for it and decompress frames", async () => {
    const asked: unknown[] = [];
    const payload = encodeReadBatch(batch(0, "x".repeat(5000)));
    await using server = await startHttpServer((call) => {
      asked.push(call.request.headers["accept-encoding"]);
      stream(
        encodeFrame({ compression: "gzip" }, gzipSync(payload)),
        encodeFrame({ compression: "gzip" }, Buffer.from("no")),
      )(call);
    });
    await using transport = disposable(createFetchTransport({ reads: framedReads(), compression: "gzip" }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toHaveLength(5000);
    expect(await rejectionOf(link.next())).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(asked).toEqual(["gzip"]);
  });
});

describe("framed reads in a browser", () => {
  it("are refused: accept-encoding cannot be set there", () => {
    const { process, Request } = globalThis;
    // Browsers drop forbidden headers in silence.
    const Browsers = class extends Request {
      constructor(input: string, { headers: _, ...init }: RequestInit = {}) {
        super(input, init);
      }
    };
    try {
      Object.assign(globalThis, { process: undefined, Request: Browsers });
      expect(() => createDefaultTransport({ reads: framedReads() })).toThrow(
        expect.objectContaining({ code: "UNSUPPORTED", message: expect.stringContaining("accept-encoding") }),
      );
      Object.assign(globalThis, { Request });
      expect(() => createDefaultTransport({ reads: framedReads() })).not.toThrow();
    } finally {
      Object.assign(globalThis, { process, Request });
    }
  });
});
