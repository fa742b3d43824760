import { Agent } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startHttpServer } from "../test/http-server.js";
import {
  AS_STRING,
  ATTEMPT,
  batchEvent,
  DONE_EVENT,
  disposable,
  exchangeOptions,
  gate,
  readRequest,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import { createFetchTransport } from "./index.node.js";

describe("calls over node:http", () => {
  it("share a connection one after the other, and have one each at a time", async () => {
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    await using transport = disposable(createFetchTransport());
    for (let round = 0; round < 3; round += 1)
      await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(server.connections).toBe(1);
    await Promise.all(
      Array.from({ length: 4 }, () => transport.exchange(unaryRequest(server.url), exchangeOptions())),
    );
    expect(server.connections).toBeGreaterThan(1);
  });

  it("use an agent that is passed in, and leave it open", async () => {
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    const agent = new Agent({ keepAlive: true });
    let made = 0;
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (...args: Parameters<typeof create>) => {
      made += 1;
      return create(...args);
    };
    const transport = createFetchTransport({ agent });
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await transport.close();
    expect(made).toBe(1);
    expect(Object.keys(agent.freeSockets)).toHaveLength(1);
    agent.destroy();
    expect(() => createFetchTransport({ agent: 5 as never })).toThrow(/agent must be/);
  });

  it("give up a connection that does not come about in time, and prove that nothing was sent [D1-29]", async () => {
    // It accepts, and does not shake hands.
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await using transport = disposable(createFetchTransport({ connect: { timeout: 1 } }));
    const error = await rejectionOf(
      transport.exchange(unaryRequest(`https://127.0.0.1:${port}`), exchangeOptions()),
    );
    expect(error).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none", retryable: true });
    server.close();
  });

  it("know that nothing was sent to a server that speaks no TLS", async () => {
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    await using transport = disposable(createFetchTransport());
    const url = server.url.replace("http:", "https:");
    expect(await rejectionOf(transport.exchange(unaryRequest(url), exchangeOptions()))).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      message: expect.stringContaining("this is no TLS"),
    });
  });

  it("say so when the server does not speak HTTP/1.1", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.0\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await using transport = disposable(createFetchTransport());
    expect(
      await rejectionOf(transport.exchange(unaryRequest(`http://127.0.0.1:${port}`), exchangeOptions())),
    ).toMatchObject({
      code: "PROTOCOL_ERROR",
      retryable: false,
      message: expect.stringContaining("HTTP/1.1"),
    });
    server.close();
  });

  it("know that nothing was sent when they are aborted before they are connected", async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await using transport = disposable(createFetchTransport());
    const controller = new AbortController();
    const accepted = new Promise((resolve) => server.once("connection", resolve));
    const answer = rejectionOf(
      transport.exchange(unaryRequest(`https://127.0.0.1:${port}`), exchangeOptions(controller.signal)),
    );
    await accepted;
    controller.abort();
    expect(await answer).toMatchObject({ code: "ABORTED", sideEffect: "none" });
    server.close();
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("understand an answer in %s, as a fetch does", async (encoding, encode) => {
    await using server = await startHttpServer(({ response }) =>
      response.writeHead(200, { "content-encoding": encoding }).end(encode("what it says")),
    );
    await using transport = disposable(createFetchTransport());
    const { body } = await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(Buffer.from(body).toString()).toBe("what it says");
  });

  it.each([
    ["an unknown encoding", "rot13", Buffer.from("x")],
    ["damaged bytes", "gzip", Buffer.from("no gzip")],
  ])("are refused an answer in %s", async (_what, encoding, body) => {
    await using server = await startHttpServer(({ response }) =>
      response.writeHead(200, { "content-encoding": encoding }).end(body),
    );
    await using transport = disposable(createFetchTransport());
    expect(await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()))).toMatchObject({
      code: "PROTOCOL_ERROR",
    });
  });

  it("give compressed events at once, though the stream goes on", async () => {
    const pulled = gate();
    await using server = await startHttpServer(({ response }) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      response.write(gzipSync(batchEvent(0, ["a"])));
      void pulled.promise.then(() => response.end(gzipSync(DONE_EVENT)));
    });
    await using transport = disposable(createFetchTransport());
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records).toHaveLength(1);
    pulled.open();
    expect(await link.next()).toBeNull();
  });

  it.each(["nonsense", "ftp://127.0.0.1/", "http://127.0.0.1:99999/"])("refuse the URL %s", async (url) => {
    await using transport = disposable(createFetchTransport());
    const request = { method: "GET", url, headers: {} } as const;
    expect(await rejectionOf(transport.exchange(request, exchangeOptions()))).toMatchObject({
      code: "INVALID_ARGUMENT",
      sideEffect: "none",
    });
  });

  it("refuse a header that cannot be sent", async () => {
    await using transport = disposable(createFetchTransport());
    const request = { method: "GET", url: "http://127.0.0.1:9/", headers: { "s2-basin": "a\nb" } } as const;
    expect(await rejectionOf(transport.exchange(request, exchangeOptions()))).toMatchObject({
      code: "INVALID_ARGUMENT",
      sideEffect: "none",
    });
  });
});
