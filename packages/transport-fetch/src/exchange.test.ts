import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import { disposable, exchangeOptions, gate, rejectionOf, unaryRequest } from "../test/support.js";
import { createFetchTransport as createDefaultTransport } from "./index.js";
import { createFetchTransport } from "./index.node.js";

type Outcome = readonly [name: string, answer: (call: ServerCall) => void, expected: object];

const FAILURES: readonly Outcome[] = [
  [
    "the connection is cut before the headers",
    ({ socket }) => socket.destroy(),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "the connection is reset before the headers",
    ({ socket }) => socket.resetAndDestroy(),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "the body is cut",
    ({ response, socket }) => {
      response.writeHead(200, { "content-length": "50" });
      response.write("x", () => socket.destroy());
    },
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "a chunked body is cut",
    ({ response, socket }) => {
      response.writeHead(200);
      response.write("x", () => socket.destroy());
    },
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
];

describe("an exchange over fetch", () => {
  it("gives status, headers in lower case and the whole body", async () => {
    await using server = await startHttpServer(({ request, response, body }) => {
      response.writeHead(201, { "S2-Provision-Result": "created" });
      response.end(
        `${request.method} ${request.url} ${request.headers.authorization} ${request.headers["content-type"]} ${body}`,
      );
    });
    await using transport = disposable(createFetchTransport());
    const response = await transport.exchange(unaryRequest(server.url, Buffer.from("{}")), exchangeOptions());
    expect(response.status).toBe(201);
    expect(response.headers["s2-provision-result"]).toBe("created");
    expect(Buffer.from(response.body).toString()).toBe("POST /v1/basins Bearer secret application/json {}");
  });

  it.each([400, 404, 412, 500, 302])("gives an answer with status %i as an answer", async (status) => {
    await using server = await startHttpServer(({ response }) =>
      response.writeHead(status, { location: "/" }).end("why"),
    );
    await using transport = disposable(createFetchTransport());
    const response = await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(response.status).toBe(status);
    expect(Buffer.from(response.body).toString()).toBe("why");
  });

  it.each(FAILURES)("rejects when %s", async (_name, answer, expected) => {
    await using server = await startHttpServer(answer);
    await using transport = disposable(createFetchTransport());
    expect(await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()))).toMatchObject(
      expected,
    );
  });

  it("rejects with what proves that nothing was sent when the port is closed", async () => {
    const closed = await startHttpServer(() => {});
    await closed[Symbol.asyncDispose]();
    await using transport = disposable(createFetchTransport());
    const error = await rejectionOf(transport.exchange(unaryRequest(closed.url), exchangeOptions()));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none", retryable: true });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("makes no request when the signal is aborted already [D2-4, H-2]", async () => {
    let calls = 0;
    const transport = createFetchTransport({
      fetch: () => {
        calls += 1;
        return new Promise(() => {});
      },
    });
    const reason = new Error("not wanted");
    const error = await rejectionOf(
      transport.exchange(unaryRequest("http://127.0.0.1:9"), exchangeOptions(AbortSignal.abort(reason))),
    );
    expect(error).toMatchObject({ code: "ABORTED", status: 499, sideEffect: "none", cause: reason });
    expect(calls).toBe(0);
  });

  it("gives the request up on abort, at once, whatever fetch does about its signal [G-5, H-2]", async () => {
    const reason = new Error("not wanted");
    const controller = new AbortController();
    const reached = gate();
    const abandoned = gate();
    await using server = await startHttpServer((call) => {
      reached.open();
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(createFetchTransport());
    const answer = rejectionOf(
      transport.exchange(unaryRequest(server.url), exchangeOptions(controller.signal)),
    );
    await reached.promise;
    controller.abort(reason);
    expect(await answer).toMatchObject({ code: "ABORTED", sideEffect: "possible", cause: reason });
    await abandoned.promise;

    const deaf = createFetchTransport({ fetch: () => new Promise(() => {}) });
    const second = new AbortController();
    const unanswered = rejectionOf(deaf.exchange(unaryRequest(server.url), exchangeOptions(second.signal)));
    second.abort(reason);
    expect(await unanswered).toMatchObject({ code: "ABORTED", sideEffect: "possible" });
  });

  it("cancels the body of an answer that comes after an abort", async () => {
    const cancelled = gate<unknown>();
    const late = gate<Response>();
    const controller = new AbortController();
    const transport = createFetchTransport({ fetch: () => late.promise });
    const answer = rejectionOf(
      transport.exchange(unaryRequest("http://127.0.0.1:9"), exchangeOptions(controller.signal)),
    );
    controller.abort(new Error("not wanted"));
    await answer;
    late.open(new Response(new ReadableStream({ cancel: cancelled.open })));
    await cancelled.promise;
  });

  it("leaves no listener on the signal [D1-18]", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener") listeners += 1;
        if (name === "removeEventListener") listeners -= 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    await using transport = disposable(createFetchTransport());
    for (let round = 0; round < 3; round += 1)
      await transport.exchange(unaryRequest(server.url), exchangeOptions(counted));
    expect(listeners).toBe(0);
  });

  it("compresses a body that is worth it and understands a compressed answer", async () => {
    await using server = await startHttpServer(({ request, response, body }) => {
      const plain = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      const text = `${request.headers["accept-encoding"]} ${request.headers["content-encoding"]} ${plain.length}`;
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text));
    });
    await using transport = disposable(createFetchTransport({ compression: "gzip" }));
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

  it("asks for plain answers when there is no compression", async () => {
    await using server = await startHttpServer(({ request, response }) =>
      response.end(request.headers["accept-encoding"]),
    );
    await using transport = disposable(createFetchTransport());
    const response = await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(Buffer.from(response.body).toString()).toBe("identity");
  });

  it("refuses options that cannot be", () => {
    expect(() => createFetchTransport({ compression: "brotli" as "gzip" })).toThrow(/compression must be/);
    expect(() => createDefaultTransport({ compression: "zstd" })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED" }),
    );
    expect(() => createFetchTransport({ fetch: 5 as never })).toThrow(/fetch must be a function/);
  });

  it("settles what is open when the transport is closed, and refuses what comes later", async () => {
    const reached = gate();
    await using server = await startHttpServer(() => reached.open());
    const transport = createFetchTransport();
    const answer = rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()));
    await reached.promise;
    await transport.close();
    expect(await answer).toMatchObject({ code: "SESSION_CLOSED", sideEffect: "possible" });
    expect(await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()))).toMatchObject({
      code: "SESSION_CLOSED",
      sideEffect: "none",
    });
  });
});

