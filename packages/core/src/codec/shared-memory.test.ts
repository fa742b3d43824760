import { describe, expect, it } from "vitest";
import type { EncodedBatch, FramePlace } from "../model/record.js";
import { encodeAppendBatch } from "./append-input.js";
import { SharedMemory } from "./shared-memory.js";

const KIB = 1024;

function batchOf(bytes: number, value: number): EncodedBatch {
  return encodeAppendBatch([{ body: new Uint8Array(bytes).fill(value) }]);
}

function placeOf(batch: EncodedBatch): FramePlace {
  if (batch.place === undefined) throw new Error("a batch of the encoder has a place");
  return batch.place;
}

/** Takes all memory of this size that nobody holds, and writes over it. */
function scribble(bytes: number): void {
  const taken = Array.from({ length: 40 }, () => SharedMemory.atLeast(bytes));
  for (const memory of taken) memory.bytes.fill(0xee);
  for (const memory of taken) memory.release();
}

describe("memory that batches share", () => {
  it("is used again once nobody holds a batch in it", () => {
    const first = SharedMemory.atLeast(600 * KIB);
    first.hold();
    first.release();
    expect(SharedMemory.atLeast(600 * KIB)).not.toBe(first);
    first.release();
    expect(SharedMemory.atLeast(600 * KIB)).toBe(first);
  });

  it("holds the encoder's batches until each is let go of, however often it was held", () => {
    const batches = Array.from({ length: 12 }, (_, index) => batchOf(200 * KIB, index));
    const frames = batches.map(({ frame }) => frame.slice());
    placeOf(batches[3] as EncodedBatch).hold();
    for (const batch of batches.slice(0, 6)) placeOf(batch).release();
    scribble(200 * KIB);
    batchOf(200 * KIB, 99);
    expect(Buffer.from((batches[3] as EncodedBatch).frame).equals(frames[3] as Uint8Array)).toBe(true);
    batches.slice(6).forEach((batch, index) => {
      expect(Buffer.from(batch.frame).equals(frames[index + 6] as Uint8Array)).toBe(true);
    });
    expect(Buffer.from((batches[0] as EncodedBatch).frame).equals(frames[0] as Uint8Array)).toBe(false);
  });

  it("is not taken from a batch that a getter encoded in the middle of another", () => {
    let inner: EncodedBatch | undefined;
    const outer = encodeAppendBatch([
      {
        get body() {
          inner ??= batchOf(200 * KIB, 1);
          return new Uint8Array(200 * KIB).fill(2);
        },
      },
    ]);
    const frames = [outer, inner as EncodedBatch].map(({ frame }) => frame.slice());
    scribble(200 * KIB);
    for (let value = 3; value < 9; value += 1) placeOf(batchOf(200 * KIB, value)).release();
    expect(Buffer.from(outer.frame).equals(frames[0] as Uint8Array)).toBe(true);
    expect(Buffer.from((inner as EncodedBatch).frame).equals(frames[1] as Uint8Array)).toBe(true);
  });

  it("is bounded while it waits", () => {
    const taken = Array.from({ length: 20 }, () => SharedMemory.atLeast(1024 * KIB));
    for (const memory of taken) memory.release();
    const again = Array.from({ length: 20 }, () => SharedMemory.atLeast(1024 * KIB));
    const kept = again.filter((memory) => taken.includes(memory)).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(4);
  });
});
