import type { S2Stream } from "@s2-dev/streamstore";
import {
  DeserializingReadSession,
  extractDedupeSeq,
  SerializingAppendSession,
} from "@s2-dev/streamstore-patterns/serialization";
import { typed } from "@s2-dev/streamstore-patterns/typed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bench, openBench } from "../src/faults/bench.js";
import { faultCases } from "../src/faults/cases.js";
import { SOCKET_WIRES } from "../src/targets.js";
import { settled } from "../src/waiting.js";

const MIB = 1024 * 1024;
/** `S2_PROPERTY_RUNS` times as many, for a long run. */
const FACTOR = Number(process.env.S2_PROPERTY_RUNS ?? 1);
const RUNS = Math.max(1, Math.round(6 * FACTOR));
const PATIENCE = 60_000;
const bytes = (payload: Uint8Array): Uint8Array => payload;

/** Faults after which an append may be there without its acknowledgement, so that it is sent again. */
const faults = faultCases.filter(({ losesAcks, isSilent }) => losesAcks === true && isSilent !== true);

const noise = new Uint8Array(21 * MIB);
for (let at = 0, state = 1; at < noise.length; at += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[at] = state >>> 24;
}

/** Bytes that say who wrote them, and that are those of no other message of this size; nothing can be told of no bytes. */
function messageOf(writer: number, index: number, size: number): Uint8Array {
  const message = noise.slice(writer * 1000 + index * 7, writer * 1000 + index * 7 + size);
  if (size > 0) message[0] = writer;
  return message;
}

function streamOf(messages: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const message of messages) controller.enqueue(message);
      controller.close();
    },
  });
}

interface Writer {
  readonly sizes: readonly number[];
  /** Small pieces make messages of many records. */
  readonly chunkSize: number | undefined;
  readonly how: "submitted" | "piped" | "typed";
}

async function write(stream: S2Stream, { chunkSize, how }: Writer, messages: readonly Uint8Array[]) {
  if (how === "typed") {
    const session = await typed(stream, { codec: { encode: bytes, decode: bytes } }).appendSession();
    for (const message of messages) void session.submit(message);
    return session.close();
  }
  const session = new SerializingAppendSession<Uint8Array>(await stream.appendSession(), bytes, {
    dedupeSeq: 0,
    chunkSize,
  });
  if (how === "piped") return streamOf(messages).pipeTo(session);
  for (const message of messages) void session.submit(message);
  return session.close();
}

/** What a reader gets, in order, though its reads break off, too. */
async function delivered(stream: S2Stream): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const session = await stream.readSession({ seq_num: 0, as: "bytes", wait: 0 });
  for await (const message of new DeserializingReadSession(session, bytes)) messages.push(message.slice());
  return messages;
}

/** Records that are there more than once. */
async function copiesIn(stream: S2Stream): Promise<number> {
  const seen = new Set<string>();
  let records = 0;
  for await (const { headers } of await stream.readSession({ seq_num: 0, as: "bytes", wait: 0 })) {
    records += 1;
    seen.add(String(extractDedupeSeq(headers)));
  }
  return records - seen.size;
}

async function tryOnce(bench: Bench, writers: readonly Writer[], hits: readonly Hit[]): Promise<number> {
  for (const { fault, nth, operation } of hits) {
    bench.local.faults.add({
      on: { operation, nth, times: 1 },
      do: (faults[fault] as (typeof faults)[0]).fault,
    });
  }
  const sent = writers.map(({ sizes }, writer) => sizes.map((size, index) => messageOf(writer, index, size)));
  const writing = writers.map((writer, index) => {
    const { stream } = bench.connect({ retry: { maxAttempts: hits.length + 2 } });
    return write(stream, writer, sent[index] as Uint8Array[]);
  });
  await settled("everything is durable", Promise.all(writing), PATIENCE);
  const got = await settled("everything is read", delivered(bench.stream), PATIENCE);
  const byWriter = sent.map((_, writer) => got.filter((message) => message[0] === writer));
  for (const [writer, messages] of sent.entries()) {
    const expected = messages.filter(({ length }) => length > 0);
    expect(byWriter[writer]?.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    const isSame = expected.map((message, index) =>
      Buffer.compare(message, byWriter[writer]?.[index] ?? noise),
    );
    expect(isSame).toEqual(expected.map(() => 0));
  }
  expect(got).toHaveLength(sent.flat().length);
  bench.local.faults.clear();
  return copiesIn(bench.stream);
}

interface Hit {
  readonly fault: number;
  readonly nth: number;
  readonly operation: "append" | "read";
}

const sizeArb = fc.oneof(
  { weight: 12, arbitrary: fc.nat(3000) },
  { weight: 3, arbitrary: fc.integer({ min: MIB - 300, max: MIB + 10 }) },
  { weight: 2, arbitrary: fc.nat(3 * MIB) },
  { weight: 1, arbitrary: fc.nat(20 * MIB) },
);
const writerArb: fc.Arbitrary<Writer> = fc.record({
  sizes: fc.array(sizeArb, { maxLength: 5 }),
  chunkSize: fc.constantFrom(undefined, undefined, 60_000),
  how: fc.constantFrom("submitted" as const, "piped" as const, "typed" as const),
});
const hitArb: fc.Arbitrary<Hit> = fc.record({
  fault: fc.nat(faults.length - 1),
  nth: fc.integer({ min: 1, max: 6 }),
  operation: fc.constantFrom("append" as const, "append" as const, "read" as const),
});

/** This one leaves copies on every wire: each writer's first append lands, and its acknowledgement is lost. */
const surely: [Writer[], Hit[]] = [
  [
    { sizes: [0, 5, 2 * MIB, 5], chunkSize: undefined, how: "submitted" },
    { sizes: [1, 1, MIB], chunkSize: 60_000, how: "typed" },
  ],
  [1, 2].map((nth) => ({
    fault: faults.findIndex(({ name }) => name === "loses a message and destroys the connection"),
    nth,
    operation: "append",
  })),
];

describe.each(SOCKET_WIRES)("messages over %s", (wire) => {
  it(
    "arrive once per writer, in order and identical, whatever breaks on either way, of 0 to 20 MiB [G-14]",
    async () => {
      let copies = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(writerArb, { minLength: 1, maxLength: 3 }),
          fc.array(hitArb, { minLength: 1, maxLength: 5 }),
          async (writers, hits) => {
            const bench = await openBench(wire, { retry: { maxAttempts: hits.length + 2 } });
            try {
              copies += await tryOnce(bench, writers, hits);
            } finally {
              await bench.close();
            }
          },
        ),
        { numRuns: RUNS, examples: [surely], endOnFailure: true },
      );
      expect(copies).toBeGreaterThan(0);
    },
    120_000 * Math.max(1, FACTOR),
  );
});
