import { bundleProgram, runProgram } from "@s2-dev/transport-testing/programs";
import { beforeAll, describe, expect, it } from "vitest";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import { ackFrame, heartbeatFrame } from "../test/support.js";

describe("the life of a process", () => {
  let program: string;
  beforeAll(async () => {
    program = await bundleProgram(new URL("../test/lifetime.ts", import.meta.url));
  });

  it("ends by itself when nothing is awaited, though links are open and nothing was closed [D2-11, H-12]", async () => {
    let count = 0;
    await using server = await startRawServer((r) => {
      count += 1;
      if (count === 1) r.send(r.headers(200), r.data("ok", true));
      if (count === 2) void r.bodyReaches(1).then(() => r.send(r.data(ackFrame(0))));
      if (count === 2) r.send(r.headers(200));
      if (count === 3) r.send(r.headers(200), r.data(heartbeatFrame(0)));
    });
    using child = runProgram(program, "everything-done", server.url);
    expect(await child.ended).toEqual({ code: 0, output: "done\n" });
  });

  it("does not end before an awaited close has come to its end", async () => {
    await using server = await startRawServer((r) => r.send(r.headers(200), r.data("ok", true)));
    using child = runProgram(program, "awaited-close", server.url);
    expect(await child.ended).toEqual({ code: 0, output: "done\n" });
  });

  it.each([
    ["pending-next", (r: RawRequest) => r.send(r.data(heartbeatFrame(0)))],
    ["pending-ack", (r: RawRequest) => r.send(r.data(ackFrame(0)))],
  ])("does not end before what is awaited has come: %s [H-12]", async (scenario, answer) => {
    const requests: RawRequest[] = [];
    await using server = await startRawServer((r) => {
      requests.push(r);
      r.send(r.headers(200));
    });
    using child = runProgram(program, scenario, server.url);
    await child.printed("waiting");
    // As long as another program takes from start to end, this one had the chance to end as well.
    await using silent = await startRawServer(() => {}, { sendSettings: false });
    using other = runProgram(program, "aborted-dial", silent.url);
    expect(await other.ended).toEqual({ code: 0, output: "done\n" });
    await expect.poll(() => requests.length).toBe(1);
    for (const request of requests) answer(request);
    expect(await child.ended).toEqual({ code: 0, output: "waiting\ndone\n" });
  });
});