describe("the entry for runtimes other than Node.js", () => {
  it("looks the global fetch up at each call, and calls it without a this", async () => {
    await using transport = disposable(createDefaultTransport());
    const original = globalThis.fetch;
    const inits: RequestInit[] = [];
    const receivers: unknown[] = [];
    globalThis.fetch = async function (this: unknown, _url: unknown, init?: RequestInit) {
      receivers.push(this);
      inits.push(init ?? {});
      return new Response("later", { status: 200 });
    };
    try {
      const response = await transport.exchange(unaryRequest("http://127.0.0.1:9"), exchangeOptions());
      expect(Buffer.from(response.body).toString()).toBe("later");
    } finally {
      globalThis.fetch = original;
    }
    expect(receivers.every((receiver) => receiver === undefined || receiver === globalThis)).toBe(true);
    // Deno and workerd refuse further fields; `cache` is tried first.
    expect(Object.keys(inits[0] ?? {}).sort()).toEqual(["cache", "headers", "method", "redirect", "signal"]);
    expect(inits[0]?.cache).toBe("no-store");
  });

  it("leaves out `cache` where the runtime refuses it, as some workers do", async () => {
    const original = globalThis.Request;
    const inits: RequestInit[] = [];
    const transport = createDefaultTransport({
      fetch: async (_url, init) => {
        inits.push(init ?? {});
        return new Response("fresh", { status: 200 });
      },
    });
    globalThis.Request = class extends original {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        if (init?.cache !== undefined) throw new TypeError("The 'cache' field is not implemented.");
        super(input, init);
      }
    };
    try {
      const response = await transport.exchange(unaryRequest("http://127.0.0.1:9"), exchangeOptions());
      expect(Buffer.from(response.body).toString()).toBe("fresh");
    } finally {
      globalThis.Request = original;
    }
    expect(inits[0]).not.toHaveProperty("cache");
  });

  it("refuses to follow a redirect that a browser hides", async () => {
    const opaque = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
    const transport = createDefaultTransport({ fetch: async () => opaque });
    expect(
      await rejectionOf(transport.exchange(unaryRequest("http://127.0.0.1:9"), exchangeOptions())),
    ).toMatchObject({
      code: "PROTOCOL_ERROR",
    });
  });
});
