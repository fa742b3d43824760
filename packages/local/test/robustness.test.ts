import * as http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type BasinRow,
  createMemoryStorage,
  type LocalServer,
  type Storage,
  type StreamRow,
  startLocal,
} from "../src/index.js";
import { framesOf } from "./frames.js";
import { sendOverHttp1, sendOverHttp2 } from "./raw-client.js";

const BASIN = "robust-basin";
const HEADERS = { "s2-basin": BASIN };
const FRAMES = { ...HEADERS, "content-type": "s2s/proto" };

let local: LocalServer;
beforeEach(async () => {
  local = await startLocal({
    init: {
      basins: [{ name: BASIN, config: { create_stream_on_append: true, create_stream_on_read: true } }],
    },
  });
});
afterEach(() => local.close());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves when this holds; the test's own deadline is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const followers = (stream: string): number => local.service.live.peek(BASIN, stream)?.followers ?? 0;

async function healthy(): Promise<boolean> {
  const answer = await sendOverHttp1(local.origin, { method: "GET", path: "/health", headers: {} });
  return answer.body.toString() === "OK";
}

/** What keeps a process alive, but for what belongs to the test runner or comes and goes. */
function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|HTTP|Timeout/.test(name))
    .sort();
}

/** What there is beyond what was there before, which may have gone meanwhile. */
function more(now: readonly string[], before: readonly string[]): string[] {
  const known = [...before];
  return now.filter((name) => {
    const place = known.indexOf(name);
    if (place >= 0) known.splice(place, 1);
    return place < 0;
  });
}

function append(stream: string, body: string): Promise<unknown> {
  return local.service.records.openAppend({ basin: BASIN, stream }).then((opening) =>
    opening.append({
      records: [{ timestamp: undefined, headers: [], body: Buffer.from(body) }],
      match_seq_num: undefined,
      fencing_token: undefined,
    }),
  );
}

describe("a client that goes away", () => {
  test("leaves no follower behind over HTTP/1.1, whatever it was reading", async () => {
    for (const headers of [
      "accept: text/event-stream",
      "content-type: s2s/proto",
      "accept: application/json",
    ]) {
      const socket = open();
      socket.write(
        `GET /v1/streams/gone/records?wait=60 HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n${headers}\r\n\r\n`,
      );
      await until(() => followers("gone") === 1);
      socket.destroy();
      await until(() => followers("gone") === 0);
    }
  });

  test("leaves none behind that waits behind another on its connection", async () => {
    const socket = open();
    const tail = `GET /v1/streams/gone/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\naccept: text/event-stream\r\n\r\n`;
    socket.write(tail.repeat(20));
    await until(() => followers("gone") > 1);
    socket.destroy();
    await until(() => followers("gone") === 0);
  });

  test("leaves no follower behind over HTTP/2", async () => {
    const session = http2.connect(local.origin);
    const stream = session.request({ ":path": "/v1/streams/gone/records", ...FRAMES });
    stream.on("error", () => undefined);
    await until(() => followers("gone") === 1);
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await until(() => followers("gone") === 0);
    const second = session.request({ ":path": "/v1/streams/gone/records", ...FRAMES });
    second.on("error", () => undefined);
    await until(() => followers("gone") === 1);
    session.destroy();
    await until(() => followers("gone") === 0);
  });

  test("while its stream is still being looked up leaves no follower behind", async () => {
    const memory = createMemoryStorage<BasinRow, StreamRow>();
    const waiting: (() => void)[] = [];
    const storage: Storage<BasinRow, StreamRow> = {
      ...memory,
      streams: (basin) => ({
        ...memory.streams(basin),
        get: async (name) => {
          if (name === "held") await new Promise<void>((resolve) => waiting.push(resolve));
          return memory.streams(basin).get(name);
        },
      }),
    };
    await using slow = await startLocal({ storage, init: { basins: [{ name: BASIN }] } });
    await memory.streams(BASIN).put("held", HELD_STREAM);
    for (const protocol of ["HTTP/1.1", "HTTP/2"]) {
      if (protocol === "HTTP/1.1") {
        const socket = connect(slow.port, "127.0.0.1");
        socket.write(
          `GET /v1/streams/held/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\ncontent-type: s2s/proto\r\n\r\n`,
        );
        await until(() => waiting.length === 1);
        socket.destroy();
      } else {
        slow.service.live.forget(BASIN, "held");
        const session = http2.connect(slow.origin);
        const stream = session.request({ ":path": "/v1/streams/held/records", ...FRAMES });
        stream.on("error", () => undefined);
        await until(() => waiting.length === 1);
        session.destroy();
      }
      await connectionsGone(slow);
      waiting.pop()?.();
      await until(() => slow.service.live.peek(BASIN, "held") !== undefined);
      for (let count = 0; count < 10; count += 1) await turn();
      expect(slow.service.live.peek(BASIN, "held")?.followers).toBe(0);
    }
  });

  test("in the middle of a body does no harm", async () => {
    for (const type of ["application/json", "application/protobuf", "s2s/proto"]) {
      const socket = open();
      socket.write(
        `POST /v1/streams/half/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\ncontent-type: ${type}\r\ncontent-length: 100\r\n\r\n{"re`,
      );
      await turn();
      socket.destroy();
    }
    expect(await healthy()).toBe(true);
  });
});

