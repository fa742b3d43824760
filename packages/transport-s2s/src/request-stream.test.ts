import type { ClientHttp2Stream } from "node:http2";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Connection } from "./connection.js";
import { openRequest } from "./request-stream.js";

/** As much of an HTTP/2 stream as is used, to give its events in an order that Node.js never has. */
class FakeHttp2Stream extends Duplex {
  readonly id = 1;
  readonly rstCode = 0;
  override readonly closed = false;
  override _read(): void {}
  close(): void {}
}

describe("a request's stream", () => {
  it("keeps data that comes before the response, as Deno gives it, until the response is there", async () => {
    const http2 = new FakeHttp2Stream();
    const log: string[] = [];
    const closed = new Promise<void>((resolve) => {
      openRequest(
        {
          connection: { request: () => http2 as unknown as ClientHttp2Stream } as unknown as Connection,
          release: () => log.push("released"),
        },
        {},
        true,
        {
          response: (status) => log.push(`response ${status}`),
          data: (chunk) => log.push(`data ${Buffer.from(chunk)}`),
          closed: (error) => {
            log.push(`closed ${error}`);
            resolve();
          },
        },
      );
    });
    http2.push("early");
    await new Promise((resolve) => setImmediate(resolve));
    http2.push(null);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([]);
    http2.emit("response", { ":status": 200 });
    await closed;
    expect(log.slice(0, 3)).toEqual(["response 200", "data early", "closed null"]);
  });
});
