import { S2Error } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { type RawRequest, type RawServerOptions, startRawServer } from "../test/raw-server.js";
import {
  AS_STRING,
  ATTEMPT,
  appendRequest,
  disposable,
  exchangeOptions,
  gate,
  readRequest,
  recordEvents,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const timeout = (code: string) => new S2Error({ message: "nothing came", code });

/** A server that answers every request but the first. */
async function setup(options: RawServerOptions) {
  const first = gate<RawRequest>();
  const requests: RawRequest[] = [];
  const server = await startRawServer((request) => {
    requests.push(request);
    if (requests.length === 1) first.open(request);
    else request.send(request.headers(200), request.data("ok", true));
  }, options);
  const transport = disposable(createS2sTransport());
  const send = (signal?: AbortSignal) =>
    transport.exchange(unaryRequest(server.url), exchangeOptions(signal));
  return {
    ...{ server, transport, requests, first: first.promise, send },
    /** Gives the first request up for this reason. */
    async giveUp(reason: unknown) {
      const controller = new AbortController();
      const given = rejectionOf(send(controller.signal));
      await first.promise;
      controller.abort(reason);
      await given;
    },
    async [Symbol.asyncDispose]() {
      await transport.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a connection whose peer has gone silent", () => {
  it("takes no request after one that was not answered in time, until a ping is answered", async () => {
    await using bench = await setup({ answerPings: false });
    await bench.giveUp(timeout("REQUEST_TIMEOUT"));
    expect(await bench.send()).toMatchObject({ status: 200 });
    expect(bench.server.connections).toBe(2);
    expect(bench.requests[1]?.socket).not.toBe(bench.requests[0]?.socket);
  });

  it("takes requests again once its peer answers", async () => {
    await using bench = await setup({});
    await bench.giveUp(timeout("REQUEST_TIMEOUT"));
    const silent = await bench.first;
    await silent.pinged(1);
    await expect
      .poll(async () => {
        await bench.send();
        return bench.requests.at(-1)?.socket === silent.socket;
      })
      .toBe(true);
  });

  it("is used on after a request that somebody else gave up", async () => {
    await using bench = await setup({ answerPings: false });
    await bench.giveUp(new Error("no longer wanted"));
    expect(await bench.send()).toMatchObject({ status: 200 });
    expect(bench.server.connections).toBe(1);
  });

  it.each(["append", "read"])(
    "takes no request after a link to %s was given up for silence",
    async (kind) => {
      await using bench = await setup({ answerPings: false });
      if (kind === "append") {
        const link = bench.transport.openAppend(
          appendRequest(bench.server.url),
          recordEvents().events,
          ATTEMPT,
        );
        await bench.first;
        link.abort(timeout("REQUEST_TIMEOUT"));
      } else {
        const link = bench.transport.openRead(readRequest(bench.server.url), AS_STRING, ATTEMPT);
        link.opened.catch(() => {});
        await bench.first;
        link.abort(timeout("HEARTBEAT_TIMEOUT"));
      }
      expect(await bench.send()).toMatchObject({ status: 200 });
      expect(bench.server.connections).toBe(2);
    },
  );
});
