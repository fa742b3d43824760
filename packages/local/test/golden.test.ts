import * as http2 from "node:http2";
import * as zlib from "node:zlib";
import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";
import { describeFrame, framesOf } from "./frames.js";
import { type RawAnswer, sendOverHttp1, sendOverHttp2 } from "./raw-client.js";
import { loadVectors, type Vector } from "./vectors.js";

const BASIN = "vector-basin-1";
const HAS_ZSTD = "zstdCompressSync" in zlib;

const WITHOUT_ZSTD = {
  "append-415": "names only the codings that this runtime has, and it has no zstd",
  "s2s-read-zstd":
    "this runtime has no zstd, so the frame is compressed with gzip, which the client lists too",
};

/** Where this server answers otherwise than the recording, and why. A case that matches after all fails. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "access-tokens-501": "has access tokens",
  ...(HAS_ZSTD ? {} : WITHOUT_ZSTD),
};

interface Stage {
  readonly local: LocalServer;
  readonly clock: FakeClock;
  send(request: Vector["request"], onData?: (soFar: Buffer) => void): Promise<RawAnswer>;
}

/** What happened on the recorded server besides the requests. */
const BEFORE: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  "s2s-read-gzip": (stage) => appendText(stage, "big", 1, "z".repeat(1100)),
  "create-encrypted-stream": (stage) => setCipher(stage, '"aegis-256"'),
  "s2s-read-terminal-stream-deleted": async (stage) => {
    await setCipher(stage, "null");
    await appendText(stage, "del2", 1, "x");
  },
  "delete-stream": (stage) => appendText(stage, "del", 1, "x"),
};

/** What happened while a request was waiting at the tail of a stream; then its wait ran out. */
const MEANWHILE: Readonly<Record<string, { stream: string; act: (stage: Stage) => Promise<unknown> }>> = {
  "read-wait-expired": { stream: "s", act: (stage) => stage.clock.advance(1000) },
  "read-long-poll-live": { stream: "s", act: (stage) => appendText(stage, "s", 1005, "live") },
  "read-protobuf-live-tail": { stream: "s", act: (stage) => appendText(stage, "s", 1008, "live2") },
  "sse-follow": { stream: "s", act: (stage) => appendThenWait(stage, "s", 1009, "live3") },
  "s2s-read-follow": { stream: "t", act: (stage) => appendThenWait(stage, "t", 7, "live") },
  "s2s-read-terminal-stream-deleted": {
    stream: "del2",
    act: (stage) =>
      stage.send({ method: "DELETE", path: "/v1/streams/del2", headers: { "s2-basin": BASIN } }),
  },
};

for (const protocol of ["HTTP/1.1", "HTTP/2"] as const) {
  describe(`over ${protocol}, the server answers as the recorded one`, () => {
    let stage: Stage;
    let session: http2.ClientHttp2Session | undefined;

    beforeAll(async () => {
      const clock = createFakeClock();
      const local = await startLocal({ clock });
      if (protocol === "HTTP/2") session = http2.connect(local.origin);
      const h2 = session;
      const send: Stage["send"] =
        h2 === undefined
          ? (request, onData) => sendOverHttp1(local.origin, request, onData)
          : (request, onData) => sendOverHttp2(h2, request, onData);
      stage = { local, clock, send };
    });

    afterAll(async () => {
      session?.close();
      await stage.local.close();
    });

    for (const vector of loadVectors()) {
      test(vector.name, async () => {
        await BEFORE[vector.name]?.(stage);
        const answering = stage.send(vector.request);
        const meanwhile = MEANWHILE[vector.name];
        if (meanwhile !== undefined) {
          await follower(stage.local, meanwhile.stream);
          await meanwhile.act(stage);
        }
        const answer = comparable(await answering, vector);
        const recorded = expected(vector);
        if (Object.hasOwn(DEVIATIONS, vector.name)) expect(answer).not.toEqual(recorded);
        else expect(answer).toEqual(recorded);
      });
    }
  });
}

/** Resolves once somebody follows the stream. */
async function follower(local: LocalServer, stream: string): Promise<void> {
  while ((local.service.live.peek(BASIN, stream)?.followers ?? 0) === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function appendThenWait(stage: Stage, stream: string, timestamp: number, body: string): Promise<void> {
  await appendText(stage, stream, timestamp, body);
  await stage.clock.advance(1000);
}

function appendText(stage: Stage, stream: string, timestamp: number, body: string): Promise<RawAnswer> {
  return stage.send({
    method: "POST",
    path: `/v1/streams/${stream}/records`,
    headers: { "s2-basin": BASIN, "content-type": "application/json" },
    body: JSON.stringify({ records: [{ timestamp, body }] }),
  });
}

function setCipher(stage: Stage, cipher: string): Promise<RawAnswer> {
  return stage.send({
    method: "PATCH",
    path: `/v1/basins/${BASIN}`,
    headers: { "content-type": "application/json" },
    body: `{"stream_cipher":${cipher}}`,
  });
}

interface Comparable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | readonly string[];
  readonly complete: boolean;
}

function comparable(answer: RawAnswer, { response }: Vector): Comparable {
  const names = Object.keys(response.headers);
  return {
    status: answer.status,
    headers: Object.fromEntries(names.map((name) => [name, answer.headers[name]])),
    body:
      response.frames_hex !== undefined
        ? framesOf(answer.body)
        : response.body_hex !== undefined
          ? answer.body.toString("hex")
          : withoutTimes(answer.body.toString("utf8")),
    complete: answer.complete,
  };
}

function expected({ response }: Vector): Comparable {
  const { frames_hex: frames } = response;
  return {
    status: response.status,
    headers: response.headers,
    body:
      frames !== undefined
        ? frames.map((frame) => describeFrame(Buffer.from(frame, "hex")))
        : (response.body_hex ?? withoutTimes(response.body ?? "")),
    complete: true,
  };
}

/** Times of the recording cannot come again: creation, deletion, and the clock in a ping. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"/g, '"<time>"')
    .replaceAll(/"timestamp":\d{13},"tail"/g, '"timestamp":"<now>","tail"');
}