describe("a reader that is slow", () => {
  test("is not followed up in memory: it drops to what is stored, and still gets everything once", async () => {
    const session = http2.connect(local.origin, { settings: { initialWindowSize: 65_535 } });
    const stream = session.request({ ":path": "/v1/streams/slow/records", ...FRAMES });
    await until(() => followers("slow") === 1);
    const count = 120;
    for (let index = 0; index < count; index += 1) await append("slow", String(index).padEnd(100_000, "."));
    // It holds the window, what the stream buffers, and at most 25 batches; then it follows no more.
    await until(() => followers("slow") === 0);
    const body: Buffer[] = [];
    const seen = new Set<string>();
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    await until(() => {
      for (const match of Buffer.concat(body.splice(0))
        .toString("latin1")
        .matchAll(/(\d+)\.{50}/g)) {
        seen.add(match[1] as string);
      }
      return seen.size >= count - 1;
    });
    await until(() => followers("slow") === 1);
    session.destroy();
  });
});

describe("a session that was refused while its client goes on sending", () => {
  /** An append at a wrong place, and much behind it. */
  const input = (record: string, match = ""): Buffer => {
    const payload = Buffer.from(record + match, "hex");
    const head = Buffer.alloc(4);
    head.writeUIntBE(payload.length + 1, 0, 3);
    return Buffer.concat([head, payload]);
  };
  const large = `0ac3071ac007${"41".repeat(960)}`;
  const sent = Buffer.concat([input("0a031a0161", "1007"), ...Array(400).fill(input(large))]);
  const encodings = [undefined, "gzip"] as const;

  test.each(encodings)("is read to its end, so that a server over HTTP/2 can stop: %s", async (encoding) => {
    const patient = await startLocal({
      drainMs: 2 ** 31 - 1,
      init: { basins: [{ name: BASIN, streams: [{ name: "s" }] }] },
    });
    const session = http2.connect(patient.origin);
    session.on("error", () => undefined);
    const headers = encoding === undefined ? FRAMES : { ...FRAMES, "content-encoding": encoding };
    const options = { endStream: false };
    const stream = session.request(
      { ":method": "POST", ":path": "/v1/streams/s/records", ...headers },
      options,
    );
    let answer = Buffer.alloc(0);
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
    });
    stream.write(encoding === undefined ? sent : gzipSync(sent, { level: 0 }));
    await new Promise((resolve) => stream.once("close", resolve));
    expect(answer.toString()).toContain('{"seq_num_mismatch":0}');
    await patient.close();
  });
});

