import fc from "fast-check";
import { expect, test } from "vitest";
import { addU64, maxU64, parseU64, subtractU64, U64_MAX, u64 } from "./u64.js";
import { VarintReader, varintLength, writeVarint } from "./varint.js";

const anyU64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(u64);

test("varints of any u64 are read back, and as long as foretold", () => {
  fc.assert(
    fc.property(anyU64, (value) => {
      const bytes = new Uint8Array(10);
      const end = writeVarint(bytes, 0, value);
      expect(end).toBe(varintLength(value));
      const reader = new VarintReader(bytes.subarray(0, end));
      expect(reader.u64()).toBe(value);
      expect(reader.offset).toBe(end);
    }),
  );
});

test("lengths change where seven bits are full", () => {
  for (let bits = 7; bits <= 63; bits += 7) {
    expect(varintLength(u64(2n ** BigInt(bits) - 1n))).toBe(bits / 7);
    expect(varintLength(u64(2n ** BigInt(bits)))).toBe(bits / 7 + 1);
  }
});

test("integers are read as Rust reads them", () => {
  expect(parseU64("18446744073709551615")).toBe(U64_MAX);
  expect(parseU64("9007199254740993")).toBe(9007199254740993n);
  expect(parseU64("007")).toBe(7);
  expect(parseU64("+7")).toBe(7);
  for (const text of ["", "18446744073709551616", "-1", "1.0", "0x1", " 1", "1e3"])
    expect(parseU64(text)).toBeUndefined();
});

test("sums and differences stop at the ends", () => {
  expect(addU64(U64_MAX, 1)).toBe(U64_MAX);
  expect(addU64(Number.MAX_SAFE_INTEGER, 1)).toBe(9007199254740992n);
  expect(subtractU64(3, 5)).toBe(0);
  expect(subtractU64(9007199254740993n, 2)).toBe(9007199254740991);
  expect(maxU64(5, U64_MAX)).toBe(U64_MAX);
});
