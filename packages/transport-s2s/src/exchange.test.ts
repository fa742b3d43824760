import { createServer as createHttp1Server } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import { disposable, exchangeOptions, gate, rejectionOf, unaryRequest } from "../test/support.js";
import { createS2sTransport } from "./transport.js";

type Outcome = readonly [name: string, answer: (request: RawRequest) => void, expected: object];

const FAILURES: readonly Outcome[] = [
  [
    "the connection is cut before the headers",
    (r) => r.socket.destroy(),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "the peer refuses it",
    (r) => r.send(r.rst(7)),
    { code: "REQUEST_REFUSED", sideEffect: "none", retryable: true },
  ],
  [
    "a GOAWAY names it as never looked at",
    (r) => r.send(r.goaway(0, 0)),
    { code: "REQUEST_REFUSED", sideEffect: "none", retryable: true },
  ],
  [
    "the body is cut by RST_STREAM(NO_ERROR)",
    (r) => r.send(r.headers(200), r.data("{"), r.rst(0)),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "the body is cut by RST_STREAM(CANCEL)",
    (r) => r.send(r.headers(200), r.data("{"), r.rst(8)),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  ["the peer demands HTTP/1.1", (r) => r.send(r.rst(13)), { code: "UNSUPPORTED", retryable: false }],
];

interface H2Call {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function startHttp2Server(handle: (call: H2Call) => void): Promise<{ url: string } & AsyncDisposable> {
  const server: Http2Server = createHttp2Server();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => handle({ stream, headers, body: Buffer.concat(chunks) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("an exchange over HTTP/2", () => {
  it("gives status, headers in lower case and the whole body", async () => {
    await using server = await startHttp2Server(({ stream, headers, body }) => {
      stream.respond({ ":status": 201, "s2-provision-result": "created" });
      stream.end(
        `${headers[":method"]} ${headers[":path"]} ${headers.authorization} ${headers["user-agent"]} ${body}`,
      );
    });
    await using transport = disposable(createS2sTransport({ userAgent: "test/1" }));
    const response = await transport.exchange(unaryRequest(server.url, Buffer.from("{}")), exchangeOptions());
    expect(response.status).toBe(201);
    expect(response.headers["s2-provision-result"]).toBe("created");
    expect(Buffer.from(response.body).toString()).toBe("POST /v1/basins Bearer secret test/1 {}");
  });

  it.each([204, 400, 404, 412, 500])("gives an answer with status %i as an answer", async (status) => {
    await using server = await startRawServer((r) => {
      if (status === 204) r.send(r.headers(status, true));
      else r.send(r.headers(status), r.data("why", true));
    });
    await using transport = disposable(createS2sTransport());
    const response = await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(response.status).toBe(status);
    expect(Buffer.from(response.body).toString()).toBe(status === 204 ? "" : "why");
  });

  it.each(FAILURES)("rejects when %s", async (_name, answer, expected) => {
    await using server = await startRawServer(answer);
    await using transport = disposable(createS2sTransport());
    expect(await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()))).toMatchObject(
      expected,
    );
  });

  it("sends nothing more to a connection whose server drains", async () => {
    await using server = await startRawServer((r) => {
      r.send(r.headers(503), r.data('{"code":"server_draining","message":"x"}', true));
    });
    await using transport = disposable(createS2sTransport());
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(server.connections).toBe(2);
  });

  it("makes no request when the signal is aborted already [D2-4, H-2]", async () => {
    await using server = await startRawServer(() => {});
    await using transport = disposable(createS2sTransport());
    const reason = new Error("not wanted");
    const error = await rejectionOf(
      transport.exchange(unaryRequest(server.url), exchangeOptions(AbortSignal.abort(reason))),
    );
    expect(error).toMatchObject({ code: "ABORTED", sideEffect: "none", cause: reason });
    expect(server.connections).toBe(0);
  });

  it("resets the request on abort, and rejects at once with the reason [G-5, H-2]", async () => {
    const reset = gate<number>();
    const reached = gate();
    const controller = new AbortController();
    const reason = new Error("not wanted");
    await using server = await startRawServer((r) => {
      reached.open();
      void r.reset.then(reset.open);
    });
    await using transport = disposable(createS2sTransport());
    const answer = rejectionOf(
      transport.exchange(unaryRequest(server.url), exchangeOptions(controller.signal)),
    );
    await reached.promise;
    controller.abort(reason);
    expect(await answer).toMatchObject({ code: "ABORTED", sideEffect: "possible", cause: reason });
    expect(await reset.promise).toBe(8);
  });

  it("knows that nothing was sent when it is aborted while the connection opens", async () => {
    const controller = new AbortController();
    await using server = await startRawServer(() => {}, { sendSettings: false });
    await using transport = disposable(createS2sTransport());
    const answer = rejectionOf(
      transport.exchange(unaryRequest(server.url), exchangeOptions(controller.signal)),
    );
    await expect.poll(() => server.open).toBe(1);
    controller.abort();
    expect(await answer).toMatchObject({ code: "ABORTED", sideEffect: "none" });
    // Nobody waits for this connection any more.
    await server.allClosed();
  });

  it("leaves no listener on the signal [D1-18]", async () => {
    let listeners = 0;
    const counted = new Proxy(new AbortController().signal, {
      get(target, name) {
        if (name === "addEventListener") listeners += 1;
        if (name === "removeEventListener") listeners -= 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await using server = await startRawServer((r) => r.send(r.headers(200), r.data("ok", true)));
    await using transport = disposable(createS2sTransport());
    for (let round = 0; round < 3; round += 1)
      await transport.exchange(unaryRequest(server.url), exchangeOptions(counted));
    expect(listeners).toBe(0);
  });

  it("compresses a body that is worth it and understands a compressed answer [H-20]", async () => {
    await using server = await startHttp2Server(({ stream, headers, body }) => {
      const plain = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      stream.respond({ ":status": 200, "content-encoding": "gzip" });
      stream.end(gzipSync(`${headers["accept-encoding"]} ${headers["content-encoding"]} ${plain.length}`));
    });
    await using transport = disposable(createS2sTransport({ compression: "gzip" }));
    const send = async (bytes: number): Promise<string> => {
      const response = await transport.exchange(
        unaryRequest(server.url, Buffer.alloc(bytes)),
        exchangeOptions(),
      );
      return Buffer.from(response.body).toString();
    };
    expect(await send(1024)).toBe("gzip gzip 1024");
    expect(await send(1023)).toBe("gzip undefined 1023");
  });

  it("says that an endpoint speaks only HTTP/1.1, before anything is sent", async () => {
    let requests = 0;
    const server = createHttp1Server((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    await using transport = disposable(createS2sTransport());
    const error = await rejectionOf(
      transport.exchange(unaryRequest(`http://127.0.0.1:${address.port}`), exchangeOptions()),
    );
    expect(error).toMatchObject({ code: "UNSUPPORTED", retryable: false, sideEffect: "none" });
    expect(requests).toBe(0);
    server.closeAllConnections();
    server.close();
  });

  it("refuses a header that cannot be sent, and goes on with the next request", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(200), r.data("ok", true)));
    await using transport = disposable(createS2sTransport());
    const bad = { ...unaryRequest(server.url), headers: { connection: "close" } };
    expect(await rejectionOf(transport.exchange(bad, exchangeOptions()))).toMatchObject({
      code: "INVALID_ARGUMENT",
      sideEffect: "none",
    });
    expect((await transport.exchange(unaryRequest(server.url), exchangeOptions())).status).toBe(200);
  });

  it("settles what is open when the transport is closed, and refuses what comes later", async () => {
    const reached = gate();
    await using server = await startRawServer(() => reached.open());
    const transport = createS2sTransport();
    const answer = rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()));
    await reached.promise;
    await transport.close();
    expect(await answer).toMatchObject({ code: "SESSION_CLOSED", sideEffect: "possible" });
    expect(await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()))).toMatchObject({
      code: "SESSION_CLOSED",
      sideEffect: "none",
    });
    await server.allClosed();
  });
});
