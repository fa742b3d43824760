import { createFrameDecoder, FRAME_HEAD_BYTES, writeFrameHead } from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Codec } from "./compression.js";
import { createOutgoing } from "./outgoing.js";

/** A frame whose payload begins with its number. */
function frameOf(index: number, payloadBytes: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payloadBytes);
  writeFrameHead(frame, 0, payloadBytes);
  new DataView(frame.buffer).setUint32(FRAME_HEAD_BYTES, index);
  return frame;
}

/** Keeps the beginning, in its own time: a test says which encoding is done next. */
function createLateCodec() {
  const waiting: (() => void)[] = [];
  const codec: Codec = {
    name: "gzip",
    encode: (bytes, done) => waiting.push(() => done(null, bytes.slice(0, 4))),
    decode: (bytes) => bytes,
  };
  return {
    codec,
    finish: (choice: number) => waiting.splice(choice % Math.max(1, waiting.length), 1)[0]?.(),
  };
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Step = { readonly send: number } | { readonly finish: number } | "accept" | "turn";

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      send: fc.oneof(fc.integer({ min: 4, max: 1023 }), fc.integer({ min: 1024, max: 90_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ finish: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>("accept", "turn") },
);

describe("batches of mixed sizes, compressed beside the event loop", () => {
  it("leave in the order they were sent, whichever encoding is done first [D2-1, G-1, H-20]", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { codec, finish } = createLateCodec();
        const decoder = createFrameDecoder();
        const written: [number, string][] = [];
        const accepts: (() => void)[] = [];
        let ended = false;
        const outgoing = createOutgoing(
          {
            destroyed: false,
            cork() {},
            uncork() {},
            write(chunk, done) {
              decoder.push(chunk.slice());
              for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
                written.push([Buffer.from(frame.payload).readUInt32BE(0), frame.compression]);
              }
              accepts.push(done);
              return true;
            },
            end() {
              ended = true;
            },
          },
          codec,
          { taken() {}, writable() {}, failed() {} },
        );
        const sent: [number, string][] = [];
        for (const each of steps) {
          if (each === "turn") await endOfTurn();
          else if (each === "accept") accepts.shift()?.();
          else if ("finish" in each) finish(each.finish);
          else {
            const frame = frameOf(sent.length, each.send);
            outgoing.send({ frame, recordCount: 1, meteredBytes: each.send, conditional: false });
            sent.push([sent.length, each.send < 1024 ? "none" : "gzip"]);
          }
        }
        outgoing.finish();
        while (!ended) {
          for (let done = 0; done < 60; done += 1) finish(59 - done);
          await endOfTurn();
          for (const accept of accepts.splice(0)) accept();
        }
        expect(written).toEqual(sent);
      }),
    );
  });
});
