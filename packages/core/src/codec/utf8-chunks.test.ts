import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUtf8ChunkDecoder } from "./utf8-chunks.js";

function standard(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
}

function ours(chunks: readonly Uint8Array[]): string {
  const decoder = createUtf8ChunkDecoder();
  return chunks.map((chunk) => decoder.decode(chunk)).join("");
}

/** Bytes of which sequences, whole, cut, too long and out of range, are made. */
const byte = fc.oneof(
  fc.constantFrom(
    0x61,
    0x80,
    0xbf,
    0xc1,
    0xc3,
    0xe0,
    0xe2,
    0x82,
    0xac,
    0xed,
    0xa0,
    0xef,
    0xbb,
    0xf0,
    0x9f,
    0xf4,
    0x90,
  ),
  fc.nat(255),
);

describe("createUtf8ChunkDecoder", () => {
  it("gives what a streaming TextDecoder gives of text cut anywhere", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 5 }), (text, size) => {
        const bytes = new TextEncoder().encode(text);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(ours(chunks)).toBe(standard(chunks));
      }),
    );
  });

  it("gives it of any bytes, once a whole character ends them", () => {
    const anyChunks = fc.array(fc.array(byte, { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)));
    fc.assert(
      fc.property(anyChunks, (chunks) => {
        const all = [...chunks, Uint8Array.of(0x21)];
        expect(ours(all)).toBe(standard(all));
      }),
      { numRuns: 2000 },
    );
  });

  it("drops a byte order mark at the beginning only, however it is cut", () => {
    const mark = [0xef, 0xbb, 0xbf];
    const chunks = [...mark, 0x61, ...mark].map((value) => Uint8Array.of(value));
    expect(ours(chunks)).toBe("a\ufeff");
  });
});
