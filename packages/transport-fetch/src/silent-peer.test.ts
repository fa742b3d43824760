import { S2Error } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import {
  ATTEMPT,
  appendRequest,
  batchOf,
  disposable,
  exchangeOptions,
  gate,
  recordEvents,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import { createFetchTransport } from "./index.node.js";

const TIMEOUT = new S2Error({ message: "nothing came", code: "REQUEST_TIMEOUT" });

/** A server with three idle connections of one client, on which it answers nothing from now on. */
async function setup() {
  const silent = new Set<unknown>();
  const together: ServerCall[] = [];
  const unanswered = gate();
  const server = await startHttpServer((call) => {
    if (silent.has(call.socket)) return unanswered.open();
    if (silent.size > 0) return void call.response.end("ok");
    together.push(call);
    if (together.length < 3) return;
    for (const { response, socket } of together) {
      silent.add(socket);
      response.end("ok");
    }
  });
  const transport = disposable(createFetchTransport());
  const send = (signal?: AbortSignal) =>
    transport.exchange(unaryRequest(server.url), exchangeOptions(signal));
  await Promise.all([send(), send(), send()]);
  return {
    ...{ server, transport, send, unanswered: unanswered.promise },
    async giveUp(reason: unknown) {
      const controller = new AbortController();
      const given = rejectionOf(send(controller.signal));
      await unanswered.promise;
      controller.abort(reason);
      await given;
    },
    async [Symbol.asyncDispose]() {
      await transport.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("connections that wait for a request on Node.js", () => {
  it("are not used for another attempt after one that was not answered in time", async () => {
    await using bench = await setup();
    await bench.giveUp(TIMEOUT);
    expect(await bench.send()).toMatchObject({ status: 200 });
    expect(bench.server.connections).toBe(4);
  });

  it("are not used after an append that was not acknowledged in time", async () => {
    await using bench = await setup();
    const recorder = recordEvents();
    const link = bench.transport.openAppend(appendRequest(bench.server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await bench.unanswered;
    link.abort(TIMEOUT);
    expect(await bench.send()).toMatchObject({ status: 200 });
    expect(bench.server.connections).toBe(4);
  });

  it("stay when a request is given up by its caller", async () => {
    await using bench = await setup();
    await bench.giveUp(new Error("no longer wanted"));
    const controller = new AbortController();
    const given = rejectionOf(bench.send(controller.signal));
    await expect.poll(() => bench.server.open).toBe(2);
    controller.abort();
    await given;
    expect(bench.server.connections).toBe(3);
  });
});
