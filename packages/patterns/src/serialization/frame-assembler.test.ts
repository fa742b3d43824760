import { S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { injectDedupeHeaders } from "./dedupe.js";
import { frameChunksToRecords } from "./frame.js";
import {
  type AssemblerRecord,
  type DiscardedFrame,
  FrameAssembler,
  type FrameAssemblerOptions,
} from "./frame-assembler.js";
import { FrameSizeError } from "./frame-size-error.js";
import { FRAME_BYTES_HEADER_BYTES, FRAME_RECORDS_HEADER_BYTES } from "./header-names.js";
import { encodeU64 } from "./u64.js";

const text = (value: string) => new TextEncoder().encode(value);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The records of a message cut at each |, by a writer that numbers them or by one that does not. */
function message(content: string, writer?: { id: string; seq: number }) {
  const records = frameChunksToRecords(content.split("|").map(text));
  if (writer !== undefined) injectDedupeHeaders(records, writer.id, writer.seq);
  return records;
}

function claim(records: number | bigint, bytes: number | bigint, body = ""): AssemblerRecord {
  return {
    body: text(body),
    headers: [
      [FRAME_RECORDS_HEADER_BYTES, encodeU64(records)],
      [FRAME_BYTES_HEADER_BYTES, encodeU64(bytes)],
    ],
  };
}

function assemble(
  records: readonly AssemblerRecord[],
  options: Omit<FrameAssemblerOptions, "onDiscard"> = {},
) {
  const discarded: DiscardedFrame[] = [];
  const assembler = new FrameAssembler({ ...options, onDiscard: (frame) => discarded.push(frame) });
  const messages = records.flatMap((record) => assembler.push(record)).map(({ payload }) => read(payload));
  return { messages, reasons: discarded.map(({ reason }) => reason), discarded };
}

describe("FrameAssembler", () => {
  it("joins the records of a message", () => {
    expect(assemble([...message("one|two|three"), ...message("four")]).messages).toEqual([
      "onetwothree",
      "four",
    ]);
  });

  it("ignores records before any message", () => {
    expect(assemble([{ body: text("stray") }, ...message("one"), { body: text("stray") }])).toMatchObject({
      messages: ["one"],
      reasons: [],
    });
  });

  it("gives up an unfinished message when its writer begins another", () => {
    expect(assemble([...message("lost|half").slice(0, 1), ...message("whole|one")])).toMatchObject({
      messages: ["wholeone"],
      reasons: ["superseded"],
    });
  });

  it("keeps the messages of writers that name themselves apart [D2-23]", () => {
    const [a, b, c] = [
      message("a1|a2|a3", { id: "a", seq: 0 }),
      message("b1|b2", { id: "b", seq: 70 }),
      message("c1|c2"),
    ];
    const mixed = [a[0]!, b[0]!, c[0]!, a[1]!, c[1]!, { body: text("stray") }, a[2]!, b[1]!];
    expect(assemble(mixed).messages).toEqual(["c1c2", "a1a2a3", "b1b2"]);
  });

  it("gives up a message when a record of it is missing", () => {
    const [first, , third] = message("1|2|3", { id: "a", seq: 0 });
    const next = message("4", { id: "a", seq: 3 });
    expect(assemble([first!, third!, ...next])).toMatchObject({ messages: ["4"], reasons: ["gap"] });
  });

  it("takes each record of a numbered message once, also where nothing else removes copies", () => {
    const [first, second, third] = message("1|2|3", { id: "a", seq: 9 });
    expect(assemble([first!, second!, second!, third!, third!]).messages).toEqual(["123"]);
  });

  it("delivers a message only if its records and its bytes are as many as claimed", () => {
    expect(assemble([claim(1, 2, "a")])).toMatchObject({ messages: [], reasons: ["mismatch"] });
    expect(assemble([claim(2, 2, "abc")])).toMatchObject({ messages: [], reasons: ["mismatch"] });
    expect(assemble([claim(2, 5, "ab"), { body: text("c") }])).toMatchObject({
      messages: [],
      reasons: ["mismatch"],
    });
    expect(assemble([claim(2, 3, "ab"), { body: text("c") }]).messages).toEqual(["abc"]);
  });

  it("joins empty records", () => {
    expect(assemble([claim(3, 1), { body: text("x") }, {}, ...message("")]).messages).toEqual(["x", ""]);
    expect(assemble([claim(2, 0), {}]).messages).toEqual([""]);
  });

  it.each([
    ["no records at all", claim(0, 0)],
    ["more records than a number can count", claim(2n ** 64n - 1n, 1, "a")],
    ["a size without a count", { headers: [[FRAME_BYTES_HEADER_BYTES, encodeU64(1)]], body: text("a") }],
    ["a count without a size", { headers: [[FRAME_RECORDS_HEADER_BYTES, encodeU64(1)]], body: text("a") }],
    [
      "a size that is no u64",
      {
        headers: [
          [FRAME_RECORDS_HEADER_BYTES, encodeU64(1)],
          [FRAME_BYTES_HEADER_BYTES, text("1")],
        ],
        body: text("a"),
      },
    ],
  ] as [string, AssemblerRecord][])("gives up a frame that claims %s", (_what, record) => {
    expect(assemble([record, ...message("next")])).toMatchObject({
      messages: ["next"],
      reasons: ["malformed"],
    });
  });

  it.each([101, 2n ** 53n, 2n ** 64n - 1n])(
    "fails loudly for a message that claims %s bytes of 100",
    (bytes) => {
      const assembler = new FrameAssembler({ maxFrameBytes: 100 });
      let thrown: unknown;
      try {
        assembler.push({ ...claim(2, bytes, "a"), seq_num: 7 });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(FrameSizeError);
      expect(thrown).toBeInstanceOf(S2Error);
      expect(thrown).toMatchObject({
        code: "FRAME_SIZE",
        bytes: BigInt(bytes),
        maxFrameBytes: 100,
        seqNum: 7,
        message: `The message at sequence number 7 is ${bytes} bytes; maxFrameBytes is 100`,
      });
      expect(
        [{ body: text("b") }, ...message("next")].flatMap((record) => assembler.push(record)),
      ).toHaveLength(1);
    },
  );

  it("takes a message of exactly the largest size, and 100 MiB by default", () => {
    expect(assemble(message("12345|67890"), { maxFrameBytes: 10 }).messages).toEqual(["1234567890"]);
    expect(() => new FrameAssembler().push(claim(200, 100 * 1024 * 1024))).not.toThrow();
    expect(() => new FrameAssembler().push(claim(200, 100 * 1024 * 1024 + 1))).toThrowError(FrameSizeError);
  });

  it("does not allocate what is only claimed [D1-73]", () => {
    const assembler = new FrameAssembler();
    const before = process.memoryUsage().arrayBuffers;
    for (let writer = 0; writer < 1000; writer += 1) {
      const record = {
        ...claim(100, 100 * 1024 * 1024, "a"),
        headers: [...claim(100, 100 * 1024 * 1024).headers!],
      };
      injectDedupeHeaders([record as { headers: [Uint8Array, Uint8Array][] }], `w${writer}`, 0);
      assembler.push(record);
    }
    // 100 GB were claimed; 64 KiB each are held.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
  });

  it("gives up the message without news for longest when too many are unfinished", () => {
    const [a, b, c] = ["a", "b", "c"].map((id) => message(`${id}1|${id}2|${id}3`, { id, seq: 0 }));
    const { messages, discarded } = assemble(
      [a![0]!, b![0]!, a![1]!, c![0]!, b![1]!, a![2]!, c![1]!, c![2]!],
      {
        maxWriters: 2,
      },
    );
    expect(messages).toEqual(["a1a2a3", "c1c2c3"]);
    expect(discarded).toEqual([
      { reason: "evicted", writerId: "b", meta: { bytes: 6, records: 3 }, records: 1 },
    ]);
  });

  describe("told of the place of each record", () => {
    const dead = message("1|2|3", { id: "dead", seq: 0 });
    const at = (record: AssemblerRecord, seq_num: number): AssemblerRecord => ({ ...record, seq_num });
    const others = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => at({ body: text("other") }, from + index));

    it("gives up a message without news for more records than may pass, and tells where it began", () => {
      const found = assemble([at(dead[0]!, 5), at(dead[1]!, 6), ...others(7, 10)], { maxSilentRecords: 10 });
      expect(found.reasons).toEqual([]);
      const { discarded } = assemble([at(dead[0]!, 5), at(dead[1]!, 6), ...others(7, 11)], {
        maxSilentRecords: 10,
      });
      expect(discarded).toEqual([
        { reason: "silent", writerId: "dead", meta: { bytes: 3, records: 3 }, records: 2, seqNum: 5 },
      ]);
    });

    it("waits for as many after each record of it", () => {
      const records = [
        at(dead[0]!, 0),
        ...others(1, 9),
        at(dead[1]!, 10),
        ...others(11, 9),
        at(dead[2]!, 20),
      ];
      expect(assemble(records, { maxSilentRecords: 10 })).toMatchObject({ messages: ["123"], reasons: [] });
    });

    it("waits for ever unless it is told how long", () => {
      const found = assemble([at(dead[0]!, 0), at(dead[1]!, 1), at(dead[2]!, 10_000_000)]);
      expect(found.messages).toEqual(["123"]);
    });

    it.each([0, -1, 1.5, Number.NaN])("is not told to wait for %d records", (maxSilentRecords) => {
      expect(() => new FrameAssembler({ maxSilentRecords })).toThrow("maxSilentRecords must be an integer");
    });
  });

  it("gives up messages when together they hold more than four times the largest", () => {
    const body = "x".repeat(90);
    const writers = ["a", "b", "c", "d", "e"].map((id) => message(`${body}|y`, { id, seq: 0 }));
    const { messages, discarded } = assemble(
      [...writers.map(([first]) => first!), ...writers.map(([, rest]) => rest!)],
      {
        maxFrameBytes: 91,
      },
    );
    expect(messages).toHaveLength(4);
    expect(discarded.map(({ reason, writerId }) => [reason, writerId])).toEqual([["evicted", "a"]]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %s as the largest size",
    (maxFrameBytes) => {
      expect(() => new FrameAssembler({ maxFrameBytes })).toThrowError(/maxFrameBytes must be an integer/);
    },
  );
});
