import * as http2 from "node:http2";
import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { encodeAppendBatch } from "@s2-dev/streamstore-core/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { framesOf } from "../../test/frames.js";
import { framesOnTheWire, type Seen, seenOverHttp2, until } from "../../test/http2-observer.js";
import { sendOverHttp1 } from "../../test/raw-client.js";
import type { Vector } from "../../test/vectors.js";
import { type FaultRule, type LocalServer, startLocal } from "../index.js";

const BASIN = "faulty-basin";
const HEADERS = { "s2-basin": BASIN };
const RECORDS = "/v1/streams/s/records";
const FRAMES = { ...HEADERS, "content-type": "s2s/proto" };

let local: LocalServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  local = await startLocal({
    clock,
    random: () => 0.5,
    init: { basins: [{ name: BASIN, streams: [{ name: "s" }] }] },
  });
});
afterEach(() => local.close());

const frame = (body: string): string => Buffer.from(encodeAppendBatch([{ body }]).frame).toString("hex");

const tail: Vector["request"] = { method: "GET", path: `${RECORDS}/tail`, headers: HEADERS };
const appendOne: Vector["request"] = {
  method: "POST",
  path: RECORDS,
  headers: { ...HEADERS, "content-type": "application/json" },
  body: '{"records":[{"body":"x"}]}',
};
const appendSession = (...bodies: string[]): Vector["request"] => ({
  method: "POST",
  path: RECORDS,
  headers: FRAMES,
  body_hex: bodies.map(frame).join(""),
});
const readSession = (query: string, headers: Record<string, string> = FRAMES): Vector["request"] => ({
  method: "GET",
  path: `${RECORDS}?${query}`,
  headers,
});
const EVENTS = { ...HEADERS, accept: "text/event-stream" };

const bodyOf = (answer: { readonly body?: Buffer } | undefined): Buffer => answer?.body ?? Buffer.alloc(0);

const overHttp2 = (request: Vector["request"], onData?: (soFar: Buffer) => void): Promise<Seen> =>
  seenOverHttp2(local.origin, request, onData);

const seqNumOfTail = async (): Promise<number> =>
  (await local.service.records.checkTail({ basin: BASIN, stream: "s" })).seq_num;

/** Whether a timer is armed that fires so many milliseconds from now; the server's own work has others. */
const isDueIn = (ms: number): boolean => clock.pending.some(({ dueAt }) => dueAt === clock.now() + ms);

describe("which requests a rule hits", () => {
  const status = async (request: Vector["request"]): Promise<number> =>
    (await sendOverHttp1(local.origin, request)).status;

  test("all that match, until it is removed", async () => {
    const fault = local.faults.add({ on: { operation: "check_tail" }, do: { kind: "answer", status: 503 } });
    expect([await status(tail), await status(tail), await status(appendOne)]).toEqual([503, 503, 200]);
    expect(fault.hits).toBe(2);
    fault.remove();
    expect(await status(tail)).toBe(200);
  });

  test("so many, from the nth on", async () => {
    local.faults.add({ on: { nth: 2, times: 2 }, do: { kind: "answer", status: 429 } });
    const seen = [await status(tail), await status(tail), await status(tail), await status(tail)];
    expect(seen).toEqual([200, 429, 429, 200]);
  });

  test("by basin, stream, one of several operations, and mode", async () => {
    local.faults.add({ on: { basin: "another-basin" }, do: { kind: "answer", status: 501 } });
    local.faults.add({ on: { stream: "t" }, do: { kind: "answer", status: 502 } });
    local.faults.add({
      on: { operation: ["append", "read"], basin: BASIN, stream: "s", mode: "session" },
      do: { kind: "answer", status: 503 },
    });
    expect(await status(tail)).toBe(200);
    expect(await status(appendOne)).toBe(200);
    expect(await status(appendSession("a"))).toBe(503);
    expect(await status(readSession("seq_num=0", EVENTS))).toBe(503);
    expect(await status({ ...tail, path: "/v1/streams/t/records/tail" })).toBe(502);
  });

  test("by chance", async () => {
    local.faults.add({ on: { probability: 0.5 }, do: { kind: "answer", status: 503 } });
    expect(await status(tail)).toBe(200);
    local.faults.add({ on: { probability: 0.51 }, do: { kind: "answer", status: 504 } });
    expect(await status(tail)).toBe(504);
  });

  test("none once all are cleared", async () => {
    local.faults.add({ do: { kind: "answer", status: 503 } });
    local.faults.clear();
    expect(await status(tail)).toBe(200);
    expect(local.faults.list()).toEqual([]);
  });

  test("from the start, with the rules given to the server", async () => {
    await using other = await startLocal({ faults: [{ do: { kind: "answer", status: 418 } }] });
    expect((await sendOverHttp1(other.origin, tail)).status).toBe(418);
  });
});

