import type { ConnectionEventMap, ConnectionHooks } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../test/fake-clock.js";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import { disposable, exchangeOptions, rejectionOf, unaryRequest } from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const answerOk = (r: RawRequest): void => r.send(r.headers(200), r.data("ok", true));

type Seen = {
  readonly [N in keyof ConnectionEventMap]: [N, ConnectionEventMap[N]];
}[keyof ConnectionEventMap];

function recording(): { readonly hooks: ConnectionHooks; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const hooks: ConnectionHooks = {
    connectionOpened: (event) => seen.push(["connectionOpened", event]),
    connectionFailed: (event) => seen.push(["connectionFailed", event]),
    connectionClosed: (event) => seen.push(["connectionClosed", event]),
  };
  return { hooks, seen };
}

describe("the connection hooks", () => {
  it("tell of each connection that is opened, and of its end", async () => {
    const { hooks, seen } = recording();
    await using server = await startRawServer(answerOk);
    const transport = createS2sTransport({ hooks });
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    const connection = { id: 1, transport: "s2s", origin: server.url };
    expect(seen).toEqual([["connectionOpened", { connection, latencyMillis: expect.any(Number) }]]);
    await transport.close();
    expect(seen.slice(1)).toEqual([["connectionClosed", { connection, durationMillis: expect.any(Number) }]]);
    expect(seen[1]?.[1].connection).toBe(seen[0]?.[1].connection);
  });

  it("tell of a connection that the server ends", async () => {
    const { hooks, seen } = recording();
    await using transport = disposable(createS2sTransport({ hooks }));
    {
      await using server = await startRawServer(answerOk);
      await transport.exchange(unaryRequest(server.url), exchangeOptions());
    }
    await expect.poll(() => seen.map(([name]) => name)).toEqual(["connectionOpened", "connectionClosed"]);
  });

  it("tell of a dial that fails, after which nothing is closed", async () => {
    const { hooks, seen } = recording();
    const server = await startRawServer(answerOk);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const transport = createS2sTransport({ hooks, clock: createFakeClock() });
    const error = await rejectionOf(transport.exchange(unaryRequest(url), exchangeOptions()));
    await transport.close();
    const connection = { id: 1, transport: "s2s", origin: url };
    expect(seen).toEqual([["connectionFailed", { connection, latencyMillis: 0, error }]]);
    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
  });

  it("do no harm by throwing", async () => {
    const fail = (): never => {
      throw new Error("mine");
    };
    await using server = await startRawServer(answerOk);
    const transport = createS2sTransport({ hooks: { connectionOpened: fail, connectionClosed: fail } });
    const { status } = await transport.exchange(unaryRequest(server.url), exchangeOptions());
    expect(status).toBe(200);
    await transport.close();
  });
});
