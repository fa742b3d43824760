import { MAX_RECORD_BYTES, meteredBytes, S2Error } from "@s2-dev/streamstore-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkBytes, MAX_CHUNK_BODY_BYTES, maxChunkBodyBytes } from "./chunk.js";
import { injectDedupeHeaders } from "./dedupe.js";
import { frameChunksToRecords } from "./frame.js";

describe("chunkBytes", () => {
  it("cuts any data into full pieces and a rest, which join to the data", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (data, max) => {
        const chunks = chunkBytes(data, max);
        expect(chunks.length).toBe(Math.max(1, Math.ceil(data.length / max)));
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === max)).toBe(true);
        expect(chunks.flatMap((chunk) => [...chunk])).toEqual([...data]);
      }),
    );
  });

  it("makes pieces as large as a record can hold unless told otherwise", () => {
    const sizes = chunkBytes(new Uint8Array(MAX_CHUNK_BODY_BYTES + 3)).map(({ length }) => length);
    expect(sizes).toEqual([MAX_CHUNK_BODY_BYTES, 3]);
  });

  it("copies nothing", () => {
    const data = new Uint8Array(10);
    expect(chunkBytes(data, 4).map((chunk) => chunk.buffer === data.buffer)).toEqual([true, true, true]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses pieces of %s bytes", (max) => {
    expect(() => chunkBytes(new Uint8Array(1), max)).toThrowError(S2Error);
  });
});

describe("MAX_CHUNK_BODY_BYTES", () => {
  it("is what four headers and a writer id of 12 characters leave of 1 MiB", () => {
    const headers = 2 + 14 + 8 + (2 + 12 + 8) + (2 + 11 + 8) + (2 + 10 + 12);
    expect(MAX_CHUNK_BODY_BYTES).toBe(1_048_576 - 8 - headers);
  });

  it("makes a first record with every header exactly as large as a record may be [D1-72]", () => {
    const records = frameChunksToRecords([new Uint8Array(MAX_CHUNK_BODY_BYTES)]);
    injectDedupeHeaders(records, "x".repeat(12), 0);
    expect(records.map(meteredBytes)).toEqual([MAX_RECORD_BYTES]);
  });

  it("is smaller for a longer writer id, by bytes and not by characters", () => {
    expect(maxChunkBodyBytes("é".repeat(12))).toBe(MAX_CHUNK_BODY_BYTES - 12);
    expect(maxChunkBodyBytes(undefined)).toBe(MAX_CHUNK_BODY_BYTES + 21 + 24);
  });
});
