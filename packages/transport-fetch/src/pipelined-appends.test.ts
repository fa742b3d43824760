import { gunzipSync } from "node:zlib";
import { decodeAppendInput, encodeTerminalFrame } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type DuplexCall, startDuplexServer } from "../test/duplex-server.js";
import {
  ATTEMPT,
  ackBody,
  appendRequest,
  batchOf,
  disposable,
  gate,
  REASON,
  recordEvents,
  stalled,
} from "../test/support.js";
import { type PipelinedAppendsOptions, pipelinedAppends } from "./framed.js";
import { createFetchTransport as createDefaultTransport } from "./index.js";
import { createFetchTransport } from "./index.node.js";
import type { FetchTransportOptions } from "./settings.js";

const SESSION = { "content-type": "s2s/proto" };

type Wire = readonly [name: string, create: typeof createFetchTransport];

const WIRES: readonly Wire[] = [
  ["node:http", createFetchTransport],
  ["fetch", createDefaultTransport],
];

/** Time that passes when the test says so. */
function fakeClock(): {
  clock: NonNullable<PipelinedAppendsOptions["clock"]>;
  fire(): void;
  armed(): number;
} {
  const timers = new Set<() => void>();
  return {
    clock: {
      now: () => 0,
      timer(_millis, fire) {
        timers.add(fire);
        return () => void timers.delete(fire);
      },
    },
    fire() {
      for (const fire of [...timers]) {
        timers.delete(fire);
        fire();
      }
    },
    armed: () => timers.size,
  };
}

function open(
  create: typeof createFetchTransport,
  url: string,
  options: PipelinedAppendsOptions & Pick<FetchTransportOptions, "compression"> = {},
) {
  // On a busy machine a probe in real time would be over before its answer comes.
  const { compression = "none", ...pipelined } = { clock: fakeClock().clock, ...options };
  const transport = disposable(create({ appends: pipelinedAppends(pipelined), compression }));
  const start = () => {
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(url), recorder.events, ATTEMPT);
    return { recorder, link };
  };
  return { transport, start, ...start() };
}

/** Answers at once, and acknowledges each frame when it comes. */
function acknowledge(call: DuplexCall): void {
  call.response.writeHead(200, SESSION).flushHeaders();
  void (async () => {
    for (let count = 1; ; count += 1) {
      await call.has(count);
      call.ack();
    }
  })();
  void call.finished.then(() => call.response.end());
}