describe.each([
  [
    "HTTP/1.1",
    async (request: Vector["request"]) => sendOverHttp1(local.origin, request).catch(() => undefined),
  ],
  ["HTTP/2", async (request: Vector["request"]) => overHttp2(request)],
])("over %s", (_name, send) => {
  test("an answer replaces the operation: empty, text, or an error of the service", async () => {
    const rule = (action: object): FaultRule => ({
      on: { times: 1 },
      do: { kind: "answer", ...action } as never,
    });
    local.faults.add(rule({ status: 403 }));
    expect(await send(appendOne)).toMatchObject({ status: 403, body: Buffer.alloc(0) });
    local.faults.add(rule({ status: 502, body: "<html>", headers: { "content-type": "text/html" } }));
    const html = await send(appendOne);
    expect(html).toMatchObject({
      status: 502,
      body: Buffer.from("<html>"),
      headers: { "content-type": "text/html" },
    });
    local.faults.add(
      rule({ status: 429, code: "rate_limited", message: "slow down", headers: { "retry-after-ms": "7" } }),
    );
    const limited = await send(appendOne);
    expect(limited?.headers).toMatchObject({ "retry-after-ms": "7" });
    expect(JSON.parse(String(limited?.body))).toEqual({ code: "rate_limited", message: "slow down" });
    expect(await seqNumOfTail()).toBe(0);
  });

  test("draining ends after its time", async () => {
    local.faults.add({ do: { kind: "drain", ms: 500 } });
    const refused = await send(tail);
    expect([refused?.status, JSON.parse(String(refused?.body)).code]).toEqual([503, "server_draining"]);
    await clock.advance(499);
    expect((await send(tail))?.status).toBe(503);
    await clock.advance(1);
    expect((await send(tail))?.status).toBe(200);
  });

  test("a session is cut after so many acknowledgements", async () => {
    local.faults.add({ do: { kind: "cut", how: "end", after: 2 } });
    const cut = await send(appendSession("a", "b", "c"));
    expect(framesOf(bodyOf(cut))).toHaveLength(2);
    expect(cut?.complete).toBe(true);
    expect(await seqNumOfTail()).toBe(3);
  });

  test("an append is applied and its acknowledgement lost", async () => {
    local.faults.add({ on: { times: 1 }, do: { kind: "cut", how: "destroy", insteadOf: 1 } });
    const lost = await send(appendOne);
    expect(lost?.complete ?? false).toBe(false);
    expect(await seqNumOfTail()).toBe(1);
  });

  test("a request that is cut before is not performed", async () => {
    for (const how of ["reset", "destroy", "goaway"] as const) {
      local.faults.add({ on: { times: 1 }, do: { kind: "cut", how } });
      const cut = await send(appendOne);
      expect(cut?.complete ?? false).toBe(false);
    }
    expect(await seqNumOfTail()).toBe(0);
    expect((await send(tail))?.status).toBe(200);
  });

  test("a body can end in the middle of a frame", async () => {
    local.faults.add({ do: { kind: "cut", how: "end", insteadOf: 2, part: true } });
    const cut = await send(appendSession("a", "b"));
    const whole = framesOf(bodyOf(cut))[0]?.length ?? 0;
    expect(cut?.complete).toBe(true);
    expect(bodyOf(cut).length).toBeGreaterThan(whole / 2);
  });

  test("a session can end with a terminal frame, an event stream with an error", async () => {
    local.faults.add({ do: { kind: "fail", status: 500, code: "storage", message: "no disk", after: 1 } });
    const failed = await send(appendSession("a", "b"));
    const [ack, terminal = ""] = framesOf(bodyOf(failed));
    expect(ack).toBeDefined();
    expect(terminal.slice(6, 12)).toBe("8001f4");
    expect(Buffer.from(terminal.slice(12), "hex").toString()).toBe('{"code":"storage","message":"no disk"}');
    const events = await send(readSession("seq_num=0", EVENTS));
    expect(String(events?.body)).toMatch(/event: error\ndata: \{"code":"storage"/);
  });

  test("a call can be applied and answered with an error", async () => {
    local.faults.add({ on: { times: 1 }, do: { kind: "fail", status: 500, code: "other", insteadOf: 1 } });
    expect((await send(appendOne))?.status).toBe(500);
    expect(await seqNumOfTail()).toBe(1);
  });

  test("headers can be held back until their time, the operation being done", async () => {
    local.faults.add({ on: { times: 1 }, do: { kind: "hold-headers", ms: 1000 } });
    let answered = false;
    const held = send(appendOne).then((answer) => {
      answered = true;
      return answer;
    });
    await until(async () => (await seqNumOfTail()) === 1 && isDueIn(1000));
    await clock.advance(999);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect((await held)?.status).toBe(200);
  });

  test("messages can be delayed", async () => {
    local.faults.add({ do: { kind: "delay", ms: 300 } });
    let done = false;
    const delayed = send(appendSession("a", "b")).then((answer) => {
      done = true;
      return answer;
    });
    await until(async () => (await seqNumOfTail()) === 2 && isDueIn(300));
    await clock.advance(299);
    expect(done).toBe(false);
    await clock.advance(1);
    expect(framesOf(bodyOf(await delayed))).toHaveLength(2);
  });

  test("bytes can be put into the body", async () => {
    local.faults.add({ do: { kind: "inject", hex: "000000", at: "headers" } });
    const answer = await send(appendSession("a"));
    expect(bodyOf(answer).subarray(0, 3).toString("hex")).toBe("000000");
    expect(framesOf(bodyOf(answer).subarray(3))).toHaveLength(1);
  });

  test("a body arrives whole when it is split", async () => {
    local.faults.add({ do: { kind: "split" } });
    const split = await send(appendSession("a", "b"));
    expect(framesOf(bodyOf(split))).toHaveLength(2);
    expect(split?.complete).toBe(true);
    expect((await send(tail))?.body?.toString()).toMatch(/"seq_num":2/);
  });

  test("throttling takes its time", async () => {
    local.faults.add({ do: { kind: "throttle", bytesPerSecond: 20 } });
    let done = false;
    const slow = send(appendSession("a")).then((answer) => {
      done = true;
      return answer;
    });
    const began = clock.now();
    while (!done) {
      await until(() => done || isDueIn(50));
      if (!done) await clock.advance(50);
    }
    expect(clock.now() - began).toBe(bodyOf(await slow).length * 50);
  });

  test("heartbeats can be stopped, and delayed", async () => {
    local.faults.add({ on: { times: 1 }, do: { kind: "drop-heartbeats" } });
    const silent = send(readSession("tail_offset=0&wait=1"));
    await until(() => isDueIn(1000));
    await clock.advance(1000);
    expect((await silent)?.body).toHaveLength(0);
    local.faults.clear();
    local.faults.add({ on: { times: 1 }, do: { kind: "delay", ms: 5000, only: "heartbeats" } });
    const late = send(readSession("tail_offset=0&wait=1"));
    await until(() => isDueIn(5000));
    await clock.advance(5000);
    expect(framesOf(bodyOf(await late))).toHaveLength(1);
  });

  test("a frame can advise to reconnect", async () => {
    local.faults.add({ do: { kind: "advise-reconnect", onMessage: 2 } });
    const answer = await send(appendSession("a", "b"));
    expect(framesOf(bodyOf(answer)).map((text) => text.slice(6, 8))).toEqual(["00", "10"]);
  });

  test("what is stalled for ever ends with the server", async () => {
    const moments = [{ at: "request" }, { at: "headers" }, { after: 1 }] as const;
    for (const [index, moment] of moments.entries()) {
      local.faults.add({ on: { nth: index + 1, times: 1 }, do: { kind: "stall", ...moment } });
    }
    const stalled = [send(appendSession("a")), send(appendSession("b")), send(appendSession("c"))];
    await until(() => local.faults.list().every((rule) => rule.hits === 1));
    await local.close();
    for (const answer of await Promise.all(stalled)) expect(answer?.complete ?? false).toBe(false);
  });
});

describe("what only HTTP/2 can show", () => {
  test.each([2, 7, 8])("a reset with code %i is no end of the stream", async (code) => {
    for (const moment of [{ at: "headers" }, { after: 1 }, { insteadOf: 1, part: true }] as const) {
      local.faults.clear();
      local.faults.add({ do: { kind: "cut", how: "reset", code, ...moment } });
      const frames = await framesOnTheWire(local.origin, appendSession("a"));
      const rst = frames.find(({ type }) => type === 3);
      expect(rst?.payload.readUInt32BE(0)).toBe(code);
      expect(frames.filter(({ type, flags }) => type <= 1 && (flags & 1) !== 0)).toEqual([]);
    }
  });

  test("GOAWAY carries its code and ends the connection", async () => {
    local.faults.add({ do: { kind: "cut", how: "goaway", code: 11, after: 1 } });
    const cut = await overHttp2(appendSession("a"));
    expect(cut.goaway).toBe(11);
  });

  test("an announced end lets what is open go on", async () => {
    local.faults.add({ do: { kind: "goaway", at: "request" } });
    const answer = await overHttp2(appendSession("a", "b"));
    expect(framesOf(bodyOf(answer))).toHaveLength(2);
    expect(answer).toMatchObject({ complete: true, goaway: 0 });
  });
});

test("a cut at a time needs no message", async () => {
  local.faults.add({ do: { kind: "cut", how: "destroy", afterMs: 2000 } });
  let gone = false;
  const cut = overHttp2(readSession("tail_offset=0")).then(() => {
    gone = true;
  });
  await until(() => clock.pending.some(({ dueAt }) => dueAt === 2000));
  await clock.advance(1999);
  expect(gone).toBe(false);
  await clock.advance(1);
  await cut;
});

test("a read that is cut leaves no follower and no timer behind", async () => {
  local.faults.add({ do: { kind: "delay", ms: 45_000 } });
  const session = http2.connect(local.origin);
  session.on("error", () => undefined);
  const stream = session.request({ ":method": "GET", ":path": `${RECORDS}?tail_offset=0`, ...FRAMES });
  stream.on("error", () => undefined);
  const followers = (): number => local.service.live.peek(BASIN, "s")?.followers ?? 0;
  await until(() => followers() === 1 && clock.pending.some(({ dueAt }) => dueAt === 45_000));
  session.destroy();
  await until(() => followers() === 0 && !clock.pending.some(({ dueAt }) => dueAt === 45_000));
});
