import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "./arbitraries.fixture.js";
import { createNativeTextCodec, createStandardTextCodec, readText, writeText } from "./text.js";

const standard = createStandardTextCodec();

function written(write: typeof writeText, text: string, at: number): Uint8Array {
  const target = new Uint8Array(at + text.length * 3 + 5);
  return target.subarray(0, at + write(target, text, at));
}

describe("writeText", () => {
  it("writes what the standard encoder writes, at any place", () => {
    fc.assert(
      fc.property(anyText, fc.nat(9), (text, at) => {
        const expected = new TextEncoder().encode(text);
        expect(written(writeText, text, at).subarray(at)).toEqual(expected);
        expect(written(standard.write, text, at).subarray(at)).toEqual(expected);
      }),
    );
  });
});

describe("readText", () => {
  it("reads any bytes as the standard decoder does, a byte order mark included", () => {
    const mark = fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes));
    const ascii = fc.uint8Array({ max: 0x7f, maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mark, ascii), fc.nat(8), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(from));
        expect(readText(bytes, from, bytes.length)).toBe(expected);
        expect(standard.read(bytes, from, bytes.length)).toBe(expected);
      }),
    );
  });
});

describe("createNativeTextCodec", () => {
  const holder = globalThis as { Buffer?: unknown };

  function withBuffer<T>(replacement: unknown, run: () => T): T {
    const before = holder.Buffer;
    holder.Buffer = replacement;
    try {
      return run();
    } finally {
      holder.Buffer = before;
    }
  }

  it("takes Buffer where there is one", () => {
    expect(createNativeTextCodec()).toBeDefined();
  });

  it("does without where there is none, or one that encodes otherwise", () => {
    expect(withBuffer(undefined, createNativeTextCodec)).toBeUndefined();
    const wrong = { prototype: { utf8Write: () => 0, utf8Slice: () => "" } };
    expect(withBuffer(wrong, createNativeTextCodec)).toBeUndefined();
    const throwing = {
      prototype: {
        utf8Write() {
          throw new Error("not on a plain array");
        },
        utf8Slice: () => "",
      },
    };
    expect(withBuffer(throwing, createNativeTextCodec)).toBeUndefined();
  });
});
