import * as zlib from "node:zlib";
import {
  createFrameDecoder,
  decodeAppendInput,
  encodeFrame,
  encodeReadBatch,
  FRAME_HEAD_BYTES,
  writeFrameHead,
} from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startDuplexServer } from "../test/duplex-server.js";
import { startHttpServer } from "../test/http-server.js";
import {
  AS_STRING,
  ATTEMPT,
  ackBody,
  appendRequest,
  batchOf,
  disposable,
  exchangeOptions,
  gate,
  REASON,
  readRequest,
  recordEvents,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import type { Compressor } from "./compression.js";
import { FrameQueue } from "./frame-queue.js";
import { framedReads, pipelinedAppends } from "./framed.js";
import { createFetchTransport } from "./index.node.js";

type Coder = (bytes: Uint8Array) => Buffer;
const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as Record<string, Coder>;
const hasZstd = zstdCompressSync !== undefined && zstdDecompressSync !== undefined;

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A frame whose payload begins with its number. */
function frameOf(index: number, payloadBytes: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payloadBytes);
  writeFrameHead(frame, 0, payloadBytes);
  new DataView(frame.buffer).setUint32(FRAME_HEAD_BYTES, index);
  return frame;
}

/** Keeps the beginning, in its own time: a test says which body is done next. */
function createLateCompressor() {
  const waiting: (() => void)[] = [];
  const compressor: Compressor = {
    name: "gzip",
    compress: (bytes) => new Promise((resolve) => waiting.push(() => resolve(bytes.slice(0, 4)))),
  };
  return {
    compressor,
    finish: (choice: number) => waiting.splice(choice % Math.max(1, waiting.length), 1)[0]?.(),
  };
}

type Step = { readonly send: number } | { readonly finish: number } | "turn";

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      send: fc.oneof(fc.integer({ min: 4, max: 1023 }), fc.integer({ min: 1024, max: 90_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ finish: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant<Step>("turn") },
);

describe("batches of mixed sizes on one streamed request", () => {
  it("leave in the order they were sent, whichever is compressed first [D2-1, G-1, H-20]", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { compressor, finish } = createLateCompressor();
        const queue = new FrameQueue(compressor, { taken() {}, writable() {}, failed() {} });
        const decoder = createFrameDecoder();
        const written: [number, string][] = [];
        let ended = false;
        const wire = (async () => {
          for (let chunk = await queue.next(); chunk !== null; chunk = await queue.next()) {
            decoder.push(chunk.slice());
            for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
              written.push([Buffer.from(frame.payload).readUInt32BE(0), frame.compression]);
            }
          }
          ended = true;
        })();
        const sent: [number, string][] = [];
        for (const each of steps) {
          if (each === "turn") await endOfTurn();
          else if ("finish" in each) finish(each.finish);
          else {
            const frame = frameOf(sent.length, each.send);
            queue.send({ frame, recordCount: 1, meteredBytes: each.send, conditional: false });
            sent.push([sent.length, each.send < 1024 ? "none" : "gzip"]);
          }
        }
        queue.finish();
        while (!ended) {
          for (let done = 0; done < 60; done += 1) finish(59 - done);
          await endOfTurn();
        }
        await wire;
        expect(written).toEqual(sent);
      }),
    );
  });
});

describe.runIf(hasZstd)("zstd", () => {
  const plain = (bytes: Uint8Array): Buffer => zstdDecompressSync?.(bytes) ?? Buffer.alloc(0);

  it("compresses the body of a call, and understands the answer to one", async () => {
    await using server = await startHttpServer(({ request, response, body }) => {
      const { "content-encoding": encoding, "accept-encoding": accepted } = request.headers;
      const answer = Buffer.from(`${accepted} ${encoding} ${plain(body).length}`);
      response.writeHead(200, { "content-encoding": "zstd" }).end(zstdCompressSync?.(answer));
    });
    await using transport = disposable(createFetchTransport({ compression: "zstd" }));
    const request = unaryRequest(server.url, Buffer.alloc(9000));
    const { body } = await transport.exchange(request, exchangeOptions());
    expect(Buffer.from(body).toString()).toBe("zstd zstd 9000");
  });

  it("compresses batches that are worth it, one POST at a time", async () => {
    const seen: string[] = [];
    await using server = await startHttpServer(({ request, response, body }) => {
      const encoding = request.headers["content-encoding"] ?? "none";
      const input = decodeAppendInput(encoding === "zstd" ? plain(body) : body);
      seen.push(`${encoding} ${input.records[0]?.body.length}`);
      response.end(ackBody(0));
    });
    await using transport = disposable(createFetchTransport({ compression: "zstd" }));
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("acks 1");
    link.send(batchOf(10_000));
    await recorder.saw("acks 2");
    expect(seen).toEqual(["none 10", "zstd 10000"]);
    link.abort(REASON);
  });

  it("compresses frames that are worth it, on one streamed request", async () => {
    const sizes = [10, 50_000, 20];
    const seen = gate<string[]>();
    await using server = await startDuplexServer((call) => {
      call.response.writeHead(200, { "content-type": "s2s/proto" }).flushHeaders();
      void call.has(sizes.length).then(() => {
        seen.open(
          call.frames.map(({ compression, payload }) => {
            const input = decodeAppendInput(compression === "zstd" ? plain(payload) : payload);
            return `${compression} ${input.records[0]?.body.length}`;
          }),
        );
      });
    });
    await using transport = disposable(
      createFetchTransport({ appends: pipelinedAppends(), compression: "zstd" }),
    );
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    for (const size of sizes) link.send(batchOf(size));
    expect(await seen.promise).toEqual(["none 10", "zstd 50000", "none 20"]);
    link.abort(REASON);
  });

  it("reads compressed frames, and fails at one that is damaged", async () => {
    const record = { seq_num: 0, timestamp: 1, headers: [], body: Buffer.from("x".repeat(5000)) };
    const payload = encodeReadBatch({ records: [record], tail: undefined });
    await using server = await startHttpServer(({ response }) => {
      response.writeHead(200, { "content-type": "s2s/proto" });
      response.write(encodeFrame({ compression: "zstd" }, zstdCompressSync?.(payload) ?? payload));
      response.end(encodeFrame({ compression: "zstd" }, Buffer.from("no zstd")));
    });
    await using transport = disposable(createFetchTransport({ reads: framedReads(), compression: "zstd" }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toHaveLength(5000);
    expect(await rejectionOf(link.next())).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});