describe.each(WIRES)("pipelined appends over %s", (_name, create) => {
  it("sends batch after batch on one request, and hands out their acks in order", async () => {
    const bodies: number[] = [];
    const calls: DuplexCall[] = [];
    await using server = await startDuplexServer((call) => {
      calls.push(call);
      acknowledge(call);
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    expect(recorder.log).toEqual([]);
    await recorder.opened;
    for (const size of [10, 2000, 30, 70_000, 5]) expect(link.send(batchOf(size))).toBe(true);
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.acks.map((ack) => ack.start.seq_num)).toEqual([0, 1, 2, 3, 4]);
    expect(recorder.taken()).toBe(5);
    expect(link.started).toBe(5);
    for (const { payload } of calls[0]?.frames ?? [])
      bodies.push(...decodeAppendInput(payload).records.map(({ body }) => body.length));
    expect(bodies).toEqual([10, 2000, 30, 70_000, 5]);
    expect(server.requests).toEqual(["s2s/proto"]);
    expect(calls[0]?.request.headers).toMatchObject({
      accept: "application/protobuf",
      "accept-encoding": "identity",
      authorization: "Bearer secret",
    });
  });

  it("sends no more than the head of its first frame before the server has answered", async () => {
    const reached = gate<DuplexCall>();
    await using server = await startDuplexServer((call) => reached.open(call));
    const { transport, recorder, link, start } = open(create, server.url, { clock: fakeClock().clock });
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    link.send(batchOf(20));
    const call = await reached.promise;
    await call.hasBytes(4);
    await stalled(() => call.received);
    expect(call.received).toBe(4);
    expect(link.started).toBe(0);
    expect(recorder.log).toEqual(["opened"]);
    acknowledge(call);
    await recorder.saw("acks 2");
    expect(link.started).toBe(2);
    // The next link knows.
    const next = start();
    await next.recorder.opened;
    next.link.send(batchOf(1));
    expect(next.link.started).toBe(0);
    next.link.abort(REASON);
    link.abort(REASON);
  });

  it("appends by one POST at a time when no answer comes while the request goes on, and later links do at once", async () => {
    const { clock, fire } = fakeClock();
    const held = gate<DuplexCall>();
    let records = 0;
    await using server = await startDuplexServer((call) => {
      if (call.request.headers["content-type"] === "s2s/proto") return held.open(call);
      void call.finished.then(() => call.response.end(ackBody(records++)));
    });
    const { transport, recorder, link, start } = open(create, server.url, { clock });
    await using _ = transport;
    await recorder.opened;
    expect(link.send(batchOf(10))).toBe(true);
    expect(link.send(batchOf(20))).toBe(true);
    const call = await held.promise;
    await call.hasBytes(4);
    fire();
    await call.abandoned;
    await recorder.saw("writable");
    expect(recorder.acks.map((ack) => ack.start.seq_num)).toEqual([0, 1]);
    expect(link.started).toBe(2);
    expect(link.send(batchOf(30))).toBe(false);
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.acks).toHaveLength(3);
    const next = start();
    await next.recorder.opened;
    next.link.send(batchOf(1));
    await next.recorder.saw("acks 1");
    next.link.abort(REASON);
    expect(server.requests).toEqual([
      "s2s/proto",
      ...Array.from({ length: 4 }, () => "application/protobuf"),
    ]);
  });

  it("appends by one POST at a time when requests without a length are refused", async () => {
    await using server = await startDuplexServer((call) => {
      if (call.request.headers["content-type"] === "s2s/proto") call.response.writeHead(411).end();
      else void call.finished.then(() => call.response.end(ackBody(0)));
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.acks).toHaveLength(1);
  });

  it("gives the acks before a terminal frame, and then its error [D1-84]", async () => {
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(2).then(() => {
        call.ack();
        call.response.end(encodeTerminalFrame(412, '{"seq_num_mismatch":7}'));
      });
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject({ code: "APPEND_CONDITION_FAILED", expectedSeqNum: 7 });
    expect(recorder.acks).toHaveLength(1);
    expect(recorder.log.at(-1)).toBe("ended APPEND_CONDITION_FAILED");
  });

  it.each([
    [403, "", { status: 403, retryable: false }],
    [503, '{"code":"server_draining","message":"x"}', { code: "server_draining", sideEffect: "none" }],
    [404, '{"code":"stream_not_found","message":"x"}', { code: "stream_not_found" }],
  ])("ends with what the server answers instead: %i", async (status, body, expected) => {
    await using server = await startDuplexServer((call) => call.response.writeHead(status).end(body));
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject(expected);
    expect(link.started).toBe(0);
  });

  it("ends cleanly, with batches unacknowledged, when the server does [H-11]", async () => {
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(2).then(() => {
        call.ack();
        call.response.end();
      });
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    link.send(batchOf(10));
    expect(await recorder.ended).toBeNull();
    expect(recorder.acks).toHaveLength(1);
    expect(link.started).toBe(2);
  });

  it("counts half a frame at the end as a broken connection, and a cut as well", async () => {
    let calls = 0;
    await using server = await startDuplexServer((call) => {
      calls += 1;
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(1).then(() => {
        if (calls === 1) call.response.end(Buffer.from([0, 0]));
        else call.socket.destroy();
      });
    });
    const { transport, recorder, link, start } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible" });
    const next = start();
    await next.recorder.opened;
    next.link.send(batchOf(10));
    expect(await next.recorder.ended).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible" });
  });

  it("proves that nothing was sent when no connection can be opened", async () => {
    const closed = await startDuplexServer(() => {});
    await closed[Symbol.asyncDispose]();
    const { transport, recorder, link } = open(create, closed.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    expect(await recorder.ended).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "none" });
  });

  it("passes on the advice to reconnect, behind the acks of the same chunk [H-5]", async () => {
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(1).then(() => call.ack({ reconnectAdvised: true }));
      void call.finished.then(() => call.response.end());
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("reconnectAdvised");
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(recorder.log.slice(-3)).toEqual(["acks 1", "reconnectAdvised", "ended"]);
  });

  it("asks to wait when the server does not read, and says when there is room again [G-6]", async () => {
    const reached = gate<DuplexCall>();
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(1).then(() => {
        call.request.pause();
        reached.open(call);
      });
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    const call = await reached.promise;
    let sent = 1;
    let full = false;
    // What the buffers of the sockets take counts as well.
    while (!full && sent < 100) {
      full = !link.send(batchOf(500_000));
      sent += 1;
      if (full) {
        await stalled(() => recorder.log.length);
        full = !recorder.log.includes("writable");
        recorder.log.length = 0;
      }
    }
    expect(full).toBe(true);
    expect(recorder.taken()).toBeLessThan(sent);
    call.request.resume();
    await recorder.saw("writable");
    link.abort(REASON);
  });

  it("gives the request up on abort and says nothing more [D2-9]", async () => {
    const reached = gate<DuplexCall>();
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, SESSION).flushHeaders();
      void call.has(1).then(() => reached.open(call));
    });
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.send(batchOf(10));
    const call = await reached.promise;
    const before = [...recorder.log];
    link.abort(REASON);
    await call.abandoned;
    expect(recorder.log).toEqual(before);
  });

  it("settles when the transport is closed", async () => {
    const { clock, armed } = fakeClock();
    const reached = gate();
    await using server = await startDuplexServer(() => reached.open());
    const { transport, recorder, link } = open(create, server.url, { clock });
    await recorder.opened;
    link.send(batchOf(10));
    await reached.promise;
    await transport.close();
    expect(await recorder.ended).toMatchObject({ code: "SESSION_CLOSED" });
    expect(armed()).toBe(0);
  });

  it("makes no request for a session without a batch", async () => {
    await using server = await startDuplexServer(acknowledge);
    const { transport, recorder, link } = open(create, server.url);
    await using _ = transport;
    await recorder.opened;
    link.finish();
    expect(await recorder.ended).toBeNull();
    expect(server.requests).toEqual([]);
  });

  it("compresses frames that are worth it, and keeps their order [D2-1, H-20]", async () => {
    const calls: DuplexCall[] = [];
    await using server = await startDuplexServer((call) => {
      calls.push(call);
      acknowledge(call);
    });
    const { transport, recorder, link } = open(create, server.url, { compression: "gzip" });
    await using _ = transport;
    await recorder.opened;
    const sizes = [10, 50_000, 20, 30_000, 30];
    for (const size of sizes) link.send(batchOf(size));
    link.finish();
    expect(await recorder.ended).toBeNull();
    const frames = calls[0]?.frames ?? [];
    expect(frames.map(({ compression }) => compression)).toEqual(["none", "gzip", "none", "gzip", "none"]);
    const plain = frames.map(({ compression, payload }) =>
      compression === "gzip" ? gunzipSync(payload) : payload,
    );
    expect(plain.map((payload) => decodeAppendInput(payload).records[0]?.body.length)).toEqual(sizes);
  });
});

