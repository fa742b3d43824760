import { MAX_BATCH_BYTES, S2Error, SeqNumMismatchError } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { MemoryAppendSession } from "../../test/memory-append-session.js";
import { MemoryStream, sizeOf } from "../../test/memory-stream.js";
import {
  filled,
  identity,
  openSerializing as open,
  outcome,
  readBack,
  settled,
  text,
} from "../../test/serializing.js";
import { MAX_CHUNK_BODY_BYTES } from "./chunk.js";
import { extractDedupeSeq } from "./dedupe.js";
import {
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "./serializing-append-session.js";

const MIB = 1024 * 1024;

it("is not made of the promise of a session", () => {
  const promised = Promise.resolve(new MemoryAppendSession(new MemoryStream()));
  expect(() => new SerializingAppendSession(promised as never, identity)).toThrowError(
    "session must be an append session, not a promise of one; got an object",
  );
});

describe("writing", () => {
  it("appends a message that fits in one batch as one batch", async () => {
    const { stream, messages } = open({ chunkSize: 1000 });
    await messages.submit(filled(999_000));
    await messages.close();
    expect(stream.batches.map(({ records }) => records.length)).toEqual([999]);
  });

  it("resolves with the sequence numbers that the message got", async () => {
    const { messages } = open({ chunkSize: 2 });
    expect(await messages.submit(text("abc"))).toEqual({ start: 0, end: 2 });
    expect(await messages.submit(text(""))).toEqual({ start: 2, end: 3 });
    expect(await messages.submit(filled(2002))).toEqual({ start: 3, end: 1004 });
  });

  it.each(["submit", "write"] as const)(
    "splits a message of 5 MiB into legal batches (%s) [D2-15]",
    async (way) => {
      const { stream, messages } = open({ dedupeSeq: 0n });
      const message = filled(5 * MIB);
      if (way === "submit") await messages.submit(message);
      else {
        const writer = messages.getWriter();
        await writer.write(message);
        await writer.close();
      }
      expect(stream.batches).toHaveLength(6);
      for (const { records } of stream.batches) expect(sizeOf(records)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
      const back = await readBack(stream);
      expect(back.map((found) => Buffer.compare(found, message))).toEqual([0]);
    },
  );

  it("fills a record to the last byte that the service takes", async () => {
    const { stream, messages } = open({ dedupeSeq: 0 });
    await messages.submit(filled(MAX_CHUNK_BODY_BYTES));
    expect(stream.batches.map(({ records }) => sizeOf(records))).toEqual([MAX_BATCH_BYTES]);
    await messages.submit(filled(MAX_CHUNK_BODY_BYTES + 1));
    expect(stream.batches.map(({ records }) => records.length)).toEqual([1, 1, 1]);
  });

  it("keeps the records of each message together, whichever way it was given", async () => {
    const { stream, messages } = open({ chunkSize: 10 });
    const writer = messages.getWriter();
    const given = [filled(15_000), text("b"), filled(20_001), text("d")];
    await Promise.all([
      messages.submit(given[0]!),
      writer.write(given[1]!),
      messages.submit(given[2]!),
      messages.submit(given[3]!),
    ]);
    const sizes = (await readBack(stream)).map((message) => message.length);
    expect(sizes.sort((a, b) => a - b)).toEqual([1, 1, 15_000, 20_001]);
  });

  it("copies nothing of the serializer's bytes", async () => {
    const { stream, messages } = open();
    const message = filled(3 * MIB);
    await messages.submit(message);
    const bodies = stream.batches.flatMap(({ records }) => records.map(({ body }) => body as Uint8Array));
    expect(bodies.every((body) => body.buffer === message.buffer)).toBe(true);
  });

  it("adds dedupe headers only if dedupeSeq is given, and counts records from it", async () => {
    const plain = open({ chunkSize: 1 });
    await plain.messages.submit(text("ab"));
    expect(plain.stream.records.map(({ headers }) => headers.length)).toEqual([2, 0]);

    const numbered = open({ chunkSize: 1, dedupeSeq: 7 });
    await numbered.messages.submit(text("ab"));
    await numbered.messages.submit(text("c"));
    const dedupe = numbered.stream.records.map(({ headers }) => extractDedupeSeq(headers));
    expect(dedupe.map((found) => found?.[1])).toEqual([7n, 8n, 9n]);
    expect(dedupe[0]?.[0]).toMatch(/^[\w-]{12}$/);
    expect(new Set(dedupe.map((found) => found?.[0])).size).toBe(1);
  });

  it("lets readers drop what a program repeats after a crash under its old name", async () => {
    const stream = new MemoryStream();
    const write = async (message: string, dedupeSeq: bigint) => {
      const options = { writerId: "worker-1", chunkSize: 2, dedupeSeq };
      const messages = new SerializingAppendSession(new MemoryAppendSession(stream), text, options);
      await messages.submit(message);
      await messages.close();
      return messages.nextDedupeSeq as bigint;
    };
    await write("first", 0n);
    const next = await write("first", 0n);
    expect(next).toBe(3n);
    await write("second", next);
    expect((await readBack(stream)).map((message) => new TextDecoder().decode(message))).toEqual([
      "first",
      "second",
    ]);
  });

  it("leaves room for a writer id of one's own", async () => {
    const { stream, messages } = open({ dedupeSeq: 0, writerId: "w".repeat(200) });
    await messages.submit(filled(2 * MIB));
    for (const { records } of stream.batches) expect(sizeOf(records)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(await readBack(stream)).toHaveLength(1);
  });
});

describe("match_seq_num", () => {
  it("is pipelined: each batch expects what those before it will make", async () => {
    const { stream, session, messages } = open({ matchSeqNum: 0, chunkSize: 1 }, { isManual: true });
    const sent = [messages.submit(filled(1500)), messages.submit(text("ab"))];
    await settled();
    expect(session.inflight).toBe(3);
    session.land(3);
    expect(await Promise.all(sent)).toEqual([
      { start: 0, end: 1500 },
      { start: 1500, end: 1502 },
    ]);
    expect(stream.batches.map((batch) => batch.match_seq_num)).toEqual([0, 1000, 1500]);
  });

  it("is not moved by a message that was never accepted", async () => {
    const { stream, messages } = open({ matchSeqNum: 0, maxFrameBytes: 10 });
    await expect(messages.submit(filled(11))).rejects.toMatchObject({ code: "FRAME_SIZE", bytes: 11 });
    await messages.submit(text("ok"));
    expect(stream.batches.map((batch) => batch.match_seq_num)).toEqual([0]);
  });

  it("is not moved after a failure: later messages fail with that failure, not with mismatches of their own [D2-25]", async () => {
    const { stream, session, messages } = open({ matchSeqNum: 0 });
    await messages.submit(text("a"));
    stream.append({ records: [{ body: "of somebody else" }] });
    const failure = await outcome(messages.submit(text("b")));
    expect(failure).toBeInstanceOf(SeqNumMismatchError);
    expect(await outcome(messages.submit(text("c")))).toBe(failure);
    expect(await outcome(messages.close())).toBe(failure);
    expect(session.failureCause()).toBe(failure);
    expect(stream.batches).toHaveLength(2);
  });
});

describe("back-pressure", () => {
  it("is that of the session: writes go on without acks until it is full", async () => {
    const { session, messages } = open({}, { isManual: true, maxInflightBytes: 3 * MIB });
    const writer = messages.getWriter();
    let written = 0;
    for (let index = 0; index < 10; index += 1) void writer.write(filled(MIB / 2)).then(() => (written += 1));
    await settled();
    expect(session.inflight).toBe(5);
    expect(written).toBe(5);
    session.land(2);
    await settled();
    expect(written).toBe(7);
    expect(session.peakInflightBytes).toBeLessThanOrEqual(3 * MIB);
    for (; session.inflight > 0; await settled()) session.land();
    expect(written).toBe(10);
  });

  it("bounds one message that is larger than the session's capacity", async () => {
    const { session, messages } = open({}, { isManual: true, maxInflightBytes: 2 * MIB });
    const sent = messages.submit(filled(8 * MIB));
    for (await settled(); session.inflight > 0; await settled()) session.land();
    expect(await sent).toEqual({ start: 0, end: 9 });
    expect(session.peakInflightBytes).toBeLessThanOrEqual(2 * MIB);
  });

  it("is felt by a pipe", async () => {
    const { session, messages } = open({}, { isManual: true, maxInflightBytes: MIB });
    let produced = 0;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        produced += 1;
        if (produced > 100) controller.close();
        else controller.enqueue(filled(MIB / 4));
      },
    });
    const piped = source.pipeTo(messages);
    await settled();
    expect(produced).toBeLessThan(10);
    for (; session.inflight > 0; await settled()) session.land();
    await piped;
    expect(session.lifecycle).toBe("closed");
  });
});

