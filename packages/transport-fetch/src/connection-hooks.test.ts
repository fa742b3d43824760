import type { ConnectionEventMap } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { startHttpServer } from "../test/http-server.js";
import { exchangeOptions, rejectionOf, unaryRequest } from "../test/support.js";
import { createFetchTransport } from "./index.node.js";

function recording() {
  const seen: [keyof ConnectionEventMap, unknown][] = [];
  const hooks = {
    connectionOpened: (event: ConnectionEventMap["connectionOpened"]) =>
      void seen.push(["connectionOpened", event]),
    connectionFailed: (event: ConnectionEventMap["connectionFailed"]) =>
      void seen.push(["connectionFailed", event]),
    connectionClosed: (event: ConnectionEventMap["connectionClosed"]) =>
      void seen.push(["connectionClosed", event]),
  };
  return { hooks, seen };
}

describe("the connection hooks, on Node.js", () => {
  it("tell of each connection that is opened, and of its end", async () => {
    const { hooks, seen } = recording();
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    const transport = createFetchTransport({ hooks });
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    const connection = { id: 1, transport: "fetch", origin: server.url };
    expect(seen).toEqual([["connectionOpened", { connection, latencyMillis: expect.any(Number) }]]);
    await transport.close();
    await expect
      .poll(() => seen.slice(1))
      .toEqual([["connectionClosed", { connection, durationMillis: expect.any(Number) }]]);
  });

  it("tell of a dial that fails", async () => {
    const { hooks, seen } = recording();
    const server = await startHttpServer(() => {});
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const transport = createFetchTransport({ hooks });
    await rejectionOf(transport.exchange(unaryRequest(url), exchangeOptions()));
    await transport.close();
    expect(seen).toEqual([
      [
        "connectionFailed",
        {
          connection: { id: 1, transport: "fetch", origin: url },
          latencyMillis: expect.any(Number),
          error: expect.objectContaining({ code: "CONNECT_FAILED" }),
        },
      ],
    ]);
  });
});