describe("pipelined appends where requests cannot be streamed", () => {
  it("are one POST at a time from the start", async () => {
    const seen: unknown[] = [];
    const original = globalThis.Request;
    // As browsers without request streams do: they make a text of the stream.
    globalThis.Request = class extends original {
      constructor(input: string, init?: RequestInit) {
        const { duplex, body, ...rest } = { duplex: undefined, ...init } as RequestInit & {
          duplex?: unknown;
        };
        super(input, { ...rest, ...(body === undefined ? {} : { body: String(body) }) });
      }
    } as typeof Request;
    try {
      const transport = createDefaultTransport({
        appends: pipelinedAppends(),
        fetch: async (_url, init) => {
          seen.push((init.headers as Record<string, string>)["content-type"]);
          return new Response(new Uint8Array(ackBody(0)));
        },
      });
      const recorder = recordEvents();
      const link = transport.openAppend(appendRequest("http://127.0.0.1:9"), recorder.events, ATTEMPT);
      await recorder.opened;
      link.send(batchOf(10));
      await recorder.saw("acks 1");
    } finally {
      globalThis.Request = original;
    }
    expect(seen).toEqual(["application/protobuf"]);
  });
});

describe("options of pipelined appends", () => {
  it.each([0, -1, Number.NaN, 2 ** 31, "1"])("refuse a probe of %s ms", (probeTimeoutMillis) => {
    expect(() => pipelinedAppends({ probeTimeoutMillis: probeTimeoutMillis as number })).toThrow(
      /probeTimeoutMillis must be/,
    );
  });
});