describe("a server that closes", () => {
  test("tells open sessions, and is gone soon", async () => {
    const reading = sendOverHttp1(local.origin, {
      method: "GET",
      path: "/v1/streams/r/records",
      headers: FRAMES,
    });
    const events = sendOverHttp1(local.origin, {
      method: "GET",
      path: "/v1/streams/r/records",
      headers: { ...HEADERS, accept: "text/event-stream" },
    });
    let opened = false;
    const appending = sendOverHttp1(
      local.origin,
      {
        method: "POST",
        path: "/v1/streams/a/records",
        headers: FRAMES,
        chunks_hex: ["000008000a0508011a0161"],
      },
      () => {
        opened = true;
      },
    );
    await until(() => followers("r") === 2 && opened);
    await local.close();
    const terminal = Buffer.from('{"code":"server_draining","message":"server is shutting down"}').toString(
      "hex",
    );
    expect(framesOf((await reading).body).at(-1)).toContain(`01f7${terminal}`);
    expect((await events).body.toString()).toContain('event: error\ndata: {"code":"server_draining"');
    expect(framesOf((await appending).body).at(-1)).toContain(`01f7${terminal}`);
    await expect(
      sendOverHttp1(local.origin, { method: "GET", path: "/health", headers: {} }),
    ).rejects.toThrow();
  });

  test("answers reads that wait at once, with what is there", async () => {
    const patient = await startLocal({
      drainMs: 2 ** 31 - 1,
      init: { basins: [{ name: BASIN, streams: [{ name: "polled" }] }] },
    });
    const path = "/v1/streams/polled/records?seq_num=0&wait=60";
    const session = http2.connect(patient.origin);
    const polls = Promise.all([
      sendOverHttp1(patient.origin, { method: "GET", path, headers: HEADERS }),
      sendOverHttp2(session, { method: "GET", path, headers: HEADERS }),
    ]);
    await until(() => patient.service.live.peek(BASIN, "polled")?.followers === 2);
    await patient.close();
    for (const { status, body } of await polls) {
      expect(status).toBe(200);
      expect(JSON.parse(body.toString())).toEqual({ records: [] });
    }
  });

  test("does not wait for connections on which nothing happens", async () => {
    const silent = open();
    const idle = http2.connect(local.origin);
    await new Promise((resolve) => idle.once("remoteSettings", resolve));
    const kept = open();
    kept.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise((resolve) => kept.once("data", resolve));
    const closed = Promise.all(
      [silent, kept].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
    await local.close();
    await closed;
    await until(() => idle.destroyed);
  });

  test("answers requests that have been sent already, also on connections that it has not seen yet", async () => {
    const request = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    const sockets: Socket[] = [];
    const answers: Promise<string>[] = [];
    for (let index = 0; index < 20; index += 1) {
      const socket = connect(local.port, "127.0.0.1");
      socket.write(request);
      sockets.push(socket);
      answers.push(
        new Promise((resolve) => {
          let text = "";
          socket.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          socket.on("error", (error) => resolve(error.message));
          socket.on("close", () => resolve(text.slice(0, 15)));
        }),
      );
    }
    // They are connected, as far as they know.
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("ready", resolve))));
    await local.close();
    expect(await Promise.all(answers)).toEqual(Array(20).fill("HTTP/1.1 200 OK"));
  });

  test("leaves no handle behind", async () => {
    // Sockets of what was tried before go first, so that every socket left is this server's; timers may still go.
    await until(() => !handles().includes("TCPSocketWrap"));
    const before = handles();
    const other = await startLocal({
      init: { basins: [{ name: BASIN, config: { create_stream_on_read: true } }] },
    });
    const session = http2.connect(other.origin);
    const stream = session.request({ ":path": "/v1/streams/h/records", ...FRAMES });
    stream.on("error", () => undefined);
    stream.resume();
    await until(() => other.service.live.peek(BASIN, "h")?.followers === 1);
    await other.close();
    session.destroy();
    await until(() => session.destroyed && stream.destroyed);
    // Handles go a moment after what used them; one that stays fails the test by its deadline.
    await until(() => more(handles(), before).length === 0);
  });

  test("may be closed twice", async () => {
    await Promise.all([local.close(), local.close()]);
  });
});

describe("nonsense", () => {
  test("on the wire ends its own connection only", async () => {
    const inputs = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(`GET ${text} HTTP/1.1\r\n\r\n`)),
      fc
        .uint8Array({ maxLength: 100 })
        .map((bytes) => Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), bytes])),
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (bytes) => {
        const socket = open();
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.resume();
        socket.end(bytes);
        await closed;
      }),
      { numRuns: 100 },
    );
    expect(await healthy()).toBe(true);
  });

  test("in frames ends a session with bad_frame or invalid", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const answer = await sendOverHttp1(local.origin, {
          method: "POST",
          path: "/v1/streams/fuzz/records",
          headers: FRAMES,
          body_hex: Buffer.from(bytes).toString("hex"),
        });
        expect(answer.status).toBe(200);
        expect(answer.complete).toBe(true);
        expect(answer.body.toString("latin1")).toMatch(/"(bad_frame|invalid)"/);
      }),
      { numRuns: 150 },
    );
  });

  test("in bodies is refused", async () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
    );
    const types = fc.constantFrom("application/json", "application/protobuf");
    await fc.assert(
      fc.asyncProperty(bodies, types, async (body, type) => {
        const answer = await sendOverHttp1(local.origin, {
          method: "POST",
          path: "/v1/streams/fuzz/records",
          headers: { ...HEADERS, "content-type": type },
          body_hex: body.toString("hex"),
        });
        expect([400, 422]).toContain(answer.status);
        expect(JSON.parse(answer.body.toString())).toHaveProperty("code");
      }),
      { numRuns: 150 },
    );
  });
});

const HELD_STREAM: StreamRow = {
  settings: {
    storageClass: "express",
    retention: "infinite",
    mode: "client-prefer",
    uncapped: false,
    minAgeSecs: 0,
  },
  cipher: null,
  createdAt: 0,
  deletedAt: null,
  creationKey: null,
  logId: "held",
};

/** Resolves when the server has noticed that its client has gone: by then it answers somebody who came later. */
async function connectionsGone({ origin }: LocalServer): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    await sendOverHttp1(origin, { method: "GET", path: "/health", headers: {} });
  }
}

function open(): Socket {
  const socket = connect(local.port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}
