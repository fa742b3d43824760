import { createServer } from "node:net";
import { createObserver, S2, type S2Stream } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { errorOf, take } from "../../src/expecting.js";
import { runLeaving } from "../../src/leaving/run.js";
import { freshBasinName } from "../../src/names.js";
import { AUTHORITY } from "../../src/networks/certificates.js";
import { streamThrough } from "../../src/networks/client.js";
import { startConnectProxy } from "../../src/networks/connect-proxy.js";
import { listenOnLoopback, type NetworkNode } from "../../src/networks/sockets.js";
import { startTlsFront } from "../../src/networks/tls-front.js";
import { recordEvents } from "../../src/recording.js";
import type { BuiltInWire } from "../../src/targets.js";

let local: LocalServer;
let front: NetworkNode;
beforeAll(async () => {
  local = await startLocal();
  front = await startTlsFront(local.port, { ALPNProtocols: ["h2", "http/1.1"] });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await local.close();
});

/** A call, an append session and a read session. */
async function writeAndFollow(stream: S2Stream): Promise<readonly string[]> {
  const reading = await stream.readSession({ seq_num: 0 });
  const writing = await stream.appendSession();
  await writing.submit({ body: "a" });
  await writing.submit({ body: "b" });
  await writing.close();
  expect((await stream.checkTail()).tail.seq_num).toBe(2);
  return (await take(reading, 2)).map(({ body }) => body);
}

