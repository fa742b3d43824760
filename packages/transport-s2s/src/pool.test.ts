import { createSecureServer } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { CERT, KEY } from "../test/certificate.js";
import { createFakeClock } from "../test/fake-clock.js";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import {
  AS_STRING,
  ATTEMPT,
  disposable,
  exchangeOptions,
  gate,
  heartbeatFrame,
  REASON,
  readRequest,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const answerOk = (r: RawRequest): void => r.send(r.headers(200), r.data("ok", true));

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address !== "object" || address === null || !("port" in address)) throw new Error("no address");
  return Number(address.port);
}

describe("the pool of connections", () => {
  it("lets two first requests share one dial [D1-15, D1-71]", async () => {
    await using server = await startRawServer(answerOk);
    await using transport = disposable(createS2sTransport());
    const send = () => transport.exchange(unaryRequest(server.url), exchangeOptions());
    await Promise.all([send(), send(), send()]);
    await send();
    expect(server.connections).toBe(1);
  });

  it("opens a second connection when a hundred requests are open on the first [H-22]", async () => {
    const answers: (() => void)[] = [];
    await using server = await startRawServer((r) => answers.push(() => answerOk(r)));
    await using transport = disposable(createS2sTransport());
    const send = () => transport.exchange(unaryRequest(server.url), exchangeOptions());
    const open = Array.from({ length: 100 }, send);
    await expect.poll(() => answers.length).toBe(100);
    expect(server.connections).toBe(1);
    open.push(send());
    await expect.poll(() => answers.length).toBe(101);
    expect(server.connections).toBe(2);
    for (const answer of answers) answer();
    await Promise.all(open);
  });

  it("opens a further one at a lower limit of its own, also for those who waited for the dial", async () => {
    const answers: (() => void)[] = [];
    await using server = await startRawServer((r) => answers.push(() => answerOk(r)));
    await using transport = disposable(createS2sTransport({ maxStreamsPerConnection: 2 }));
    const open = Array.from({ length: 5 }, () =>
      transport.exchange(unaryRequest(server.url), exchangeOptions()),
    );
    await expect.poll(() => answers.length).toBe(5);
    expect(server.connections).toBe(3);
    for (const answer of answers) answer();
    await Promise.all(open);
  });

  it("respects a lower limit of the peer, also for those who waited for the dial", async () => {
    const answers: (() => void)[] = [];
    await using server = await startRawServer((r) => answers.push(() => answerOk(r)), { maxStreams: 2 });
    await using transport = disposable(createS2sTransport());
    const open = Array.from({ length: 5 }, () =>
      transport.exchange(unaryRequest(server.url), exchangeOptions()),
    );
    await expect.poll(() => answers.length).toBe(5);
    expect(server.connections).toBe(3);
    for (const answer of answers) answer();
    await Promise.all(open);
  });

  it("gives a place back when its request is done or aborted", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(200), r.data(heartbeatFrame(0))), {
      maxStreams: 1,
    });
    await using transport = disposable(createS2sTransport());
    for (let round = 0; round < 3; round += 1) {
      const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
      await link.next();
      link.abort(REASON);
      // The stream's own close frees the place.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(server.connections).toBe(1);
  });

  it("dials anew after the server has said goodbye, while what it has goes on [G-11]", async () => {
    const requests: RawRequest[] = [];
    await using server = await startRawServer((r) => requests.push(r));
    await using transport = disposable(createS2sTransport());
    const first = transport.exchange(unaryRequest(server.url), exchangeOptions());
    await expect.poll(() => requests.length).toBe(1);
    const [old] = requests as [RawRequest];
    old.send(old.goaway(old.id, 0));
    await expect
      .poll(async () => {
        void transport.exchange(unaryRequest(server.url), exchangeOptions()).catch(() => {});
        return server.connections;
      })
      .toBeGreaterThan(1);
    answerOk(old);
    expect((await first).status).toBe(200);
    await transport.close();
  });

  it("dials anew after the connection broke", async () => {
    let requests = 0;
    await using server = await startRawServer((r) => {
      requests += 1;
      if (requests === 1) r.socket.destroy();
      else answerOk(r);
    });
    await using transport = disposable(createS2sTransport());
    await rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()));
    expect((await transport.exchange(unaryRequest(server.url), exchangeOptions())).status).toBe(200);
  });

  it("tells everyone who waited when the port is closed, and tries again for the next", async () => {
    const closed = await startRawServer(answerOk);
    await closed[Symbol.asyncDispose]();
    await using transport = disposable(createS2sTransport());
    const send = () => transport.exchange(unaryRequest(closed.url), exchangeOptions());
    const errors = await Promise.all([rejectionOf(send()), rejectionOf(send())]);
    for (const error of errors)
      expect(error).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none", retryable: true });
    expect(await rejectionOf(send())).toMatchObject({ code: "CONNECT_FAILED" });
  });

  it("gives a dial up when the peer stays silent for connectionTimeoutMillis", async () => {
    const clock = createFakeClock();
    await using server = await startRawServer(answerOk, { sendSettings: false });
    await using transport = disposable(createS2sTransport({ clock, connectionTimeoutMillis: 500 }));
    const answer = rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()));
    await expect.poll(() => server.open).toBe(1);
    clock.advance(500);
    expect(await answer).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none", retryable: true });
    expect((await answer).message).toContain("500 ms");
    await server.allClosed();
  });

  it("fails a dial whose peer hangs up", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using transport = disposable(createS2sTransport());
    const error = await rejectionOf(
      transport.exchange(unaryRequest(`http://127.0.0.1:${portOf(server)}`), exchangeOptions()),
    );
    expect(error).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none" });
    server.close();
  });

  it("closes a connection that has been idle for long", async () => {
    const clock = createFakeClock();
    await using server = await startRawServer(answerOk);
    await using transport = disposable(createS2sTransport({ clock, idleTimeoutMillis: 60_000 }));
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    clock.advance(59_999);
    expect((await transport.exchange(unaryRequest(server.url), exchangeOptions())).status).toBe(200);
    expect(server.connections).toBe(1);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    clock.advance(60_000);
    await server.allClosed();
  });

  it("cuts off a peer that does not answer the end of the connection within a second", async () => {
    const clock = createFakeClock();
    const deaf = gate();
    await using server = await startRawServer((r) => {
      answerOk(r);
      // Reads neither the goodbye nor the end of what is sent, and does not end its own side.
      r.socket.pause();
      r.socket.allowHalfOpen = true;
      deaf.open();
    });
    const transport = createS2sTransport({ clock });
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await deaf.promise;
    let isClosed = false;
    const closed = transport.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(isClosed).toBe(false);
    clock.advance(1000);
    await closed;
  });

  it("notices by pings that the peer is gone, while a request is open", async () => {
    const clock = createFakeClock();
    const reached = gate();
    await using server = await startRawServer(() => reached.open(), { answerPings: false });
    await using transport = disposable(createS2sTransport({ clock }));
    const answer = rejectionOf(transport.exchange(unaryRequest(server.url), exchangeOptions()));
    await reached.promise;
    clock.advance(20_000);
    clock.advance(10_000);
    expect(await answer).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible", retryable: true });
  });

  it("goes on when pings are answered", async () => {
    const clock = createFakeClock();
    const requests: RawRequest[] = [];
    await using server = await startRawServer((r) => {
      requests.push(r);
      if (requests.length > 1) answerOk(r);
    });
    await using transport = disposable(createS2sTransport({ clock }));
    const send = () => transport.exchange(unaryRequest(server.url), exchangeOptions());
    const answer = send();
    await expect.poll(() => requests.length).toBe(1);
    const [request] = requests as [RawRequest];
    for (let round = 1; round <= 3; round += 1) {
      clock.advance(20_000);
      await request.pinged(round);
      // Its answer is behind the answer to the ping.
      await send();
    }
    answerOk(request);
    expect((await answer).status).toBe(200);
    expect(server.connections).toBe(1);
  });

  it("tells the peer the windows that it was given, of each stream and of the connection", async () => {
    const MIB = 1024 * 1024;
    const given = { initialStreamWindowSize: 3 * MIB, connectionWindowSize: 7 * MIB };
    await using server = await startRawServer(answerOk);
    await using transport = disposable(createS2sTransport(given));
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await expect.poll(() => server.windows()).toEqual({ stream: 3 * MIB, connection: 7 * MIB });
  });

  it("refuses windows and times out of range", () => {
    for (const options of [
      { initialStreamWindowSize: 65_534 },
      { connectionWindowSize: 2 ** 31 },
      { initialStreamWindowSize: Number.NaN },
      { connectionTimeoutMillis: 0 },
      { maxStreamsPerConnection: 0 },
      { maxStreamsPerConnection: 101 },
      { keepAliveIntervalMillis: Number.POSITIVE_INFINITY },
      { compression: "brotli" as "gzip" },
    ]) {
      expect(() => createS2sTransport(options)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    }
  });
});

