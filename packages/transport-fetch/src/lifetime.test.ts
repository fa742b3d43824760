import { bundleProgram, runProgram } from "@s2-dev/transport-testing/programs";
import { beforeAll, describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import { ackBody, pingEvent } from "../test/support.js";

const SSE = { "content-type": "text/event-stream" };

describe("the life of a process", () => {
  let program: string;
  beforeAll(async () => {
    program = await bundleProgram(new URL("../test/lifetime.ts", import.meta.url));
  });

  it("ends by itself when nothing is awaited, though a read is open and nothing was closed [D2-11, H-12]", async () => {
    await using server = await startHttpServer(({ request, response }) => {
      if (request.headers.accept === "text/event-stream") response.writeHead(200, SSE).write(pingEvent(0));
      else if (request.method === "POST") response.end(ackBody(0));
      else response.end("ok");
    });
    using child = runProgram(program, "everything-done", server.url);
    expect(await child.ended).toEqual({ code: 0, output: "done\n" });
  });

  it("does not end before an awaited close has come to its end", async () => {
    await using server = await startHttpServer(({ response }) => response.end("ok"));
    using child = runProgram(program, "awaited-close", server.url);
    expect(await child.ended).toEqual({ code: 0, output: "done\n" });
  });

  it.each([
    ["pending-next", ({ response }: ServerCall) => response.write(pingEvent(0))],
    ["pending-ack", ({ response }: ServerCall) => response.end(ackBody(0))],
  ])("does not end before what is awaited has come: %s [H-12]", async (scenario, answer) => {
    const calls: ServerCall[] = [];
    await using server = await startHttpServer((call) => {
      calls.push(call);
      if (call.request.method === "GET") call.response.writeHead(200, SSE).flushHeaders();
    });
    using child = runProgram(program, scenario, server.url);
    await child.printed("waiting");
    // As long as another program takes from start to end, this one had the chance to end as well.
    await using silent = await startHttpServer(() => {});
    using other = runProgram(program, "aborted-dial", silent.url);
    expect(await other.ended).toEqual({ code: 0, output: "done\n" });
    await expect.poll(() => calls.length).toBe(1);
    for (const call of calls) answer(call);
    expect(await child.ended).toEqual({ code: 0, output: "waiting\ndone\n" });
  });
});
