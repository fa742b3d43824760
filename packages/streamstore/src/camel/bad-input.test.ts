import { runInNewContext } from "node:vm";
import type * as main from "@s2-dev/streamstore";
import { describe, expect, it } from "vitest";
import { BASIN, createTestClient, jsonBodyOf, nextCall, rejection } from "../../test/support.js";
import {
  AppendInput,
  AppendRecord,
  BatchTransform,
  EncryptionKey,
  meteredBytes,
  S2,
  S2Error,
} from "./index.js";
import { recordsToWire } from "./records.js";

const refusal = (message: string | RegExp) =>
  expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });

function rig() {
  const { transport } = createTestClient();
  const basin = new S2({ accessToken: "token", transport }).basin(BASIN);
  return { transport, basin, stream: basin.stream("events") };
}

describe("a condition in a record of the bridge", () => {
  const cases = [
    ["matchSeqNum", { body: "x", matchSeqNum: 0 }],
    ["fencingToken", { body: "x", fencingToken: "t", timestamp: new Date(5) }],
    ["match_seq_num", { body: "x", match_seq_num: 5 }],
    ["fencing_token", { body: "x", fencing_token: "" }],
  ] as const;

  it.each(cases)("is refused in an append, in a session and in a batcher: %s", async (name, record) => {
    const { transport, stream } = rig();
    const input = { records: [{ body: "a" }, record] } as never;
    const session = await stream.appendSession();
    const batcher = new BatchTransform().writable.getWriter();
    const ways = [
      () => stream.append(input),
      () => session.submit(input),
      () => batcher.write(record as never),
    ];
    for (const way of ways) {
      const error = await rejection(way());
      expect(error).toEqual(refusal(name));
      expect(error).toBeInstanceOf(S2Error);
    }
    expect(transport.exchanges).toEqual([]);
    expect(transport.appends).toEqual([]);
  });
});

describe("a record of the bridge", () => {
  it("is refused when it is made, where it has no size", () => {
    const bad = (value: unknown): never => value as never;
    expect(() => AppendRecord.string({ body: bad(5) })).toThrow(refusal(/^body must .* got 5$/));
    expect(() => AppendRecord.bytes({ body: bad([1, 2]) })).toThrow(refusal(/^body must/));
    expect(() => AppendRecord.string({ body: "", headers: bad([["a", 5]]) })).toThrow(
      refusal(/^headers\[0\] must/),
    );
    expect(() => AppendRecord.bytes({ body: new Uint8Array(1), headers: bad("a=b") })).toThrow(
      refusal(/^headers must/),
    );
    expect(() => meteredBytes({ body: bad(null) })).toThrow(refusal(/^body must .* got null$/));
  });

  it.each([
    ["text", "5"],
    ["-1", -1],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["NaN", new Date(Number.NaN)],
  ])("is refused when it is appended with a timestamp that is %s", async (_, timestamp) => {
    const { transport, stream } = rig();
    const records = [AppendRecord.string({ body: "x", timestamp: timestamp as never })];
    const error = await rejection(stream.append(AppendInput.create(records)));
    expect(error).toEqual(refusal(/^records\[0\]\.timestamp must/));
    expect(transport.exchanges).toEqual([]);
  });
});

describe("what comes from another realm", () => {
  const foreign = runInNewContext("({ date: new Date(5), bytes: new Uint8Array([1, 2]) })") as {
    readonly date: Date;
    readonly bytes: Uint8Array;
  };

  it("is a date as one of this realm is", async () => {
    expect(foreign.date instanceof Date).toBe(false);
    const records = [AppendRecord.string({ body: "x", timestamp: foreign.date })];
    expect(recordsToWire(AppendInput.create(records))).toMatchObject([{ body: "x", timestamp: 5 }]);
    const { transport, stream } = rig();
    void stream.read({ start: { from: { timestamp: foreign.date } } }).catch(() => undefined);
    expect((await nextCall(transport)).request.url).toMatch(/timestamp=5/);
  });

  it("is a key, a body and a header as bytes of this realm are", () => {
    expect(EncryptionKey.from(foreign.bytes)).toBe("AQI=");
    const record = AppendRecord.bytes({ body: foreign.bytes, headers: [["a", foreign.bytes]] });
    expect(record.meteredBytes).toBe(8 + 2 + 2 + 1 + 2);
  });
});

describe("a date of the bridge", () => {
  it("is refused by name where it is none, and kept where it is one", async () => {
    const { transport } = createTestClient();
    const { accessTokens } = new S2({ accessToken: "token", transport });
    const issue = (expiresAt: unknown) => accessTokens.issue({ id: "a", scope: {}, expiresAt } as never);
    for (const bad of [[], Number.NaN, new Date(Number.NaN), 9e15, true]) {
      expect(await rejection(issue(bad))).toEqual(refusal(/^expiresAt must/));
    }
    void issue(new Date(0)).catch(() => undefined);
    const body = jsonBodyOf((await nextCall(transport)).request) as main.IssueAccessTokenArgs;
    expect(body.expires_at).toBe("1970-01-01T00:00:00.000Z");
  });
});

it("rejects, and does not throw, where a promise is due", async () => {
  const { basin } = rig();
  expect(await rejection(basin.streams.create(null as never))).toEqual(
    refusal("args must be an object; got null"),
  );
});
