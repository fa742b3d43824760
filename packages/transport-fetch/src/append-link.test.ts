import { gunzipSync } from "node:zlib";
import { decodeAppendInput } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type ServerCall, startHttpServer } from "../test/http-server.js";
import {
  ATTEMPT,
  ackBody,
  appendRequest,
  batchOf,
  disposable,
  gate,
  REASON,
  recordEvents,
} from "../test/support.js";
import { createFetchTransport } from "./index.node.js";

type Outcome = readonly [name: string, answer: (call: ServerCall) => void, expected: object];

const OUTCOMES: readonly Outcome[] = [
  [
    "a failed condition",
    ({ response }) => response.writeHead(412).end('{"seq_num_mismatch":7}'),
    { code: "APPEND_CONDITION_FAILED", expectedSeqNum: 7, sideEffect: "none" },
  ],
  ["403 without a body", ({ response }) => response.writeHead(403).end(), { status: 403, retryable: false }],
  [
    "503 draining",
    ({ response }) => response.writeHead(503).end('{"code":"server_draining","message":"x"}'),
    { code: "server_draining", retryable: true, sideEffect: "none" },
  ],
  [
    "a page of HTML as an error [D1-56]",
    ({ response }) => response.writeHead(502, { "content-type": "text/html" }).end("<html>bad gateway"),
    { status: 502, retryable: true, sideEffect: "possible" },
  ],
  [
    "200 with an empty body [D2-27]",
    ({ response }) => response.writeHead(200).end(),
    { code: "PROTOCOL_ERROR", sideEffect: "possible" },
  ],
  [
    "200 with a page of HTML [D2-27]",
    ({ response }) => response.writeHead(200).end("<html>hello</html>"),
    { code: "PROTOCOL_ERROR", sideEffect: "possible" },
  ],
  [
    "200 with JSON",
    ({ response }) => response.writeHead(200).end("{}"),
    { code: "PROTOCOL_ERROR", sideEffect: "possible" },
  ],
  [
    "204",
    ({ response }) => response.writeHead(204).end(),
    { code: "PROTOCOL_ERROR", sideEffect: "possible" },
  ],
  [
    "a redirect",
    ({ response }) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    { status: 302, retryable: false },
  ],
  [
    "a cut before the headers",
    ({ socket }) => socket.destroy(),
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "a cut in the body",
    ({ response, socket }) => {
      response.writeHead(200, { "content-length": "50" });
      response.write("x", () => socket.destroy());
    },
    { code: "CONNECTION_LOST", sideEffect: "possible", retryable: true },
  ],
  [
    "a cut in an error's body",
    ({ response, socket }) => {
      response.writeHead(500, { "content-length": "50" });
      response.write("x", () => socket.destroy());
    },
    { status: 500 },
  ],
];

describe("an append link over fetch", () => {
  it("posts one batch at a time, without its frame head, and takes the next when the ack is there [H-14]", async () => {
    const seen: string[] = [];
    await using server = await startHttpServer(({ request, response, body }) => {
      const input = decodeAppendInput(body);
      seen.push(
        `${request.method} ${request.headers["content-type"]} ${request.headers.accept} ${input.records.length}`,
      );
      response.end(ackBody(seen.length - 1));
    });
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    expect(recorder.log).toEqual([]);
    await recorder.opened;
    expect(link.send(batchOf(10))).toBe(false);
    await recorder.saw("writable");
    expect(link.started).toBe(1);
    expect(link.send(batchOf(10, 20))).toBe(false);
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.log).toEqual(["opened", "taken 1", "acks 1", "writable", "taken 2", "acks 2", "ended"]);
    expect(recorder.acks.map((ack) => ack.start.seq_num)).toEqual([0, 1]);
    expect(seen).toEqual([
      "POST application/protobuf application/protobuf 1",
      "POST application/protobuf application/protobuf 2",
    ]);
  });

  it.each(OUTCOMES)("ends with the right error after %s [D1-59]", async (_name, answer, expected) => {
    await using server = await startHttpServer(answer);
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject(expected);
    expect(link.started).toBe(1);
    expect(recorder.acks).toEqual([]);
  });

  it("proves that nothing happened when no connection could be opened", async () => {
    const closed = await startHttpServer(() => {});
    await closed[Symbol.asyncDispose]();
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(closed.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      retryable: true,
    });
  });

  it("gives up the request on abort and says nothing more [D2-9]", async () => {
    const reached = gate();
    const abandoned = gate();
    await using server = await startHttpServer((call) => {
      reached.open();
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await reached.promise;
    link.abort(REASON);
    await abandoned.promise;
    expect(recorder.log).toEqual(["opened", "taken 1"]);
  });

  it("gives up the body of an answer on abort", async () => {
    const abandoned = gate();
    const reached = gate();
    await using server = await startHttpServer((call) => {
      call.response.writeHead(200).write("x", () => reached.open());
      void call.abandoned.then(abandoned.open);
    });
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await reached.promise;
    link.abort(REASON);
    await abandoned.promise;
    expect(recorder.log).toEqual(["opened", "taken 1"]);
  });

  it("ends cleanly when it is finished without a batch in flight", async () => {
    await using transport = disposable(createFetchTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest("http://127.0.0.1:9"), recorder.events, ATTEMPT);
    await recorder.opened;
    link.finish();
    expect(await recorder.ended).toBeNull();
  });

  it("counts a batch as started only when fetch was called", async () => {
    let calls = 0;
    const transport = createFetchTransport({
      fetch: () => {
        calls += 1;
        return new Promise(() => {});
      },
    });
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest("http://127.0.0.1:9"), recorder.events, ATTEMPT);
    await recorder.opened;
    expect(link.started).toBe(0);
    link.send(batchOf(1));
    expect(link.started).toBe(calls);
    await transport.close();
    expect(await recorder.ended).toMatchObject({ code: "SESSION_CLOSED", sideEffect: "possible" });
  });

  it("compresses bodies that are worth it, and only those", async () => {
    const seen: string[] = [];
    await using server = await startHttpServer(({ request, response, body }) => {
      const encoding = request.headers["content-encoding"] ?? "none";
      const plain = encoding === "gzip" ? gunzipSync(body) : body;
      seen.push(`${encoding} ${decodeAppendInput(plain).records[0]?.body.length}`);
      response.end(ackBody(0));
    });
    await using transport = disposable(createFetchTransport({ compression: "gzip" }));
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("acks 1");
    link.send(batchOf(10_000));
    await recorder.saw("acks 2");
    expect(seen).toEqual(["none 10", "gzip 10000"]);
    link.abort(REASON);
  });
});
