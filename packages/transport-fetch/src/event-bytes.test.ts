import type { LinkBatch, ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AS_BYTES, AS_STRING, batchEvent, DONE_EVENT, pingEvent } from "../test/support.js";
import { sseByteReads } from "./event-bytes.js";
import type { ReadProtocol } from "./protocols.js";
import { sseReads } from "./sse-reads.js";

/** Everything that a decoder makes of a body in these chunks, the way it ends included. */
function decodeAll<F extends RecordFormat>(
  protocol: ReadProtocol,
  chunks: readonly Uint8Array[],
  format: ReadFormat<F>,
  lazily: boolean,
): unknown[] {
  const decoder = protocol.createDecoder(format, undefined);
  const seen: unknown[] = [];
  const drain = (): void => {
    if (seen.at(-1) === null) return;
    for (let batch = decoder.next(); batch !== undefined; batch = decoder.next()) {
      seen.push(batch === null ? null : shown(batch));
      if (batch === null) return;
    }
  };
  try {
    for (const chunk of chunks) {
      // What the network gives is not there for long.
      const received = new Uint8Array(chunk);
      decoder.push(received);
      received.fill(0);
      if (!lazily) drain();
    }
    drain();
    decoder.end();
  } catch (error) {
    seen.push((error as { code?: unknown }).code ?? error);
  }
  return seen;
}

function shown({ records, tail, meteredBytes, failure }: LinkBatch): unknown {
  return {
    records: records.map(({ seq_num, timestamp, body, headerList }) => ({
      seq_num,
      timestamp,
      body: typeof body === "string" ? body : [...body],
      headers: headerList.length,
    })),
    tail,
    meteredBytes,
    failure: failure?.message,
  };
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort(
    (one, other) => one - other,
  );
  const edges = [0, ...places, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

const usual = fc.oneof(
  fc
    .tuple(fc.nat({ max: 99 }), fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 3 }))
    .map(([first, bodies]) => batchEvent(first, bodies)),
  fc.constantFrom(
    pingEvent(3),
    batchEvent(1, ["YWJj"]),
    'event: batch\ndata: {"records":[{"seq_num":9007199254740993,"timestamp":1}]}\n\n',
    'id: 1,1,99\nevent: batch\ndata: {"records":[{"timestamp":1,"seq_num":1}]}\n\n',
    'event: error\ndata: {"code":"unavailable","message":"x"}\n\n',
    "event: batch\ndata: {oops\n\n",
    DONE_EVENT,
  ),
);
const odd = fc.constantFrom(
  "\n",
  "\n\n",
  "\r",
  "\r\n\r\n",
  ": comment\n",
  "data\n",
  "data:\n",
  "data: {\n",
  'data: "records":[]}\n',
  "data:x\n\n",
  "event:ping\n",
  "event\n\n",
  "id: 1\0\n",
  "id\n",
  "retry: 5\n",
  "whatever: 1\n\n",
  "\ufeff",
  "no line end",
);

describe("events decoded from their bytes", () => {
  it("are what the general parser makes of them, however the body is cut [D1-32, D1-33]", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: usual }, odd), { maxLength: 8 }),
        fc.array(fc.nat({ max: 2000 }), { maxLength: 12 }),
        fc.boolean(),
        fc.constantFrom(AS_STRING, AS_BYTES),
        (pieces, cuts, lazily, format) => {
          const bytes = Buffer.from(pieces.join(""));
          const expected = decodeAll(sseReads, [bytes], format, false);
          expect(decodeAll(sseByteReads, cut(bytes, cuts), format, lazily)).toEqual(expected);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("are given though many come before one is asked for", () => {
    const events = Array.from({ length: 50 }, (_, index) => batchEvent(index, ["x".repeat(index * 100)]));
    const bytes = Buffer.from(events.join("") + DONE_EVENT);
    const chunks = cut(
      bytes,
      Array.from({ length: 90 }, (_, index) => index * 1700),
    );
    const seen = decodeAll(sseByteReads, chunks, AS_STRING, true);
    expect(seen).toHaveLength(51);
    expect(seen).toEqual(decodeAll(sseByteReads, chunks, AS_STRING, false));
  });

  it("count as pending until they are pulled, and nothing counts afterwards", () => {
    const decoder = sseByteReads.createDecoder(AS_STRING, undefined);
    const event = Buffer.from(batchEvent(0, ["abc"]));
    decoder.push(event);
    decoder.push(event.subarray(0, 10));
    expect(decoder.pending).toBeGreaterThan(event.length);
    expect(decoder.next()).toMatchObject({ records: [{ body: "abc" }] });
    expect(decoder.pending).toBe(10);
    decoder.push(event.subarray(10));
    expect(decoder.next()).toMatchObject({ records: [{ body: "abc" }] });
    expect(decoder.pending).toBe(0);
  });

  it.each([
    ["bytes", sseByteReads],
    ["text", sseReads],
  ])("are refused when one is longer than can be: %s", (_name, protocol) => {
    const decoder = protocol.createDecoder(AS_STRING, undefined);
    decoder.push(Buffer.from("data: "));
    const chunk = Buffer.alloc(4 * 1024 * 1024, 0x61);
    expect(() => {
      for (let index = 0; index < 6; index += 1) decoder.push(chunk);
    }).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
  });
});
