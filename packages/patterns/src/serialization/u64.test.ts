import { S2Error } from "@s2-dev/streamstore-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeU64, encodeU64 } from "./u64.js";

describe("u64", () => {
  it("is 8 big-endian bytes", () => {
    expect(encodeU64(0x0102030405060708n)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(encodeU64(0)).toEqual(new Uint8Array(8));
  });

  it("comes back as it was, for every value", () => {
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => decodeU64(encodeU64(value)) === value));
  });

  it("is read from a view in the middle of a buffer", () => {
    const buffer = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 1, 2, 9);
    expect(decodeU64(buffer.subarray(1, 9))).toBe(258n);
  });

  it.each([-1, -1n, 2n ** 64n, 1.5, Number.NaN, 2 ** 53])("refuses %s", (value) => {
    expect(() => encodeU64(value)).toThrowError(S2Error);
  });

  it.each([0, 7, 9])("refuses %i bytes", (length) => {
    expect(() => decodeU64(new Uint8Array(length))).toThrowError(/8 bytes; got/);
  });
});
