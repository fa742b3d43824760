import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, onWire } from "./append-frame.fixture.js";
import { encodeAppendBatch } from "./append-input.js";
import { decodeAppendInput } from "./append-input-decode.js";

describe("decodeAppendInput", () => {
  it("ends on any bytes with an input or a CodecError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
        try {
          decodeAppendInput(payload);
        } catch (error) {
          expect(error).toMatchObject({ name: "CodecError", code: "bad_proto" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses every input that was cut short inside a field", () => {
    const payload = encodeAppendBatch([
      { body: "body", headers: { name: "value" }, timestamp: 300 },
    ]).frame.subarray(4);
    for (let length = 1; length < payload.length; length += 1) {
      expect(() => decodeAppendInput(payload.subarray(0, length))).toThrow(
        /^failed to decode Protobuf message: /,
      );
    }
  });

  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  it.each<[string, Uint8Array, RegExp]>([
    ["a varint without an end", bytes(0x10, 0xff, 0xff), /invalid varint/],
    ["a varint of more than 64 bits", bytes(0x10, ...Array(9).fill(0xff), 0x02), /invalid varint/],
    ["a varint of eleven bytes", bytes(0x10, ...Array(10).fill(0x80), 0x00), /invalid varint/],
    ["a field with the number 0", bytes(0x00, 0x00), /invalid tag value: 0/],
    ["a key beyond 32 bits", bytes(0xff, 0xff, 0xff, 0xff, 0x7f, 0x00), /invalid key value/],
    ["a length beyond the end", bytes(0x0a, 0x05, 0x08), /buffer underflow/],
    [
      "a body that leaves its record",
      bytes(0x0a, 0x03, 0x1a, 0x05, 0x61, 0x1a, 0x01, 0x62),
      /buffer underflow/,
    ],
    ["records of another wire type", bytes(0x08, 0x01), /invalid wire type/],
    ["a condition of another wire type", bytes(0x12, 0x01, 0x61), /invalid wire type/],
    ["a body of another wire type", bytes(0x0a, 0x02, 0x18, 0x01), /invalid wire type/],
    ["a wire type that does not exist", bytes(0x26, 0x00), /invalid wire type value: 6/],
    ["the end of a group that never began", bytes(0x24), /unexpected end group tag/],
    ["a group ended by another field", bytes(0x23, 0x2c), /unexpected end group tag/],
    ["a group without an end", bytes(0x23, 0x28, 0x01), /buffer underflow/],
    ["groups in groups without an end", bytes(...Array(200).fill(0x23)), /recursion limit/],
    ["a token that is not UTF-8", bytes(0x1a, 0x01, 0xff), /not UTF-8/],
  ])("refuses %s", (_, payload, message) => {
    expect(() => decodeAppendInput(payload)).toThrow(message);
  });

  it("skips fields it does not know, of every wire type", () => {
    const unknown = [
      0x20,
      0x96,
      0x01,
      0x29,
      ...Array(8).fill(1),
      0x32,
      0x02,
      9,
      9,
      0x3d,
      1,
      2,
      3,
      4,
      0x23,
      0x28,
      0x01,
      0x24,
    ];
    const record = [0x0a, 0x03, 0x1a, 0x01, 0x61];
    expect(decodeAppendInput(bytes(...unknown, ...record, ...unknown)).records).toEqual([
      onWire({ body: "a" }),
    ]);
  });

  it("keeps a token that contains U+FFFD itself, and integers of 64 bits", () => {
    const { frame } = encodeAppendBatch([{ body: "x", timestamp: 2n ** 64n - 1n }], {
      fencing_token: "\ufffd",
    });
    const input = decodeFrame(frame);
    expect(input.fencing_token).toBe("\ufffd");
    expect(input.records[0]!.timestamp).toBe(2n ** 64n - 1n);
  });
});
