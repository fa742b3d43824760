import { AppendRecord, meteredBytes } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";

const MIB = 1024 * 1024;
/** A record of exactly 1 MiB, metered. */
const LARGEST_BODY = MIB - 8;

export const appending = topic("appending", ({ sdk, raw }) => {
  sdk(
    "gives a batch contiguous sequence numbers from 0",
    ["records.append", "records.atomic"],
    async (ctx) => {
      const stream = await ctx.stream();
      const first = await stream.append([
        AppendRecord.make("a"),
        AppendRecord.make("b"),
        AppendRecord.make("c"),
      ]);
      expect([first.start.seq_num, first.end.seq_num, first.tail.seq_num]).toEqual([0, 3, 3]);
      const second = await stream.append(AppendRecord.make("d"));
      expect([second.start.seq_num, second.end.seq_num, second.tail.seq_num]).toEqual([3, 4, 4]);
      const { records } = await stream.read({ seq_num: 0 });
      expect(records.map(({ seq_num, body }) => [seq_num, body])).toEqual([
        [0, "a"],
        [1, "b"],
        [2, "c"],
        [3, "d"],
      ]);
    },
  );

  sdk("acknowledges the timestamps of the first and of the last record", ["records.append"], async (ctx) => {
    const stream = await ctx.stream();
    const ack = await stream.append([
      { body: "a", timestamp: 1000 },
      { body: "b", timestamp: 2000 },
    ]);
    expect(ack).toEqual({
      start: { seq_num: 0, timestamp: 1000 },
      end: { seq_num: 2, timestamp: 2000 },
      tail: { seq_num: 2, timestamp: 2000 },
    });
  });

  sdk(
    "tells the tail: 0 for an empty stream, then behind the last record",
    ["records.check-tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      expect(await stream.checkTail()).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
      const ack = await stream.append([{ body: "a" }, { body: "b" }]);
      expect(await stream.checkTail()).toEqual({ tail: ack.tail });
    },
  );

  sdk("stores text and bytes mixed in one batch as they are", ["records.text-and-bytes"], async (ctx) => {
    const stream = await ctx.stream();
    const bytes = Uint8Array.of(0, 1, 127, 128, 255);
    await stream.append([
      AppendRecord.make("text é 😀", { kind: "text" }),
      AppendRecord.make(bytes, { kind: "binary" }),
      { body: "with bytes in a header", headers: [["name", bytes]] },
      { body: bytes, headers: [[bytes, "value"]] },
    ]);
    const { records } = await stream.read({ seq_num: 0, as: "bytes" });
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(records.map(({ body }) => Array.from(body))).toEqual(
      [utf8("text é 😀"), bytes, utf8("with bytes in a header"), bytes].map((body) => Array.from(body)),
    );
    expect(records.map(({ headers }) => headers.map((pair) => pair.map((part) => Array.from(part))))).toEqual(
      [
        [[Array.from(utf8("kind")), Array.from(utf8("text"))]],
        [[Array.from(utf8("kind")), Array.from(utf8("binary"))]],
        [[Array.from(utf8("name")), Array.from(bytes)]],
        [[Array.from(bytes), Array.from(utf8("value"))]],
      ],
    );
  });

  sdk("keeps headers in order, duplicates and empty values included", ["records.headers"], async (ctx) => {
    const stream = await ctx.stream();
    const headers: [string, string][] = [
      ["b", "1"],
      ["a", ""],
      ["b", "2"],
      [" ", "é"],
      ["__proto__", "x"],
    ];
    await stream.append({ body: "a", headers });
    const [record] = (await stream.read({ seq_num: 0 })).records;
    expect(record?.headerList).toEqual(headers);
    expect(record?.headers.b).toBe("2");
    expect(Object.entries(record?.headers ?? {}).sort()).toEqual([
      [" ", "é"],
      ["__proto__", "x"],
      ["a", ""],
      ["b", "2"],
    ]);
  });

  sdk(
    "reads an absent body and absent headers as empty ones [D1-49]",
    ["records.text-and-bytes"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([{}, { body: "" }, { body: new Uint8Array(0) }]);
      const text = await stream.read({ seq_num: 0 });
      expect(text.records.map(({ body, headers, headerList }) => [body, { ...headers }, headerList])).toEqual(
        Array(3).fill(["", {}, []]),
      );
      const bytes = await stream.read({ seq_num: 0, as: "bytes" });
      expect(bytes.records.map(({ body, headers }) => [body.length, headers])).toEqual(
        Array(3).fill([0, []]),
      );
    },
  );

  sdk("takes a batch of 1000 records", ["records.batch-limits"], async (ctx) => {
    const stream = await ctx.stream();
    const ack = await stream.append(Array.from({ length: 1000 }, (_, index) => ({ body: String(index) })));
    expect(ack.end.seq_num).toBe(1000);
    const { records } = await stream.read({ seq_num: 0 });
    expect(records.map(({ body }) => body)).toEqual(
      Array.from({ length: 1000 }, (_, index) => String(index)),
    );
  });

  sdk("takes a record of exactly 1 MiB", ["records.batch-limits", "records.metering"], async (ctx) => {
    const stream = await ctx.stream();
    const record = AppendRecord.make("x".repeat(LARGEST_BODY));
    expect(meteredBytes(record)).toBe(MIB);
    await stream.append(record);
    const [read] = (await stream.read({ seq_num: 0 })).records;
    expect(read?.body).toHaveLength(LARGEST_BODY);
  });

  sdk(
    "meters as the service does: 8 a record, 2 a header, and all their bytes",
    ["records.metering", "read.bytes"],
    async (ctx) => {
      const stream = await ctx.stream();
      const record = {
        body: "é12",
        headers: [
          ["n", "€"],
          ["", ""],
        ].slice(0, 1) as [string, string][],
      };
      const size = meteredBytes(record);
      expect(size).toBe(8 + 2 + 1 + 3 + 4);
      await stream.append([record, record]);
      expect((await stream.read({ seq_num: 0, bytes: size - 1 })).records).toHaveLength(0);
      expect((await stream.read({ seq_num: 0, bytes: size })).records).toHaveLength(1);
      expect((await stream.read({ seq_num: 0, bytes: 2 * size - 1 })).records).toHaveLength(1);
      expect((await stream.read({ seq_num: 0, bytes: 2 * size })).records).toHaveLength(2);
    },
  );

  sdk(
    "takes 1000 records that are 1 MiB together, and gives them back in one read",
    ["records.batch-limits", "read.unary-caps"],
    async (ctx) => {
      const stream = await ctx.stream();
      const size = Math.floor(MIB / 1000);
      const records = Array.from({ length: 1000 }, (_, index) => ({
        body: "x".repeat(index < MIB % 1000 ? size - 7 : size - 8),
      }));
      expect(records.reduce((sum, record) => sum + meteredBytes(record), 0)).toBe(MIB);
      await stream.append(records);
      expect((await stream.read({ seq_num: 0 })).records.map(({ body }) => body.length)).toEqual(
        records.map(({ body }) => body.length),
      );
    },
  );

  raw(
    "refuses a batch that is empty, too long or too large, and appends nothing of it",
    ["records.batch-limits", "records.atomic", "code.invalid"],
    async (ctx) => {
      const stream = await ctx.stream();
      expectCode(await stream.append({ records: [] }), 422, "invalid");
      expectCode(await stream.append({ records: Array(1001).fill({}) }), 422, "invalid");
      expectCode(await stream.append({ records: [{ body: "x".repeat(LARGEST_BODY + 1) }] }), 422, "invalid");
      const half = "x".repeat(MIB / 2 - 8);
      expectCode(await stream.append({ records: [{ body: half }, { body: `${half}x` }] }), 422, "invalid");
      expect((await stream.tail()).json()).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
      expect((await stream.append({ records: [{ body: half }, { body: half }] })).status).toBe(200);
    },
  );

  raw(
    "refuses an empty header name beside other headers",
    ["records.headers", "commands.form"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const headers of [
        [
          ["", "a"],
          ["b", "c"],
        ],
        [
          ["b", "c"],
          ["", ""],
        ],
        [
          ["", "fence"],
          ["", "fence"],
        ],
      ]) {
        expectCode(await stream.append({ records: [{ headers }] }), 422, "invalid");
      }
    },
  );
});
