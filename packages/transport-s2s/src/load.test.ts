import { createServer, type ServerHttp2Session } from "node:http2";
import { describe, expect, it } from "vitest";
import { startRawServer } from "../test/raw-server.js";
import {
  AS_BYTES,
  ATTEMPT,
  ackFrame,
  appendRequest,
  batchFrame,
  batchOf,
  disposable,
  exchangeOptions,
  REASON,
  readRequest,
  recordEvents,
  stalled,
  unaryRequest,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const MIB = 1024 * 1024;

describe("an s2s transport under load", () => {
  it("takes from the network no more than a window when a reader does not pull, for each of several readers [D2-7, G-6]", async () => {
    const frame = batchFrame(0, [new Uint8Array(MIB / 2)]);
    const sessions = new Set<ServerHttp2Session>();
    let written = 0;
    const server = createServer();
    server.on("session", (session) => sessions.add(session));
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      let left = 300 * MIB;
      const offer = (): void => {
        while (left > 0 && !stream.destroyed) {
          left -= frame.length;
          written += frame.length;
          if (!stream.write(frame)) {
            stream.once("drain", offer);
            return;
          }
        }
      };
      offer();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    await using transport = disposable(createS2sTransport());
    const url = `http://127.0.0.1:${address.port}`;
    const links = Array.from({ length: 8 }, () => transport.openRead(readRequest(url), AS_BYTES, ATTEMPT));
    for (const link of links) await link.next();
    await stalled(() => written);
    expect(written).toBeLessThan(64 * MIB);

    // One that pulls again goes on while the others stand still.
    const [first] = links;
    for (let round = 0; round < 100; round += 1) expect((await first?.next())?.records).toHaveLength(1);
    for (const link of links) link.abort(REASON);
    await transport.close();
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("leaves nothing behind after a thousand links, one after the other [G-10]", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    let requests = 0;
    await using server = await startRawServer((r) => {
      requests += 1;
      r.send(r.headers(200));
      void r.bodyReaches(1).then(() => r.send(r.data(ackFrame(0))));
      void r.ended.then(() => r.send(r.data(batchFrame(0, ["a"]), true)));
    });
    await using transport = disposable(createS2sTransport());
    await transport.exchange(unaryRequest(server.url), exchangeOptions());
    const before = process.getActiveResourcesInfo().length;
    for (let round = 0; round < 500; round += 1) {
      const reader = transport.openRead(readRequest(server.url), AS_BYTES, ATTEMPT);
      await reader.next();
      if (round % 2 === 0) reader.abort(REASON);
      else expect(await reader.next()).toBeNull();
      const recorder = recordEvents();
      const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
      await recorder.opened;
      link.send(batchOf(10));
      await recorder.saw("acks 1");
      link.abort(REASON);
    }
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    process.off("warning", onWarning);
    expect(requests).toBe(1001);
    expect(server.connections).toBe(1);
    expect(warnings).toEqual([]);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 2);
  });
});