describe("a connection over TLS", () => {
  it("negotiates h2 and trusts the certificate it is given", async () => {
    const server = createSecureServer({ cert: CERT, key: KEY });
    server.on("stream", (stream) => {
      stream.respond({ ":status": 200 });
      stream.end("secure");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using transport = disposable(createS2sTransport({ tls: { ca: CERT } }));
    const response = await transport.exchange(
      unaryRequest(`https://127.0.0.1:${portOf(server)}`),
      exchangeOptions(),
    );
    expect(Buffer.from(response.body).toString()).toBe("secure");
    await transport.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it("does not try again when the certificate is not accepted", async () => {
    const server = createSecureServer({ cert: CERT, key: KEY });
    server.on("sessionError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using transport = disposable(createS2sTransport());
    const error = await rejectionOf(
      transport.exchange(unaryRequest(`https://127.0.0.1:${portOf(server)}`), exchangeOptions()),
    );
    expect(error).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none", retryable: false });
    await new Promise((resolve) => server.close(resolve));
  });

  it("says so when the endpoint speaks no TLS at all", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(200, true)));
    await using transport = disposable(createS2sTransport());
    const url = server.url.replace("http:", "https:");
    expect(await rejectionOf(transport.exchange(unaryRequest(url), exchangeOptions()))).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      message: expect.stringContaining("this is no TLS"),
    });
  });

  it.each([
    ["knows no ALPN", undefined],
    ["knows only HTTP/1.1", ["http/1.1"]],
  ])("says so when the endpoint %s", async (_name, protocols) => {
    const server = createTlsServer(
      { cert: CERT, key: KEY, ...(protocols === undefined ? {} : { ALPNProtocols: protocols }) },
      (socket) => socket.on("error", () => {}),
    );
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using transport = disposable(createS2sTransport({ tls: { ca: CERT } }));
    const error = await rejectionOf(
      transport.exchange(unaryRequest(`https://127.0.0.1:${portOf(server)}`), exchangeOptions()),
    );
    expect(error).toMatchObject({ code: "UNSUPPORTED", sideEffect: "none", retryable: false });
    await new Promise((resolve) => server.close(resolve));
  });
});
