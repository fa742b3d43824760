import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf } from "../../src/expecting.js";
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY } from "../../src/networks/certificates.js";
import { streamThrough } from "../../src/networks/client.js";
import { startConnectProxy } from "../../src/networks/connect-proxy.js";
import { startTlsFront } from "../../src/networks/tls-front.js";
import type { BuiltInWire } from "../../src/targets.js";

const BOTH = ["h2", "http/1.1"];
const MUTUAL = { ALPNProtocols: BOTH, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true };

let local: LocalServer;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.close());

describe.each<BuiltInWire>(["fetch", "s2s"])("over %s", (wire) => {
  it("trusts a server that an authority of one's own has vouched for", async () => {
    await using front = await startTlsFront(local.port, { ALPNProtocols: BOTH });
    const connect = { ca: AUTHORITY };
    await using network = await streamThrough(local, `https://localhost:${front.port}`, wire, { connect });
    expect((await network.stream.append({ body: "a" })).start.seq_num).toBe(0);
  });

  it("does not try again when nobody known has vouched for the server", async () => {
    await using front = await startTlsFront(local.port, { ALPNProtocols: BOTH });
    await using network = await streamThrough(local, `https://localhost:${front.port}`, wire);
    const error = await errorOf(network.stream.append({ body: "a" }));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: false, sideEffect: "none" });
  });

  it("asks nobody who vouches where it is told to, as a server's own certificate may need", async () => {
    await using front = await startTlsFront(local.port, { ALPNProtocols: BOTH });
    const connect = { rejectUnauthorized: false };
    await using network = await streamThrough(local, `https://localhost:${front.port}`, wire, { connect });
    expect((await network.stream.append({ body: "a" })).start.seq_num).toBe(0);
  });

  it("does not try again when the certificate is for another name", async () => {
    await using front = await startTlsFront(local.port, { ALPNProtocols: BOTH });
    const connect = { ca: AUTHORITY, servername: "elsewhere.test" };
    await using network = await streamThrough(local, `https://localhost:${front.port}`, wire, { connect });
    const error = await errorOf(network.stream.append({ body: "a" }));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: false, sideEffect: "none" });
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "shows a client's certificate to a server that demands one: %s",
    async (maxVersion) => {
      await using front = await startTlsFront(local.port, { ...MUTUAL, maxVersion });
      const connect = { ca: AUTHORITY, cert: CLIENT_CERT, key: CLIENT_KEY };
      await using network = await streamThrough(local, `https://localhost:${front.port}`, wire, { connect });
      expect((await network.stream.append({ body: "a" })).start.seq_num).toBe(0);
    },
  );

  it.each(["directly", "through a proxy"])("fails a call whose certificate is none, %s", async (way) => {
    await using front = await startTlsFront(local.port, { ALPNProtocols: BOTH });
    await using proxy = await startConnectProxy();
    const connect = {
      ...(way === "directly" ? {} : { proxy: `http://127.0.0.1:${proxy.port}` }),
      cert: "no certificate",
      key: "no key",
    };
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, { connect });
    const error = await errorOf(network.stream.append({ body: "a" }));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: false, sideEffect: "none" });
    expect(error.message).toMatch(/PEM|start line/i);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "does not try again when the server demands a certificate and is shown none: %s",
    async (maxVersion) => {
      await using front = await startTlsFront(local.port, { ...MUTUAL, maxVersion });
      const connect = { ca: AUTHORITY };
      await using network = await streamThrough(local, `https://localhost:${front.port}`, wire, { connect });
      const error = await errorOf(network.stream.append({ body: "a" }));
      expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: false, sideEffect: "none" });
      expect(error.message).toMatch(/certificate|handshake/);
    },
  );
});

describe.each([
  ["negotiates no protocol", undefined],
  ["offers HTTP/1.1 alone", ["http/1.1"]],
])("behind a proxy that ends TLS and %s", (_, protocols) => {
  const options = protocols === undefined ? {} : { ALPNProtocols: protocols };

  it("s2s is refused at once, and the error names the transport that works", async () => {
    await using front = await startTlsFront(local.port, options);
    const connect = { ca: AUTHORITY };
    await using network = await streamThrough(local, `https://localhost:${front.port}`, "s2s", { connect });
    const error = await errorOf(network.stream.append({ body: "a" }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", retryable: false, sideEffect: "none" });
    expect(error.message).toMatch(/does not speak HTTP\/2.*fetch transport/);
  });

  it("fetch carries an append", async () => {
    await using front = await startTlsFront(local.port, options);
    const connect = { ca: AUTHORITY };
    await using network = await streamThrough(local, `https://localhost:${front.port}`, "fetch", { connect });
    expect((await network.stream.append({ body: "a" })).start.seq_num).toBe(0);
  });
});
