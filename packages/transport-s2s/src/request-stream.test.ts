import type { ClientHttp2Stream } from "node:http2";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Connection } from "./connection.js";
import { openRequest, resumeStream } from "./request-stream.js";

/** As much of an HTTP/2 stream as is used, to give its events in an order that Node.js never has. */
class FakeHttp2Stream extends Duplex {
  readonly id = 1;
  rstCode: number | undefined = 0;
  override closed = false;
  reads = 0;
  override _read(): void {
    this.reads += 1;
  }
  close(): void {}
}

/** A request on the stream, already answered with 200, and what it reports. */
function answeredRequest(http2: FakeHttp2Stream): string[] {
  const log: string[] = [];
  openRequest(
    {
      connection: {
        request: () => http2 as unknown as ClientHttp2Stream,
        isAboveGoaway: () => false,
      } as unknown as Connection,
      release() {},
    },
    {},
    true,
    {
      response() {},
      data: (chunk) => log.push(`${Buffer.from(chunk)}`),
      closed: (error) => log.push(`closed ${error}`),
    },
  );
  http2.emit("response", { ":status": 200 });
  return log;
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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

  it("is told at once of a reset without an error, although it still has something to write", async () => {
    const http2 = new FakeHttp2Stream({ write() {} });
    const log = answeredRequest(http2);
    http2.write("never taken");
    http2.closed = true;
    http2.push(null);
    await endOfTurn();
    expect(log).toEqual([expect.stringMatching(/^closed S2Error: .*reset with code 0/)]);
  });

  it.each([undefined, 2])(
    "is not taken for complete when the connection goes under it, as Bun ends it with the code %s",
    async (code) => {
      const http2 = new FakeHttp2Stream();
      const log = answeredRequest(http2);
      http2.push(Buffer.from("a"));
      http2.rstCode = code;
      http2.push(null);
      http2.rstCode = 8;
      await endOfTurn();
      expect(log).toEqual(["a", expect.stringMatching(/^closed S2Error: The connection broke/)]);
    },
  );

  it("gives data at once, and in order with what was held back while it was paused", async () => {
    const http2 = new FakeHttp2Stream();
    const log = answeredRequest(http2);
    http2.push(Buffer.from("a"));
    expect(log).toEqual(["a"]);
    http2.pause();
    http2.push(Buffer.from("b"));
    http2.push(Buffer.from("c"));
    expect(log).toEqual(["a"]);
    resumeStream(http2 as unknown as ClientHttp2Stream);
    http2.push(Buffer.from("d"));
    await endOfTurn();
    http2.push(Buffer.from("e"));
    http2.push(null);
    await endOfTurn();
    expect(log).toEqual(["a", "b", "c", "d", "e", "closed null"]);
  });

  it("reads on when it is resumed, although its buffer never saw what was given at once", async () => {
    const http2 = new FakeHttp2Stream();
    const log = answeredRequest(http2);
    await endOfTurn();
    http2.push(Buffer.from("a"));
    http2.pause();
    const { reads } = http2;
    resumeStream(http2 as unknown as ClientHttp2Stream);
    await endOfTurn();
    expect(http2.reads).toBeGreaterThan(reads);
    expect(log).toEqual(["a"]);
  });
});
