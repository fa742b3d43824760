import type { AppendRecordInput, RecordFormat, S2Stream } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf } from "../expecting.js";
import type { SdkContext } from "../sdk-context.js";
import { createFramedTransport } from "../wires.js";

const NOISE = Uint8Array.from({ length: 300 }, (_, index) => (index * 31) % 256);

/** Records of every kind there is, on a stream that keeps their timestamps. */
const RECORDS: readonly AppendRecordInput[] = [
  {},
  { body: "" },
  { body: "text" },
  { body: "é€😀\u0000\ufeff\u2028" },
  { body: NOISE },
  { body: new Uint8Array(0), headers: [] },
  { headers: { a: "1", b: "2" } },
  {
    headers: [
      ["a", "1"],
      ["a", "2"],
      ["b", ""],
      ["a", "3"],
    ],
  },
  {
    headers: [
      ["__proto__", "x"],
      ["constructor", "y"],
      ["toString", "z"],
    ],
  },
  {
    headers: [
      [NOISE, NOISE],
      ["mixed", NOISE],
    ],
    body: "text",
  },
  { headers: [["", "fence"]], body: "token" },
  { headers: [["", "trim"]], body: new Uint8Array(8) },
  { timestamp: 0, body: "raised to what came before" },
  { timestamp: Number.MAX_SAFE_INTEGER, body: "the largest safe timestamp" },
  { timestamp: 2n ** 53n, body: "one more" },
  { timestamp: 2n ** 64n - 1n, body: "the largest" },
];

interface Ways {
  readonly fetch: S2Stream;
  readonly s2s: S2Stream;
  readonly frames: S2Stream;
  readonly own: S2Stream;
}

/** The same stream over both transports, over one of them in frames, and over the pair's own. */
async function bothWays(ctx: SdkContext): Promise<Ways> {
  const basin = await ctx.basin();
  const { name } = await ctx.streamIn(basin, { timestamping: { uncapped: true } });
  const transport = createFramedTransport();
  ctx.afterwards(() => transport.close());
  return {
    fetch: basin.stream(name, { forceTransport: "fetch" }),
    s2s: basin.stream(name, { forceTransport: "s2s" }),
    frames: ctx.connect({ transport }).basin(basin.name).stream(name),
    own: ctx.handle(basin, name),
  };
}

async function readings<F extends RecordFormat>({ fetch, s2s, frames }: Ways, as: F) {
  const args = { seq_num: 0, as, unsafeTimestamps: "saturate" } as const;
  return [
    (await fetch.read<F>(args)).records,
    (await s2s.read<F>(args)).records,
    await all(await fetch.readSession<F>({ ...args, wait: 0 })),
    await all(await s2s.readSession<F>({ ...args, wait: 0 })),
    await all(await frames.readSession<F>({ ...args, wait: 0 })),
  ];
}

