import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ackFromWire, decodeAppendAck, encodeAppendAck, encodeAppendAckFrame } from "./append-ack.js";
import { anyWireAck } from "./arbitraries.fixture.js";
import { fromHex, toHex } from "./vectors.fixture.js";

describe("append acks", () => {
  it("decode to what a server encoded; timestamps that no number can hold saturate", () => {
    fc.assert(
      fc.property(anyWireAck, (ack) => {
        const payload = encodeAppendAck(ack);
        const frame = encodeAppendAckFrame(ack);
        expect(toHex(frame)).toBe(`${(payload.length + 1).toString(16).padStart(6, "0")}00${toHex(payload)}`);
        const positions = [ack.start, ack.end, ack.tail];
        if (positions.some((position) => typeof position.seq_num === "bigint")) {
          expect(() => decodeAppendAck(payload)).toThrow(expect.objectContaining({ code: "UNSAFE_INTEGER" }));
          return;
        }
        const [start, end, tail] = positions.map(({ seq_num, timestamp }) => ({
          seq_num,
          timestamp: typeof timestamp === "bigint" ? Number.MAX_SAFE_INTEGER : timestamp,
        }));
        expect(decodeAppendAck(payload)).toEqual({ start, end, tail });
        expect(ackFromWire(ack)).toEqual({ start, end, tail });
      }),
    );
  });

  it("names the sequence number that no number can hold", () => {
    const position = { seq_num: 1, timestamp: 1 };
    const ack = encodeAppendAck({
      start: position,
      end: { seq_num: 2n ** 64n - 1n, timestamp: 1 },
      tail: position,
    });
    expect(() => decodeAppendAck(ack)).toThrow(/end\.seq_num .* is 18446744073709551615/);
  });

  it("ends on any bytes with an ack or an S2Error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        try {
          decodeAppendAck(payload);
        } catch (error) {
          expect(error).toMatchObject({
            name: "S2Error",
            code: expect.stringMatching(/^(PROTOCOL_ERROR|UNSAFE_INTEGER)$/),
          });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["", "0a00", "0a001200", "3c68746d6c3e", "ff"])(
    "refuse %j, which lacks positions or makes no sense",
    (hex) => {
      expect(() => decodeAppendAck(fromHex(hex))).toThrow(
        expect.objectContaining({ code: "PROTOCOL_ERROR", sideEffect: "possible" }),
      );
    },
  );

  it("take the first positions of a stream, of which nothing is written", () => {
    const zero = { seq_num: 0, timestamp: 0 };
    expect(decodeAppendAck(fromHex("0a0012001a00"))).toEqual({ start: zero, end: zero, tail: zero });
  });
});
