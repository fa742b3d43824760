import type { AppendRecordInput } from "@s2-dev/streamstore-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryAppendSession } from "../../test/memory-append-session.js";
import { MemoryReadSession } from "../../test/memory-read-session.js";
import { MemoryStream, type SentBatch, storedRecord } from "../../test/memory-stream.js";
import { propertyRuns, propertyTimeout } from "../../test/property-runs.js";
import { MAX_CHUNK_BODY_BYTES } from "./chunk.js";
import { injectDedupeHeaders } from "./dedupe.js";
import { DeserializingReadSession } from "./deserializing-read-session.js";
import { frameChunksToRecords } from "./frame.js";
import { FrameAssembler } from "./frame-assembler.js";
import { FrameSizeError } from "./frame-size-error.js";
import {
  DEDUPE_SEQ_HEADER_BYTES,
  FRAME_BYTES_HEADER_BYTES,
  FRAME_RECORDS_HEADER_BYTES,
  WRITER_ID_HEADER_BYTES,
} from "./header-names.js";
import {
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "./serializing-append-session.js";
import { encodeU64 } from "./u64.js";

const MIB = 1024 * 1024;
const identity = (payload: Uint8Array) => payload;

/** The batches that a session sends for messages, by either way of writing. */
async function batchesOf(
  messages: readonly Uint8Array[],
  options: SerializingAppendSessionOptions,
  isPiped: boolean,
): Promise<readonly SentBatch[]> {
  const stream = new MemoryStream();
  const session = new SerializingAppendSession(new MemoryAppendSession(stream), identity, options);
  if (isPiped) {
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const message of messages) controller.enqueue(message);
        controller.close();
      },
    });
    await source.pipeTo(session);
  } else {
    for (const message of messages) void session.submit(message);
    await session.close();
  }
  return stream.batches;
}

async function deliver(records: readonly AppendRecordInput[]): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const source = new MemoryReadSession(records.map(storedRecord));
  for await (const message of new DeserializingReadSession(source, identity)) messages.push(message);
  return messages;
}

interface Retry {
  /** Batches that land before the connection breaks. */
  readonly landed: number;
  /** How many of them are sent again, their acks being lost. */
  readonly unacked: number;
}

/** What is in the stream when a session sends batches in order and, after each break, again what was not acknowledged. */
function withRetries<T>(batches: readonly T[], retries: readonly Retry[]): T[] {
  const stream: T[] = [];
  let next = 0;
  for (const { landed, unacked } of retries) {
    stream.push(...batches.slice(next, next + landed));
    next = Math.max(0, Math.min(batches.length, next + landed) - unacked);
  }
  return [...stream, ...batches.slice(next)];
}

/** Mixes sequences, each keeping its own order, by the given turns. */
function interleave<T>(sequences: readonly (readonly T[])[], turns: readonly number[]): T[] {
  const left = sequences.map((sequence) => [...sequence]);
  const mixed: T[] = [];
  for (const turn of turns) mixed.push(...left[turn % left.length]!.splice(0, 1));
  return [...mixed, ...left.flat()];
}

/** A message that says who wrote it, as the how-manieth, and whose bytes cannot be mistaken for another's. */
function messageOf(writer: number, index: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at === 0 ? writer : (index * 31 + at * 7) % 251));
}

/** Bytes of which no two stretches are the same, so that a piece in another's place is noticed. */
const noise = new Uint8Array(20 * MIB + 100);
for (let at = 0, state = 1; at < noise.length; at += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[at] = state >>> 24;
}

/** A message that begins with its tag, and costs little to make however large it is. */
function noiseOf(tag: number, size: number): Uint8Array {
  const message = noise.slice(tag, tag + size);
  if (size > 0) message[0] = tag;
  return message;
}

const retriesArb = fc.array(fc.record({ landed: fc.nat(6), unacked: fc.nat(6) }), { maxLength: 5 });

