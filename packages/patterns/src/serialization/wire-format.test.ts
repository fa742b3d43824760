import { AppendRecord } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { MemoryAppendSession } from "../../test/memory-append-session.js";
import { MemoryReadSession } from "../../test/memory-read-session.js";
import { MemoryStream, storedRecord } from "../../test/memory-stream.js";
import { injectDedupeHeaders } from "./dedupe.js";
import { DeserializingReadSession } from "./deserializing-read-session.js";
import { frameChunksToRecords } from "./frame.js";
import { FrameAssembler } from "./frame-assembler.js";
import * as names from "./header-names.js";
import { SerializingAppendSession } from "./serializing-append-session.js";

/** A message of "hello" and "!" by the writer "abcdefghijkl" from number 258 on, built by hand from the format's rules. */
const GOLDEN = [
  {
    body: "68656c6c6f",
    headers: [
      ["5f6672616d655f7265636f726473", "0000000000000002"],
      ["5f6672616d655f6279746573", "0000000000000006"],
      ["5f6465647570655f736571", "0000000000000102"],
      ["5f7772697465725f6964", "6162636465666768696a6b6c"],
    ],
  },
  {
    body: "21",
    headers: [
      ["5f6465647570655f736571", "0000000000000103"],
      ["5f7772697465725f6964", "6162636465666768696a6b6c"],
    ],
  },
];

/** "hey" by the writer "zyxwvutsrqpo", its number 2^53 + 1, which no float holds. */
const OTHER_WRITER = {
  body: "686579",
  headers: [
    ["5f6672616d655f7265636f726473", "0000000000000001"],
    ["5f6672616d655f6279746573", "0000000000000003"],
    ["5f6465647570655f736571", "0020000000000001"],
    ["5f7772697465725f6964", "7a797877767574737271706f"],
  ],
};

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const text = (value: string) => new TextEncoder().encode(value);

function goldenRecord({ body, headers }: (typeof GOLDEN)[number]) {
  const list = headers.map(([name, value]): [Uint8Array, Uint8Array] => [unhex(name!), unhex(value!)]);
  return { seq_num: 0, timestamp: 0, body: unhex(body), headers: list, headerList: list };
}

describe("the wire format", () => {
  it("writes the golden message byte for byte, with its headers in their order", () => {
    const records = frameChunksToRecords([text("hello"), text("!")]);
    const next = injectDedupeHeaders(records, "abcdefghijkl", 258);
    expect(next).toBe(260n);
    const written = records.map((record) => ({
      body: hex(record.body),
      headers: record.headers.map(([name, value]) => [hex(name), hex(value)]),
    }));
    expect(written).toEqual(GOLDEN);
  });

  it("is what a session writes, and what a session reads, copies and other writers in between", async () => {
    const stream = new MemoryStream();
    const session = new SerializingAppendSession<string>(new MemoryAppendSession(stream), text, {
      chunkSize: 5,
      dedupeSeq: 258,
      writerId: "abcdefghijkl",
    });
    await session.submit("hello!");
    await session.close();
    const written = stream.records.map(({ body, headers }) => ({
      body: hex(body),
      headers: headers.map(([name, value]) => [hex(name), hex(value)]),
    }));
    expect(written).toEqual(GOLDEN);

    const golden = GOLDEN.map(goldenRecord);
    const other = [OTHER_WRITER].map(goldenRecord);
    const order = [golden[0], golden[0], other[0], golden[0], golden[1], other[0], golden[1]];
    const records = order.map((record, seqNum) => ({ ...record!, seq_num: seqNum }));
    const read: string[] = [];
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    for await (const message of new DeserializingReadSession(new MemoryReadSession(records), decode)) {
      read.push(message);
    }
    expect(read).toEqual(["hey", "hello!"]);
  });

  it("reads the golden message", () => {
    const assembler = new FrameAssembler();
    const frames = GOLDEN.flatMap(({ body, headers }) =>
      assembler.push({
        body: unhex(body),
        headers: headers.map(([name, value]): [Uint8Array, Uint8Array] => [unhex(name!), unhex(value!)]),
      }),
    );
    expect(frames).toEqual([{ payload: text("hello!"), meta: { bytes: 6, records: 2 } }]);
  });

  it("reads a message without dedupe headers, whose later records have none at all", () => {
    const assembler = new FrameAssembler();
    const [first] = GOLDEN;
    const headers = first!.headers.slice(0, 2).map(([name, value]) => [unhex(name!), unhex(value!)] as const);
    expect(assembler.push({ body: text("hello"), headers })).toEqual([]);
    expect(assembler.push({ body: text("!"), headers: [] })).toHaveLength(1);
  });

  it("writes an empty message as one empty record that counts itself and no bytes [D1-75, H-19]", () => {
    const records = frameChunksToRecords([]);
    expect(records.map((record) => hex(record.body))).toEqual([""]);
    expect(records[0]?.headers.map(([name, value]) => [hex(name), hex(value)])).toEqual([
      ["5f6672616d655f7265636f726473", "0000000000000001"],
      ["5f6672616d655f6279746573", "0000000000000000"],
    ]);
    expect(new FrameAssembler().push(records[0]!)).toEqual([
      { payload: new Uint8Array(0), meta: { bytes: 0, records: 1 } },
    ]);
  });

  it("names its headers alike as text and as bytes", () => {
    expect(names.FRAME_RECORDS_HEADER_BYTES).toEqual(text("_frame_records"));
    expect(names.FRAME_BYTES_HEADER_BYTES).toEqual(text("_frame_bytes"));
    expect(names.DEDUPE_SEQ_HEADER_BYTES).toEqual(text("_dedupe_seq"));
    expect(names.WRITER_ID_HEADER_BYTES).toEqual(text("_writer_id"));
  });

  it("skips a command between the records of a message", () => {
    const assembler = new FrameAssembler();
    const records = frameChunksToRecords([text("hello"), text("!")]);
    const command = storedRecord(AppendRecord.fence("owner"), 1);
    const frames = [records[0]!, command, records[1]!].flatMap((record) => assembler.push(record));
    expect(frames.map((frame) => frame.payload)).toEqual([text("hello!")]);
  });
});
