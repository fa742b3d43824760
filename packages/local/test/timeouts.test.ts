import * as http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";

const BASIN = "timed-basin";
/** So short that the tests need not wait; nothing here depends on how long it is. */
const SOON = 40;
const NEVER = 600_000;
const PATIENT = { helloMs: NEVER, headersMs: NEVER, bodyMs: NEVER, wholeBodyMs: NEVER, pingMs: NEVER };
const HEAD = `POST /v1/streams/s/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n`;
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS = "000000040000000000";

let local: LocalServer;
afterEach(() => local.close());

async function start(timeouts: object): Promise<void> {
  const config = { create_stream_on_append: true, create_stream_on_read: true };
  local = await startLocal({
    init: { basins: [{ name: BASIN, config }] },
    timeouts: { ...PATIENT, ...timeouts },
  });
}

/** What the server says to these bytes until it closes the connection, which the client does not. */
function untilClosed(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port: local.port, host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

describe("a peer that takes its time", () => {
  test("may not keep a connection without saying which protocol it speaks", async () => {
    await start({ helloMs: SOON });
    expect(await untilClosed("")).toBe("");
    expect(await untilClosed("PRI * HT")).toBe("");
  });

  test("is told that the head of its request did not come", async () => {
    await start({ headersMs: SOON });
    expect(await untilClosed("GET /v1/basins HTTP/1.1\r\nhost: x\r\nx-")).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("is told that the body of its request did not come, and is left after that", async () => {
    await start({ bodyMs: SOON });
    for (const type of ["application/json", "application/protobuf"]) {
      const answer = await untilClosed(`${HEAD}content-type: ${type}\r\ncontent-length: 100\r\n\r\n{`);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('"code":"request_timeout"');
    }
  });

  test("is told so when its body comes, but too slowly", async () => {
    await start({ wholeBodyMs: SOON });
    const socket = connect({ port: local.port, host: "127.0.0.1" });
    socket.write(`${HEAD}content-type: application/json\r\ncontent-length: 1000000\r\n\r\n`);
    // A byte whenever the last one is out: it is never silent, and never done.
    const drip = (): boolean => socket.destroyed || socket.write(" ", () => setImmediate(drip));
    drip();
    const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer.toString()).toContain(`the request body did not come within ${SOON} ms`);
  });

  test("is told so over HTTP/2, where the connection goes on", async () => {
    await start({ bodyMs: SOON });
    const session = http2.connect(local.origin);
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/streams/s/records",
      "s2-basin": BASIN,
      "content-type": "application/json",
    });
    stream.write("{");
    const status = await new Promise((resolve) =>
      stream.once("response", (answer) => resolve(answer[":status"])),
    );
    expect(status).toBe(408);
    const second = session.request({ ":path": "/health" });
    expect(
      await new Promise((resolve) => second.once("response", (answer) => resolve(answer[":status"]))),
    ).toBe(200);
    session.destroy();
  });

  test("is not told so in a session, which may be silent", async () => {
    await start({ bodyMs: SOON });
    const session = http2.connect(local.origin);
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/streams/s/records",
      "s2-basin": BASIN,
      "content-type": "s2s/proto",
    });
    await new Promise((resolve) => stream.once("response", resolve));
    // Longer than a body may be silent, by the server's own measure.
    await untilClosed(`${HEAD}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`);
    stream.write(Buffer.from("000008000a0508011a0161", "hex"));
    const frame: Buffer = await new Promise((resolve) => stream.once("data", resolve));
    expect(frame[3]).toBe(0);
    session.destroy();
  });

  test("is cut off when an answered request never comes to its end", async () => {
    await start({ bodyMs: SOON });
    const answer = await untilClosed(`POST /v1/nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe("a peer over HTTP/2 that does not answer pings", () => {
  beforeEach(() => start({ pingMs: SOON }));

  test("is cut off when it says nothing, and told that what it has is not complete", async () => {
    const told = Buffer.from(await untilClosed(PREFACE), "latin1").toString("hex");
    // GOAWAY with the code for what is broken off.
    expect(told).toMatch(/000008070000000000[0-9a-f]{8}00000008$/);
  });

  test("is cut off when it stays within a header block", async () => {
    const unended = Buffer.from("0000010100000000010088", "hex");
    await untilClosed(Buffer.concat([Buffer.from(PREFACE), Buffer.from(EMPTY_SETTINGS, "hex"), unended]));
  });

  test.each([
    ["settings of a wrong length", "000008040000000000ffffffffffffffff"],
    ["a GOAWAY of nonsense", "0000060764ffffffffcb39aabbccdd"],
    ["data on no stream", "000001000000000000ff"],
  ])("is cut off after %s, which Node.js does not tell of", async (_what, frame) => {
    const bytes = Buffer.concat([Buffer.from(PREFACE), Buffer.from(EMPTY_SETTINGS + frame, "hex")]);
    await untilClosed(bytes);
  });

  test("but one that does keeps its connection, however long it has nothing to say", async () => {
    const session = http2.connect(local.origin);
    let pings = 0;
    session.on("ping", () => {
      pings += 1;
    });
    await new Promise<void>((resolve) => session.on("ping", () => pings === 4 && resolve()));
    const stream = session.request({ ":path": "/health" });
    expect(
      await new Promise((resolve) => stream.once("response", (answer) => resolve(answer[":status"]))),
    ).toBe(200);
    session.destroy();
  });
});

test("a time that is undefined is the one by default", async () => {
  const names = Object.keys(PATIENT);
  local = await startLocal({
    timeouts: Object.fromEntries(names.map((name) => [name, undefined])),
    init: { basins: [{ name: BASIN, config: { create_stream_on_append: true } }] },
  });
  const append = await fetch(`${local.origin}/v1/streams/s/records`, {
    method: "POST",
    headers: { "content-type": "application/json", "s2-basin": BASIN },
    body: '{"records":[{"body":"a"}]}',
  });
  expect(append.status).toBe(200);
  const session = http2.connect(local.origin);
  const stream = session.request({ ":path": "/health" });
  const answered = new Promise((resolve) => stream.once("response", (answer) => resolve(answer[":status"])));
  expect(await answered).toBe(200);
  session.destroy();
});

test("a session whose compressed body is none ends without harm to the server", async () => {
  await start({});
  const head = `${HEAD}content-type: s2s/proto\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n`;
  await untilClosed(`${head}nope`);
  await untilClosed(
    `${head.replace(BASIN, "other-basin")}nope`.replace("host: x", "host: x\r\nconnection: close"),
  );
  const answer = await fetch(`${local.origin}/health`);
  expect(await answer.text()).toBe("OK");
});

test("a compressed body that is too large does not keep its connection from the next request", async () => {
  await start({});
  const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
  const head = `${HEAD}content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
  const next = "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const answers = await untilClosed(Buffer.concat([Buffer.from(head), body, Buffer.from(next)]));
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400", "HTTP/1.1 200"]);
});