describe("options", () => {
  it.each([
    [{ chunkSize: 0 }, /chunkSize must be an integer from 1 to/],
    [
      { chunkSize: MAX_CHUNK_BODY_BYTES + 1, dedupeSeq: 0 },
      /chunkSize must be an integer from 1 to 1048477; got 1048478/,
    ],
    [{ matchSeqNum: -1 }, /matchSeqNum must be/],
    [{ matchSeqNum: 2 ** 53 }, /matchSeqNum must be/],
    [{ dedupeSeq: -1n }, /dedupeSeq must be/],
    [{ dedupeSeq: 1.5 }, /dedupeSeq must be/],
    [{ maxFrameBytes: Number.NaN }, /maxFrameBytes must be/],
    [{ writerId: "w".repeat(257) }, /writerId must be at most 256 bytes/],
  ] as [SerializingAppendSessionOptions, RegExp][])(
    "%o is refused, and the session left alone",
    (options, message) => {
      const session = new MemoryAppendSession(new MemoryStream());
      expect(() => new SerializingAppendSession(session, identity, options)).toThrowError(message);
      expect(session.writable.locked).toBe(false);
    },
  );

  it("do not matter if somebody else writes to the session already", () => {
    const session = new MemoryAppendSession(new MemoryStream());
    session.writable.getWriter();
    expect(() => new SerializingAppendSession(session, identity)).toThrowError(S2Error);
  });

  it("take zero for a value", async () => {
    const { stream, messages } = open({ matchSeqNum: 0, dedupeSeq: 0 });
    await messages.submit(text("a"));
    expect(stream.batches[0]?.match_seq_num).toBe(0);
    expect(extractDedupeSeq(stream.records[0]!.headers)?.[1]).toBe(0n);
  });
});
