import { BatchTransform, type S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { BASIN, createTestClient, rejection } from "../test/support.js";
import type { S2ClientOptions } from "./options.js";

/** What gives a number to the SDK, and how it is called in messages. */
type Give = (value: number) => unknown;

const client =
  (options: (value: number) => S2ClientOptions): Give =>
  (value) =>
    createTestClient(options(value));
const open = () => {
  const client = createTestClient();
  return { ...client, stream: client.s2.basin(BASIN).stream("events") };
};

/** Each takes whole numbers, or milliseconds of which a part is legal. */
const WHOLE: Record<string, Give> = {
  "retry.maxAttempts": client((maxAttempts) => ({ retry: { maxAttempts } })),
  maxInflightBytes: (maxInflightBytes) => open().stream.appendSession({ maxInflightBytes }),
  maxInflightBatches: (maxInflightBatches) => open().stream.appendSession({ maxInflightBatches }),
  seq_num: (seq_num) => open().stream.readSession({ seq_num }),
  tail_offset: (tail_offset) => open().stream.readSession({ tail_offset }),
  count: (count) => open().stream.readSession({ count }),
  bytes: (bytes) => open().stream.readSession({ bytes }),
  until: (until) => open().stream.read({ until }),
  match_seq_num: (match_seq_num) => open().stream.append({ body: "" }, { match_seq_num }),
  "records[0].timestamp": (timestamp) => open().stream.append({ body: "", timestamp }),
  limit: (limit) => open().s2.basins.list({ limit }),
  maxBatchRecords: (maxBatchRecords) => new BatchTransform({ maxBatchRecords }),
  maxBatchBytes: (maxBatchBytes) => new BatchTransform({ maxBatchBytes }),
};
const DURATIONS: Record<string, Give> = {
  wait: (wait) => open().stream.read({ wait }),
  requestTimeoutMillis: client((requestTimeoutMillis) => ({ requestTimeoutMillis })),
  connectionTimeoutMillis: client((connectionTimeoutMillis) => ({ connectionTimeoutMillis })),
  "retry.minBaseDelayMillis": client((minBaseDelayMillis) => ({ retry: { minBaseDelayMillis } })),
  "retry.maxBaseDelayMillis": client((maxBaseDelayMillis) => ({ retry: { maxBaseDelayMillis } })),
  "retry.requestTimeoutMillis": client((requestTimeoutMillis) => ({ retry: { requestTimeoutMillis } })),
  deadlineMillis: (deadlineMillis) => open().stream.checkTail({ deadlineMillis }),
  lingerDurationMillis: (lingerDurationMillis) => new BatchTransform({ lingerDurationMillis }),
};

const bad = (gives: Record<string, Give>, values: readonly number[]): [string, number, Give][] =>
  Object.entries(gives).flatMap(([name, give]) =>
    values.map((value): [string, number, Give] => [name, value, give]),
  );

describe("a number", () => {
  it.each([
    ...bad(WHOLE, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0.5]),
    ...bad(DURATIONS, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1]),
  ])("that cannot be %s is refused, and named: %d [D1-10]", async (name, value, give) => {
    const error = (await rejection((async () => give(value))())) as S2Error;
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none", attempts: 0 });
    expect(error.message).toContain(name.split(".").at(-1));
    expect(error.message).toContain(String(value));
  });
});