describe.each<BuiltInWire>(["fetch", "s2s"])("over %s, through a proxy", (wire) => {
  it("reaches a host that only the proxy knows, over TLS", async () => {
    await using proxy = await startConnectProxy();
    const target = `streams.s2.test:${front.port}`;
    const connect = { proxy: `http://127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    await using network = await streamThrough(local, `https://${target}`, wire, { connect });
    expect(await writeAndFollow(network.stream)).toEqual(["a", "b"]);
    expect(new Set(proxy.asked)).toEqual(new Set([target]));
  });

  it("reaches one without TLS", async () => {
    await using proxy = await startConnectProxy();
    const target = `streams.s2.test:${local.port}`;
    const connect = { proxy: `http://127.0.0.1:${proxy.port}` };
    await using network = await streamThrough(local, `http://${target}`, wire, { connect });
    expect(await writeAndFollow(network.stream)).toEqual(["a", "b"]);
    expect(new Set(proxy.asked)).toEqual(new Set([target]));
  });

  it("speaks TLS with the proxy itself, which an authority of its own has vouched for", async () => {
    await using proxy = await startConnectProxy({ secure: true });
    const connect = { proxy: `https://127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, { connect });
    expect(await writeAndFollow(network.stream)).toEqual(["a", "b"]);
  });

  it("gives the proxy the name and password of its URL", async () => {
    await using proxy = await startConnectProxy({ credentials: "me:p@ss" });
    const connect = { proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, { connect });
    expect(await writeAndFollow(network.stream)).toEqual(["a", "b"]);
  });

  it("does not try again when the proxy refuses, and says what it answered but not the password", async () => {
    await using proxy = await startConnectProxy({ credentials: "me:right" });
    const connect = { proxy: `http://me:wrong@127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, { connect });
    const error = await errorOf(network.stream.append({ body: "a" }));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: false, sideEffect: "none" });
    expect(error.message).toMatch(/through the proxy 127\.0\.0\.1:\d+: it answered 407/);
    expect(error.message).not.toMatch(/wrong/);
    expect(proxy.asked).toHaveLength(1);
  });

  it("tries again when the proxy has trouble of its own", async () => {
    await using proxy = await startConnectProxy({ refuseWith: 503 });
    const observed = recordEvents();
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, {
      connect: { proxy: `http://127.0.0.1:${proxy.port}`, ca: AUTHORITY },
      observer: createObserver({ ...observed.hooks, retryScheduled: () => proxy.behave({}) }),
    });
    await network.stream.append({ body: "a" });
    expect(proxy.asked.length).toBeGreaterThan(1);
    expect(observed.all("connectionFailed")).toMatchObject([{ error: { code: "CONNECT_FAILED" } }]);
    expect(observed.all("connectionOpened").length).toBeGreaterThan(0);
  });

  it("goes on with its sessions when the proxy has cut them off", async () => {
    await using proxy = await startConnectProxy();
    const connect = { proxy: `http://127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    const origin = `https://streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, origin, wire, { connect });
    const reading = await network.stream.readSession({ seq_num: 0 });
    const records = reading[Symbol.asyncIterator]();
    const writing = await network.stream.appendSession();
    await writing.submit({ body: "a" });
    expect((await records.next()).value?.body).toBe("a");
    proxy.cut();
    await writing.submit({ body: "b" });
    expect((await records.next()).value?.body).toBe("b");
    await writing.close();
    await records.return?.();
  });

  it.each(
    ["left-tail", "abandoned-tail", "idle-append-session"].flatMap((program) => [
      [program, "https"],
      [program, "http"],
    ]),
  )("a program ends by itself: %s, to %s", async (program, protocol) => {
    await using proxy = await startConnectProxy();
    const origin = `${protocol}://streams.s2.test:${protocol === "https" ? front.port : local.port}`;
    const basin = freshBasinName();
    await using beside = new S2({ accessToken: "ignored", endpoints: local.endpoints });
    await beside.basins.create({ basin });
    await beside.basin(basin).streams.create({ stream: "s" });
    await beside.basin(basin).stream("s").append({ body: "first" });
    const departure = await runLeaving(program, {
      S2_ACCESS_TOKEN: "ignored",
      S2_ACCOUNT_ENDPOINT: origin,
      S2_BASIN_ENDPOINT: origin,
      S2_BASIN: basin,
      S2_STREAM: "s",
      S2_TRANSPORT: wire,
      S2_PROXY: `http://127.0.0.1:${proxy.port}`,
      S2_CA: AUTHORITY,
    });
    expect(departure).toEqual({ code: 0, output: "done\n" });
  });

  it("gives up a proxy that says nothing, once its time is over", async () => {
    await using silent = await listenOnLoopback(createServer());
    await using network = await streamThrough(local, `https://streams.s2.test:${front.port}`, wire, {
      connect: { proxy: `http://127.0.0.1:${silent.port}` },
      connectionTimeoutMillis: 20,
      retry: { maxAttempts: 1 },
    });
    const error = await errorOf(network.stream.checkTail());
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: true });
    expect(error.message).toMatch(/20 ms/);
  });
});

describe.each<BuiltInWire>(["fetch", "s2s"])("over %s, the environment", (wire) => {
  afterEach(() => vi.unstubAllEnvs());

  it("names no proxy by itself", async () => {
    await using proxy = await startConnectProxy();
    for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
      vi.stubEnv(name.toLowerCase(), `http://127.0.0.1:${proxy.port}`);
    }
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    vi.stubEnv("NO_PROXY", "");
    vi.stubEnv("no_proxy", "");
    await using direct = await streamThrough(local, `https://127.0.0.1:${front.port}`, wire, {
      connect: { ca: AUTHORITY },
    });
    expect(await writeAndFollow(direct.stream)).toEqual(["a", "b"]);
    expect(proxy.asked).toEqual([]);
  });

  it("keeps no host from the proxy that a program names", async () => {
    await using proxy = await startConnectProxy();
    vi.stubEnv("NO_PROXY", "*");
    vi.stubEnv("no_proxy", "*");
    const connect = { proxy: `http://127.0.0.1:${proxy.port}`, ca: AUTHORITY };
    const target = `streams.s2.test:${front.port}`;
    await using network = await streamThrough(local, `https://${target}`, wire, { connect });
    expect(await writeAndFollow(network.stream)).toEqual(["a", "b"]);
    expect(new Set(proxy.asked)).toEqual(new Set([target]));
  });
});
