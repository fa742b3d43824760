import * as http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FuzzTarget } from "../src/fuzz/fuzz-target.js";
import { sendBytes } from "../src/fuzz/http1-peer.js";

const MIB = 1024 * 1024;
const MANY = 100_000;
const BASIN = "vector-basin-1";
const RECORDS = "/v1/streams/s/records";
/** What the server may come to hold while it is abused, in bytes, more than what it takes to run. */
const MAX_RESIDENT = 500 * MIB;
const FRAMES = { "s2-basin": BASIN, "content-type": "s2s/proto" };
/** A frame with a batch of one record of the body `a`. */
const TINY_FRAME = Buffer.from("000006000a031a0161", "hex");

let server: FuzzTarget;
beforeAll(async () => {
  server = await FuzzTarget.start();
  await server.prepare();
});
afterAll(() => server.stop());

/** After everything the server works, is of bounded size, and was never at fault. */
async function isWell(target: FuzzTarget = server): Promise<void> {
  await target.use();
  const { peakBytes, serverErrors } = await target.state();
  expect(serverErrors).toEqual([]);
  expect(peakBytes).toBeLessThan(MAX_RESIDENT);
}

function head(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: "x", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

async function statusesFor(text: string, body: Buffer = Buffer.alloc(0)): Promise<readonly number[]> {
  const { statuses } = await sendBytes(
    server.port,
    Buffer.concat([Buffer.from(text, "latin1"), body]),
    "half-close",
  );
  return statuses;
}

describe("abuse", { timeout: 300_000 }, () => {
  test(`${MANY} tiny frames in a session are all acknowledged`, async () => {
    // Counting takes this process longer than a peer that was sent nonsense may be silent.
    const patient = await FuzzTarget.start({ pingMs: 60_000 });
    onTestFinished(() => patient.stop());
    await patient.prepare();
    const session = http2.connect(`http://127.0.0.1:${patient.port}`);
    const stream = session.request({ ":method": "POST", ":path": "/v1/streams/tiny/records", ...FRAMES });
    stream.end(Buffer.concat(Array.from({ length: MANY }, () => TINY_FRAME)));
    let pending: Buffer = Buffer.alloc(0);
    let acks = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, chunk]);
      let at = 0;
      while (at + 3 <= pending.length && at + 3 + pending.readUIntBE(at, 3) <= pending.length) {
        expect(pending[at + 3]).toBe(0);
        acks += 1;
        at += 3 + pending.readUIntBE(at, 3);
      }
      pending = pending.subarray(at);
    }
    expect(acks).toBe(MANY);
    session.destroy();
    await isWell(patient);
  });

  test(`a body in ${MANY} chunks of a byte is read over HTTP/1.1`, async () => {
    const body = `{"records":[{"body":"${"x".repeat(MANY - 25)}"}]}`;
    const chunks = Buffer.from([...body].map((character) => `1\r\n${character}\r\n`).join(""));
    const headers = { "s2-basin": BASIN, "content-type": "application/json", "transfer-encoding": "chunked" };
    const statuses = await statusesFor(
      head("POST", RECORDS, headers),
      Buffer.concat([chunks, Buffer.from("0\r\n\r\n")]),
    );
    expect(statuses).toEqual([200]);
    await isWell();
  });

  test.each([
    ["a record beyond 1 MiB", "application/json", `{"records":[{"body":"${"x".repeat(1.5 * MIB)}"}]}`, 422],
    ["a body beyond 2 MiB", "application/json", `{"records":[{"body":"${"x".repeat(3 * MIB)}"}]}`, 400],
    ["a message beyond 2 MiB", "application/protobuf", "\n".repeat(3 * MIB), 400],
    ["brackets within brackets", "application/json", "[".repeat(MIB), 400],
    ["objects within objects", "application/json", '{"a":'.repeat(MIB / 8), 400],
    ["a million records", "application/json", `{"records":[${"{},".repeat(600_000)}{}]}`, 422],
  ])("%s is refused", async (_what, type, body, status) => {
    const headers = { "s2-basin": BASIN, "content-type": type, "content-length": String(body.length) };
    expect(await statusesFor(head("POST", RECORDS, headers), Buffer.from(body))).toEqual([status]);
    await isWell();
  });

  test.each([
    ["a body", "application/json", gzipSync(Buffer.alloc(256 * MIB, " ")), 400],
    ["the frames of a session", "s2s/proto", gzipSync(Buffer.alloc(256 * MIB, 0xff)), 200],
  ])("%s that is 256 MiB when decompressed costs no memory", async (_what, type, body, status) => {
    const headers = {
      ...{ "s2-basin": BASIN, "content-type": type, "content-encoding": "gzip" },
      "content-length": String(body.length),
    };
    expect(await statusesFor(head("POST", RECORDS, headers), body)).toEqual([status]);
    await isWell();
  });

  test("a frame that is 256 MiB when decompressed ends its session", async () => {
    const payload = gzipSync(Buffer.alloc(256 * MIB));
    const frame = Buffer.alloc(4);
    frame.writeUIntBE(payload.length + 1, 0, 3);
    frame[3] = 0x40;
    const headers = { ...FRAMES, "content-length": String(payload.length + 4) };
    const bytes = Buffer.concat([Buffer.from(head("POST", RECORDS, headers)), frame, payload]);
    const { body } = await sendBytes(server.port, bytes, "half-close");
    expect(body.toString()).toMatch(/^HTTP\/1\.1 200 /);
    await isWell();
  });

  test.each([
    ["a header of 64 KiB", head("GET", "/health", { x: "y".repeat(65_536) }), 431],
    ["20,000 headers", `GET /health HTTP/1.1\r\nhost: x\r\n${"a: b\r\n".repeat(20_000)}\r\n`, 431],
    ["a path of 64 KiB", head("GET", `/v1/basins/${"a".repeat(65_536)}`, {}), 431],
    ["a query of 3,000 parameters", head("GET", `/v1/basins?${"limit=1&".repeat(1_500)}`, {}), 400],
  ])("%s is refused", async (_what, text, status) => {
    expect(await statusesFor(text)).toEqual([status]);
    await isWell();
  });

  test("requests that send a byte now and then hold nobody up", async () => {
    const text = head("POST", RECORDS, { ...FRAMES, "content-length": "100" });
    const slow: Socket[] = [];
    for (let index = 0; index < 300; index += 1) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => undefined);
      slow.push(socket);
    }
    for (let at = 0; at < text.length; at += 1) {
      // Each is at another place of its request.
      for (const [index, socket] of slow.entries())
        if (at < text.length - (index % text.length)) socket.write(text[at] ?? "");
      if (at % 20 === 0) await server.use();
    }
    await isWell();
    for (const socket of slow) socket.destroy();
  });

  test("thousands of streams that are reset as soon as they are opened cost nothing", async () => {
    for (let connection = 0; connection < 10; connection += 1) {
      const session = http2.connect(`http://127.0.0.1:${server.port}`);
      session.on("error", () => undefined);
      const closed = Array.from({ length: 1_000 }, () => {
        if (session.destroyed) return undefined;
        const stream = session.request({ ":path": RECORDS, ...FRAMES });
        stream.on("error", () => undefined);
        stream.close(http2.constants.NGHTTP2_CANCEL);
        return new Promise((resolve) => stream.once("close", resolve));
      });
      await Promise.all(closed);
      session.destroy();
    }
    await isWell();
  });

  test.each([
    ["pings", 0x6, 0, Buffer.alloc(8)],
    ["settings", 0x4, 0, Buffer.alloc(0)],
    ["priorities", 0x2, 1, Buffer.alloc(5)],
    ["window updates", 0x8, 0, Buffer.from([0, 0, 0, 1])],
    ["headers without an end", 0x9, 1, Buffer.from([0x88])],
  ])(
    `${MANY} frames of HTTP/2 that are %s are answered, or end their connection`,
    async (_what, type, stream, payload) => {
      const frame = Buffer.concat([Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, stream]), payload]);
      const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      const settings = Buffer.from("000000040000000000", "hex");
      const opened = type === 0x9 ? Buffer.from("000001010000000001" + "88", "hex") : Buffer.alloc(0);
      const flood = Buffer.concat([preface, settings, opened, ...Array.from({ length: MANY }, () => frame)]);
      const { closed } = await sendBytes(server.port, flood, "half-close");
      expect(closed).toBe(true);
      await isWell();
    },
  );
});
