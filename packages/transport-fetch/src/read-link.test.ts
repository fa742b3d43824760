import { describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import {
  AS_BYTES,
  AS_STRING,
  ATTEMPT,
  batchEvent,
  DONE_EVENT,
  disposable,
  gate,
  pingEvent,
  REASON,
  readRequest,
  rejectionOf,
  stalled,
} from "../test/support.js";
import { createFetchTransport } from "./index.node.js";

const SSE = { "content-type": "text/event-stream" };

/** Answers with an event stream made of these pieces, each written on its own. */
function stream(...pieces: readonly (string | Uint8Array)[]): (call: ServerCall) => void {
  return ({ response }) => {
    response.writeHead(200, SSE);
    const write = (index: number): void => {
      if (index === pieces.length) response.end();
      else response.write(pieces[index], () => setImmediate(write, index + 1));
    };
    write(0);
  };
}

type Outcome = readonly [name: string, answer: (call: ServerCall) => void, expected: object];

const REFUSALS: readonly Outcome[] = [
  [
    "a position beyond the tail",
    ({ response }) => response.writeHead(416).end('{"tail":{"seq_num":3,"timestamp":9}}'),
    { code: "RANGE_NOT_SATISFIABLE", tail: { seq_num: 3, timestamp: 9 } },
  ],
  [
    "an unknown stream",
    ({ response }) => response.writeHead(404).end('{"code":"stream_not_found","message":"no"}'),
    { code: "stream_not_found", status: 404, retryable: false },
  ],
  ["403 without a body", ({ response }) => response.writeHead(403).end(), { status: 403, retryable: false }],
  [
    "an error whose body is cut",
    ({ response, socket }) => {
      response.writeHead(503, { "content-length": "99" });
      response.write("{", () => socket.destroy());
    },
    { status: 503, retryable: true },
  ],
  [
    "200 with a page of HTML",
    ({ response }) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    { code: "PROTOCOL_ERROR", retryable: false },
  ],
  [
    "a cut before the headers",
    ({ socket }) => socket.destroy(),
    { code: "CONNECTION_LOST", retryable: true },
  ],
];

const BREAKS: readonly Outcome[] = [
  [
    "the body ends without [DONE] [D1-31]",
    stream(batchEvent(0, ["a"])),
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "the body ends in the middle of an event",
    stream(batchEvent(0, ["a"]), "event: batch\ndata: {"),
    { code: "CONNECTION_LOST" },
  ],
  [
    "the last event lacks its empty line",
    stream(batchEvent(0, ["a"]), "data: [DONE]\n"),
    { code: "CONNECTION_LOST" },
  ],
  [
    "the connection is cut",
    ({ response, socket }) => {
      response.writeHead(200, SSE);
      response.write(batchEvent(0, ["a"]), () => setImmediate(() => socket.destroy()));
    },
    { code: "CONNECTION_LOST", retryable: true },
  ],
  [
    "the server says so [D2-19]",
    stream(batchEvent(0, ["a"]), 'event: error\ndata: {"code":"stream_deletion_pending","message":"x"}\n\n'),
    { code: "stream_deletion_pending", retryable: false },
  ],
  [
    "the server says so for a moment [D2-19]",
    stream(batchEvent(0, ["a"]), 'event: error\ndata: {"code":"unavailable","message":"x"}\n\n'),
    { code: "unavailable", retryable: true },
  ],
  [
    "a batch is not JSON",
    stream(batchEvent(0, ["a"]), "event: batch\ndata: {oops\n\n"),
    { code: "PROTOCOL_ERROR" },
  ],
];

describe("a read link over fetch", () => {
  it("gives batches, heartbeats as empty batches, and null at [DONE]", async () => {
    await using server = await startHttpServer(
      stream(batchEvent(0, ["a", "b"]), pingEvent(2), batchEvent(2, ["c"]), DONE_EVENT),
    );
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    expect((await link.next())?.records.map((record) => record.body)).toEqual(["a", "b"]);
    expect(await link.next()).toMatchObject({ records: [], tail: { seq_num: 2, timestamp: 1 } });
    expect((await link.next())?.records.map((record) => record.seq_num)).toEqual([2]);
    expect(await link.next()).toBeNull();
    expect(await link.next()).toBeNull();
    expect(link.bytesReceived).toBeGreaterThan(100);
  });

  it("asks for base64 when records are wanted as bytes", async () => {
    const asked: unknown[] = [];
    await using server = await startHttpServer((call) => {
      asked.push([
        call.request.headers.accept,
        call.request.headers["s2-format"],
        call.request.headers.authorization,
      ]);
      const base64 = Buffer.from([0, 255, 1]).toString("base64");
      stream(batchEvent(0, [base64]), DONE_EVENT)(call);
    });
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_BYTES, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toEqual(new Uint8Array([0, 255, 1]));
    const text = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await text.opened;
    text.abort(REASON);
    link.abort(REASON);
    expect(asked).toEqual([
      ["text/event-stream", "base64", "Bearer secret"],
      ["text/event-stream", "raw", "Bearer secret"],
    ]);
  });

  it("reads events cut at every byte, with any line ends, odd fields and a byte order mark [D1-32, D1-33]", async () => {
    const text = [
      "\uFEFFretry: 5\nwhatever: 1\n: comment\n",
      batchEvent(0, ["grüße 🎉"]).replaceAll("\n", "\r\n"),
      "data\r\r",
      "event:\rid\r\ndata:\r\n\n",
      batchEvent(1, [""]).replaceAll("\n", "\r"),
      "data:[DONE]\r\n\r\n",
    ].join("");
    const pieces = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
    await using server = await startHttpServer(stream(...pieces));
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toBe("grüße 🎉");
    expect((await link.next())?.records).toMatchObject([{ seq_num: 1, body: "" }]);
    expect(await link.next()).toBeNull();
  });

  it.each(REFUSALS)("does not open after %s [D2-5, D1-59]", async (_name, answer, expected) => {
    await using server = await startHttpServer(answer);
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    const pulled = rejectionOf(link.next());
    expect(await rejectionOf(link.opened)).toMatchObject(expected);
    expect(await pulled).toMatchObject(expected);
  });

  it.each(BREAKS)("fails after what was received when %s", async (_name, answer, expected) => {
    await using server = await startHttpServer(answer);
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
    expect(await rejectionOf(link.next())).toMatchObject(expected);
  });

  it("rejects a pending pull with the reason of an abort, and gives the request up [D2-31]", async () => {
    const abandoned = gate();
    await using server = await startHttpServer((call) => {
      call.response.writeHead(200, SSE).flushHeaders();
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await link.opened;
    const pulled = rejectionOf(link.next());
    link.abort(REASON);
    expect(await pulled).toBe(REASON);
    await abandoned.promise;
    expect(await rejectionOf(link.next())).toBe(REASON);
  });

  it("can be aborted before the server has answered [D1-17]", async () => {
    const reached = gate();
    const abandoned = gate();
    await using server = await startHttpServer((call) => {
      reached.open();
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    await reached.promise;
    link.abort(REASON);
    expect(await rejectionOf(link.opened)).toBe(REASON);
    await abandoned.promise;
  });

  it("lets the connection serve again after a clean end", async () => {
    await using server = await startHttpServer(({ response }) => {
      response.writeHead(200, SSE).end(batchEvent(0, ["a"]) + DONE_EVENT);
    });
    await using transport = disposable(createFetchTransport());
    for (let round = 0; round < 3; round += 1) {
      const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
      while ((await link.next()) !== null);
      await stalled(() => server.open);
    }
    expect(server.connections).toBe(1);
  });

  it("takes from the network no more than is pulled [D1-34, D2-7, G-6]", async () => {
    const event = batchEvent(0, ["x".repeat(100_000)]);
    let written = 0;
    await using server = await startHttpServer(({ response }) => {
      response.writeHead(200, SSE);
      const offer = (): void => {
        while (written < 300 * 1024 * 1024) {
          written += event.length;
          if (!response.write(event)) {
            response.once("drain", offer);
            return;
          }
        }
      };
      offer();
    });
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    await stalled(() => written);
    // What the sockets' own buffers take counts as well.
    expect(written).toBeLessThan(32 * 1024 * 1024);
    link.abort(REASON);
  });

  it("does not ask anything of a closed transport", async () => {
    const transport = createFetchTransport();
    await transport.close();
    const link = transport.openRead(readRequest("http://127.0.0.1:9"), AS_STRING, ATTEMPT);
    expect(await rejectionOf(link.opened)).toMatchObject({ code: "SESSION_CLOSED" });
  });
});