describe("delivery", () => {
  it("is once per writer, in order and identical, whatever was sent again and however writers interleave [G-14]", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const writerArb = fc.record({
      // With one byte a record, these are messages of up to three batches.
      sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 900, max: 2500 })), {
        maxLength: 5,
      }),
      chunkSize: fc.integer({ min: 1, max: 9 }),
      dedupeSeq: fc.oneof(fc.nat(), fc.bigInt(0n, 2n ** 60n)),
      retries: retriesArb,
      isPiped: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(writerArb, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        async (writers, turns) => {
          const sent = writers.map(({ sizes }, writer) =>
            sizes.map((size, index) => messageOf(writer, index, size)),
          );
          const sequences = await Promise.all(
            writers.map(async ({ retries, isPiped, ...options }, writer) =>
              withRetries(await batchesOf(sent[writer]!, options, isPiped), retries),
            ),
          );
          const records = interleave(sequences, turns).flatMap((batch) => batch.records);
          const delivered = await deliver(records);
          const byWriter = sent.map((_, writer) => delivered.filter((message) => message[0] === writer));
          expect(byWriter.map((messages) => messages.map(hex))).toEqual(
            sent.map((messages) => messages.map(hex)),
          );
        },
      ),
      { numRuns: propertyRuns(60) },
    );
  });

  it("holds for messages from nothing to several MiB, numbered or not", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const edge = MAX_CHUNK_BODY_BYTES;
    const sizeArb = fc.oneof(fc.constantFrom(0, 1, edge - 1, edge, edge + 1, 2 * edge), fc.nat(4 * MIB));
    await fc.assert(
      fc.asyncProperty(
        fc.array(sizeArb, { maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        retriesArb,
        async (sizes, isPiped, isNumbered, retries) => {
          const sent = sizes.map((size, index) => noiseOf(index, size));
          const batches = await batchesOf(sent, isNumbered ? { dedupeSeq: 0 } : {}, isPiped);
          const landed = isNumbered ? withRetries(batches, retries) : batches;
          const delivered = await deliver(landed.flatMap((batch) => batch.records));
          expect(delivered.map((message) => message.length)).toEqual(sizes);
          expect(delivered.every((message, index) => Buffer.compare(message, sent[index]!) === 0)).toBe(true);
        },
      ),
      { numRuns: propertyRuns(25) },
    );
  });

  it("holds for messages from nothing to 20 MiB, small ones being the rule", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const edge = MAX_CHUNK_BODY_BYTES;
    const sizeArb = fc.oneof(
      { weight: 8, arbitrary: fc.nat(2000) },
      { weight: 2, arbitrary: fc.constantFrom(0, 1, edge - 1, edge, edge + 1, 2 * edge) },
      { weight: 1, arbitrary: fc.nat(20 * MIB) },
    );
    const writerArb = fc.record({
      sizes: fc.array(sizeArb, { maxLength: 4 }),
      isPiped: fc.boolean(),
      retries: retriesArb,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(writerArb, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        async (writers, turns) => {
          const sent = writers.map(({ sizes }, writer) =>
            sizes.map((size, index) => noiseOf(16 * writer + index, size)),
          );
          const sequences = await Promise.all(
            writers.map(async ({ isPiped, retries }, writer) =>
              withRetries(await batchesOf(sent[writer]!, { dedupeSeq: 0 }, isPiped), retries),
            ),
          );
          const records = interleave(sequences, turns).flatMap((batch) => batch.records);
          const delivered = await deliver(records);
          // Nothing says whose an empty message is.
          const byWriter = sent.map((_, writer) =>
            delivered.filter((message) => message.length > 0 && message[0]! >> 4 === writer),
          );
          const isSame = byWriter.map((messages, writer) => {
            const expected = sent[writer]!.filter(({ length }) => length > 0);
            return (
              messages.length === expected.length &&
              messages.every((message, index) => Buffer.compare(message, expected[index]!) === 0)
            );
          });
          expect(isSame).toEqual(writers.map(() => true));
          expect(delivered).toHaveLength(sent.flat().length);
        },
      ),
      { numRuns: propertyRuns(40) },
    );
  });

  it("is unhurt by whatever strangers write in between", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const valueArb = fc.oneof(
      fc.uint8Array({ maxLength: 9 }),
      fc.constantFrom(0n, 1n, 2n, 3n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n).map(encodeU64),
    );
    const nameArb = fc.constantFrom(
      FRAME_RECORDS_HEADER_BYTES,
      FRAME_BYTES_HEADER_BYTES,
      DEDUPE_SEQ_HEADER_BYTES,
      WRITER_ID_HEADER_BYTES,
      new Uint8Array(0),
      Uint8Array.of(1, 2),
    );
    const strangerArb = fc.record({
      body: fc.uint8Array({ maxLength: 4 }),
      headers: fc.array(fc.tuple(nameArb, valueArb), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(strangerArb, { maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        fc.uint8Array({ minLength: 1, maxLength: 12 }),
        (strangers, turns, message) => {
          const own = frameChunksToRecords(Array.from(message, (byte) => Uint8Array.of(byte)));
          injectDedupeHeaders(own, "a-name-no-stranger-has", 5);
          const assembler = new FrameAssembler();
          const delivered: string[] = [];
          for (const record of interleave<AppendRecordInput>([own, strangers], turns)) {
            try {
              for (const frame of assembler.push(storedRecord(record, 0))) {
                expect(frame.payload.length).toBe(frame.meta.bytes);
                delivered.push(hex(frame.payload));
              }
            } catch (error) {
              expect(error).toBeInstanceOf(FrameSizeError);
            }
          }
          expect(delivered).toContain(hex(message));
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  it("repeats a message of a writer that does not dedupe when its batch was sent again", async () => {
    const sent = [messageOf(1, 0, 10), messageOf(1, 1, 10)];
    const batches = await batchesOf(sent, {}, false);
    const records = withRetries(batches, [{ landed: 2, unacked: 1 }]).flatMap((batch) => batch.records);
    expect((await deliver(records)).map(hex)).toEqual([sent[0]!, sent[1]!, sent[1]!].map(hex));
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
