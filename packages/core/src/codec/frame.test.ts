import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFrameDecoder,
  encodeFrame,
  encodeTerminalFrame,
  type Frame,
  type FrameDecoder,
  flagsByte,
} from "./frame.js";
import { fromHex, plain, toHex } from "./vectors.fixture.js";

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  terminal: fc.boolean(),
  compression: fc.constantFrom("none" as const, "zstd" as const, "gzip" as const),
  reconnectAdvised: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 60 }),
});

function drain(decoder: FrameDecoder): Frame[] {
  const frames: Frame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  return frames;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

describe("createFrameDecoder", () => {
  it("gives the same frames however the bytes are cut, and whenever it is asked", () => {
    const cuts = fc.array(fc.tuple(fc.nat(20), fc.boolean()), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), cuts, (frames, steps) => {
        const bytes = joined(frames.map((frame) => encodeFrame(frame, frame.payload)));
        const decoder = createFrameDecoder();
        const found: Frame[] = [];
        let at = 0;
        for (let step = 0; at < bytes.length; step += 1) {
          const [size, ask] = steps[step % steps.length]!;
          const end = step >= steps.length ? at + 1 + size : at + size;
          decoder.push(bytes.subarray(at, end));
          at = end;
          if (ask) found.push(...drain(decoder));
        }
        found.push(...drain(decoder));
        expect(plain(found)).toEqual(plain(frames));
        expect(decoder.pendingBytes).toBe(0);
      }),
    );
  });

  it("counts the bytes of a frame that was cut off, at every length", () => {
    const bytes = encodeFrame({}, Uint8Array.of(1, 2, 3));
    for (let length = 1; length < bytes.length; length += 1) {
      const decoder = createFrameDecoder();
      for (const byte of bytes.subarray(0, length)) {
        decoder.push(Uint8Array.of(byte));
        expect(decoder.next()).toBeUndefined();
      }
      expect(decoder.pendingBytes).toBe(length);
    }
  });

  it("gives a payload within one chunk as a view, and copies one that spans chunks into its own place", () => {
    const bytes = encodeFrame({}, Uint8Array.of(1, 2, 3));
    const whole = createFrameDecoder();
    whole.push(bytes);
    expect(whole.next()?.payload.buffer).toBe(bytes.buffer);
    const split = createFrameDecoder();
    split.push(bytes.subarray(0, 5));
    expect(split.next()).toBeUndefined();
    split.push(bytes.subarray(5));
    const payload = split.next()?.payload;
    expect(payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(payload?.buffer.byteLength).toBe(3);
  });

  it("takes an empty message, and the largest one", () => {
    const decoder = createFrameDecoder();
    decoder.push(fromHex("00000100"));
    expect(decoder.next()).toEqual({
      terminal: false,
      compression: "none",
      reconnectAdvised: false,
      payload: new Uint8Array(0),
    });
    const largest = encodeFrame({}, new Uint8Array(2_097_151));
    expect(toHex(largest.subarray(0, 4))).toBe("20000000");
    for (let at = 0; at < largest.length; at += 65_536) decoder.push(largest.subarray(at, at + 65_536));
    expect(decoder.next()?.payload.length).toBe(2_097_151);
    expect(decoder.pendingBytes).toBe(0);
  });

  it("ignores reserved bits", () => {
    const decoder = createFrameDecoder();
    decoder.push(fromHex("0000020f61"));
    expect(decoder.next()).toMatchObject({ terminal: false, compression: "none", reconnectAdvised: false });
  });

  it.each([
    ["the length 0", "00000000", /length 0/],
    ["the length 0 before its flags have come", "000000", /length 0/],
    ["a length of 2 MiB and one", "20000100", /2097153; the limit is 2097152/],
    ["the compression 3", "0000016000", /compression/],
  ])("fails on %s, and stays failed", (_, hex, message) => {
    const decoder = createFrameDecoder();
    decoder.push(fromHex("0000026061".replace("60", "00")));
    decoder.push(fromHex(hex));
    expect(decoder.next()).toBeDefined();
    expect(() => decoder.next()).toThrow(message);
    decoder.push(fromHex("0000020061"));
    expect(() => decoder.next()).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
  });

  it("keeps to a smaller limit when given one", () => {
    const decoder = createFrameDecoder({ maxLength: 4 });
    decoder.push(encodeFrame({}, new Uint8Array(3)));
    expect(decoder.next()?.payload.length).toBe(3);
    decoder.push(encodeFrame({}, new Uint8Array(4)));
    expect(() => decoder.next()).toThrow(/5; the limit is 4/);
  });

  it("fails on a bad length before its payload has come", () => {
    const decoder = createFrameDecoder();
    decoder.push(fromHex("ffffff00"));
    expect(() => decoder.next()).toThrow(/16777215/);
  });

  it("ends on any bytes with frames or a PROTOCOL_ERROR", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
        const decoder = createFrameDecoder();
        try {
          for (const chunk of chunks) {
            decoder.push(chunk);
            drain(decoder);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: "PROTOCOL_ERROR" });
        }
      }),
    );
  });
});

describe("encodeFrame", () => {
  it("writes flags where the protocol has them", () => {
    expect(flagsByte({})).toBe(0);
    expect(flagsByte({ terminal: true })).toBe(0x80);
    expect(flagsByte({ compression: "zstd" })).toBe(0x20);
    expect(flagsByte({ compression: "gzip", reconnectAdvised: true })).toBe(0x50);
  });

  it("writes a terminal frame as status and text", () => {
    expect(toHex(encodeTerminalFrame(503, "{é}"))).toBe("00000780" + "01f7" + "7bc3a97d");
  });
});