export const agreeing = topic("agreeing", ({ sdk }) => {
  sdk(
    "gives identical records by call and by session, over both transports [D1-47, D1-48, G-12, H-16]",
    ["sdk.same-records", "records.text-and-bytes"],
    async (ctx) => {
      const ways = await bothWays(ctx);
      await ways.own.append([...RECORDS]);
      const [text, ...otherText] = await readings(ways, "string");
      for (const other of otherText) expect(other).toStrictEqual(text);
      const [bytes, ...otherBytes] = await readings(ways, "bytes");
      // The views lie in different buffers; what they show is the same.
      for (const other of otherBytes) expect(plain(other)).toStrictEqual(plain(bytes ?? []));
      expect(text).toHaveLength(RECORDS.length);
      expect(text?.map(({ body }) => body).slice(0, 4)).toEqual(["", "", "text", "é€😀\u0000\ufeff\u2028"]);
      expect(text?.[7]?.headerList).toEqual([
        ["a", "1"],
        ["a", "2"],
        ["b", ""],
        ["a", "3"],
      ]);
      expect(text?.map(({ timestamp }) => timestamp).slice(-3)).toEqual(
        Array(3).fill(Number.MAX_SAFE_INTEGER),
      );
      expect(Array.from(bytes?.[4]?.body ?? [])).toEqual(Array.from(NOISE));
    },
  );

  sdk(
    "appends identical records by call and by session, over both transports [D1-3]",
    ["sdk.same-records", "records.append"],
    async (ctx) => {
      const ways = await bothWays(ctx);
      const timed = RECORDS.filter(({ timestamp }) => timestamp === undefined).map((record) => ({
        ...record,
        timestamp: 5,
      }));
      await ways.fetch.append(timed);
      await ways.s2s.append(timed);
      for (const stream of [ways.fetch, ways.s2s]) {
        const session = await stream.appendSession();
        await session.submit(timed, { fencing_token: "token" });
        await session.close();
      }
      const { records } = await ways.s2s.read({ seq_num: 0, as: "bytes" });
      const copies = [0, 1, 2, 3].map((copy) =>
        plain(records.slice(copy * timed.length, (copy + 1) * timed.length)).map(
          ({ seq_num: _, ...rest }) => rest,
        ),
      );
      for (const copy of copies) expect(copy).toStrictEqual(copies[0]);
    },
  );

  sdk(
    "names the same integer that no number holds, over both transports [D1-27, H-15]",
    ["sdk.same-records", "api.u64"],
    async (ctx) => {
      const ways = await bothWays(ctx);
      await ways.own.append([...RECORDS]);
      const reads = [
        ways.fetch.read({ seq_num: 0 }),
        ways.s2s.read({ seq_num: 0 }),
        ways.fetch.readSession({ seq_num: 0, wait: 0 }).then(all),
        ways.s2s.readSession({ seq_num: 0, wait: 0 }).then(all),
      ];
      const errors = await Promise.all(reads.map((read) => errorOf(read)));
      for (const error of errors) {
        expect(error).toMatchObject({
          code: "UNSAFE_INTEGER",
          message: expect.stringContaining(String(2n ** 53n)),
        });
      }
      expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    },
  );

  sdk(
    "gives the same records through a fetch that is passed in",
    ["sdk.same-records"],
    async (ctx) => {
      const basin = await ctx.basin();
      const { name } = await ctx.streamIn(basin);
      const urls: string[] = [];
      const passedIn = ctx.connect({
        fetch: (url, init) => {
          urls.push(url);
          return fetch(url, init);
        },
      });
      const stream = passedIn.basin(basin.name).stream(name);
      await stream.append([{ body: "a", headers: { k: "v" }, timestamp: 1 }]);
      const session = await stream.appendSession();
      await session.submit({ body: new Uint8Array([255]), timestamp: 2 });
      await session.close();
      const records = await all(await stream.readSession({ seq_num: 0, wait: 0 }));
      expect((await stream.read({ seq_num: 0 })).records).toStrictEqual(records);
      expect((await ctx.handle(basin, name).read({ seq_num: 0 })).records).toStrictEqual(records);
      expect(records.map(({ body, headerList }) => [body, headerList])).toEqual([
        ["a", [["k", "v"]]],
        ["\ufffd", []],
      ]);
      expect(urls).toHaveLength(4);
    },
    { wires: ["fetch"] },
  );

  sdk("fails with the same errors, over both transports", ["sdk.same-records", "api.errors"], async (ctx) => {
    const ways = await bothWays(ctx);
    await ways.s2s.append([{ body: "a", timestamp: 1 }]);
    const failing: ((stream: S2Stream) => Promise<unknown>)[] = [
      (stream) => stream.append({ body: "b" }, { match_seq_num: 9 }),
      (stream) => stream.append({ body: "b" }, { fencing_token: "x" }),
      (stream) => stream.read({ seq_num: 9 }),
      (stream) => stream.readSession({ seq_num: 9 }),
      (stream) => stream.readSession({ seq_num: 1, count: 1 }),
      async (stream) => (await stream.appendSession()).submit({ body: "b" }, { match_seq_num: 9 }),
      async (stream) => (await stream.appendSession()).submit({ body: "b" }, { fencing_token: "x" }),
    ];
    for (const [index, fail] of failing.entries()) {
      const [byFetch, byS2s] = [await errorOf(fail(ways.fetch)), await errorOf(fail(ways.s2s))];
      const shown = ({
        name,
        message,
        code,
        status,
        origin,
        sideEffect,
        retryable,
        data,
      }: typeof byFetch) => ({ index, name, message, code, status, origin, sideEffect, retryable, data });
      expect(shown(byFetch)).toEqual(shown(byS2s));
    }
  });
});

/** The same records with arrays of numbers for bytes. */
function plain(
  records: readonly {
    seq_num: number;
    timestamp: number;
    body: string | Uint8Array;
    headers: unknown;
    headerList: readonly (readonly [string | Uint8Array, string | Uint8Array])[];
  }[],
) {
  return records.map(({ seq_num, timestamp, body, headerList }) => ({
    seq_num,
    timestamp,
    body: Array.from(body as Uint8Array),
    headerList: headerList.map(([name, value]) => [
      Array.from(name as Uint8Array),
      Array.from(value as Uint8Array),
    ]),
  }));
}
