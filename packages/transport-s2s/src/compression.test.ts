import { gunzipSync, gzipSync } from "node:zlib";
import {
  createFrameDecoder,
  decodeAppendInput,
  encodeFrame,
  encodeReadBatch,
  MAX_FRAME_PAYLOAD,
} from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { startRawServer } from "../test/raw-server.js";
import {
  AS_STRING,
  ATTEMPT,
  appendRequest,
  batchOf,
  disposable,
  gate,
  REASON,
  readRequest,
  recordEvents,
  rejectionOf,
} from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const hasZstd = "zstdCompress" in process.getBuiltinModule("node:zlib");

describe("compression of frames", () => {
  it("keeps the order of batches, though the large ones are compressed beside the event loop [D2-1]", async () => {
    const sizes = [500_000, 10, 20, 300_000, 30, 1024, 40, 2000, 50];
    const received = gate<string[]>();
    await using server = await startRawServer((r) => {
      r.send(r.headers(200));
      void r.ended.then(() => {
        const decoder = createFrameDecoder();
        decoder.push(r.body());
        const seen: string[] = [];
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          const payload = frame.compression === "gzip" ? gunzipSync(frame.payload) : frame.payload;
          seen.push(`${frame.compression} ${decodeAppendInput(payload).records[0]?.body.length}`);
        }
        received.open(seen);
        r.send(r.data("", true));
      });
    });
    await using transport = disposable(createS2sTransport({ compression: "gzip" }));
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    for (const size of sizes) link.send(batchOf(size));
    link.finish();
    expect(await received.promise).toEqual(sizes.map((size) => `${size < 1000 ? "none" : "gzip"} ${size}`));
    expect(await recorder.ended).toBeNull();
    expect(recorder.taken()).toBe(sizes.length);
  });

  it("reads compressed frames of the algorithm that was asked for", async () => {
    const text = "hello ".repeat(1000);
    await using server = await startRawServer((r) => {
      const batch = encodeReadBatch({
        records: [{ seq_num: 5, timestamp: 1, headers: [], body: Buffer.from(text) }],
      });
      r.send(r.headers(200), r.data(encodeFrame({ compression: "gzip" }, gzipSync(batch)), true));
    });
    await using transport = disposable(createS2sTransport({ compression: "gzip" }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toBe(text);
    expect(await link.next()).toBeNull();
  });

  it.each([
    ["is damaged", encodeFrame({ compression: "gzip" }, Buffer.from("no gzip"))],
    [
      "would grow beyond the limit of a frame",
      encodeFrame({ compression: "gzip" }, gzipSync(Buffer.alloc(MAX_FRAME_PAYLOAD + 1))),
    ],
    ["uses another algorithm", encodeFrame({ compression: "zstd" }, Buffer.from([1, 2, 3]))],
  ])("fails when a compressed frame %s [D1-45]", async (_name, frame) => {
    await using server = await startRawServer((r) => r.send(r.headers(200), r.data(frame)));
    await using transport = disposable(createS2sTransport({ compression: "gzip" }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect(await rejectionOf(link.next())).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it.skipIf(hasZstd)("refuses zstd at construction where the runtime lacks it [H-20]", () => {
    expect(() => createS2sTransport({ compression: "zstd" })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED", retryable: false }),
    );
  });

  it.runIf(hasZstd)("sends zstd where the runtime has it", async () => {
    const received = gate<string>();
    await using server = await startRawServer((r) => {
      r.send(r.headers(200));
      void r.bodyReaches(5).then(() => {
        const decoder = createFrameDecoder();
        decoder.push(r.body());
        received.open(decoder.next()?.compression ?? "cut");
      });
    });
    await using transport = disposable(createS2sTransport({ compression: "zstd" }));
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10_000));
    expect(await received.promise).toBe("zstd");
    link.abort(REASON);
  });

  it.runIf(hasZstd)("reads zstd where the runtime has it, within the limit of a frame", async () => {
    const { zstdCompressSync } = process.getBuiltinModule("node:zlib") as unknown as {
      zstdCompressSync(bytes: Uint8Array): Buffer;
    };
    const record = { seq_num: 5, timestamp: 1, headers: [], body: Buffer.from("x".repeat(5000)) };
    const frames = [encodeReadBatch({ records: [record] }), Buffer.alloc(MAX_FRAME_PAYLOAD + 1)].map(
      (bytes) => encodeFrame({ compression: "zstd" }, zstdCompressSync(bytes)),
    );
    await using server = await startRawServer((r) =>
      r.send(r.headers(200), ...frames.map((frame) => r.data(frame))),
    );
    await using transport = disposable(createS2sTransport({ compression: "zstd" }));
    const link = transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT);
    expect((await link.next())?.records[0]?.body).toHaveLength(5000);
    expect(await rejectionOf(link.next())).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});
