import {
  AppendRecord,
  type AppendRecordInput,
  BatchTransform,
  type ReadArgs,
  S2,
  type S2Basin,
  type S2ClientOptions,
  S2Error,
  type S2Stream,
} from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf } from "../expecting.js";
import type { SdkContext } from "../sdk-context.js";
import { openTrap } from "../trap.js";

const MIB = 1024 * 1024;
const UNSAFE = 2 ** 53;

/** What is tried, and what its message must name. */
type Refusal = readonly [what: string, attempt: () => unknown, ...names: (string | RegExp)[]];

/** Each attempt must be refused for its argument, by a message that names what it should. */
async function expectRefusals(refusals: readonly Refusal[]): Promise<void> {
  for (const [what, attempt, ...names] of refusals) {
    const error = await errorOf((async () => attempt())()).catch((thrown: unknown) => {
      throw new Error(`${what}: ${String(thrown)}`);
    });
    expect({
      what,
      code: error.code,
      status: error.status,
      origin: error.origin,
      sideEffect: error.sideEffect,
    }).toEqual({
      what,
      code: "INVALID_ARGUMENT",
      status: 400,
      origin: "sdk",
      sideEffect: "none",
    });
    for (const name of names) expect(`${what}: ${error.message}`).toMatch(name);
  }
}

/** Two records with nothing between them, as a list is that was filled by index. */
const HOLED: AppendRecordInput[] = [{ body: "a" }];
HOLED[2] = { body: "b" };

/** A client of an address where nobody may call; the behaviour fails if somebody does. */
async function withTrap(
  ctx: SdkContext,
  run: (stream: S2Stream, basin: S2Basin, client: S2) => Promise<void>,
): Promise<void> {
  const trap = await openTrap();
  ctx.afterwards(() => trap.close());
  const client = ctx.connect({
    endpoints: { account: trap.origin, basin: trap.origin },
    retry: { maxAttempts: 1 },
    // A transport that leads elsewhere would not step into it.
    transport: undefined,
  });
  const basin = client.basin("some-basin");
  const stream = ctx.handle(basin, "some-stream");
  await run(stream, basin, client);
  expect(trap.connections).toBe(0);
  // The trap works: the same handle with a good argument is noticed.
  expect(await errorOf(stream.append({ body: "good" }))).toBeInstanceOf(S2Error);
  expect(trap.connections).toBe(1);
}

/** What TypeScript would not let a program write; JavaScript does. */
const wrong = <T>(value: unknown): T => value as T;

export const refusing = topic("refusing", ({ sdk }) => {
  sdk("refuses client options that cannot be right", ["sdk.refusals"], async () => {
    const make = (options: S2ClientOptions) => () => new S2({ accessToken: "token", ...options });
    await expectRefusals([
      ["no token", make({ accessToken: "" }), "accessToken", "S2_ACCESS_TOKEN"],
      ["a token of two lines", make({ accessToken: "a\nb" }), "accessToken"],
      ["a token that is no text", make({ accessToken: wrong(5) }), "accessToken", "number"],
      [
        "an endpoint with a query",
        make({ endpoints: { account: "https://a.example/v1?x=1", basin: "b.example" } }),
        "endpoints.account",
        "query",
        "x=1",
      ],
      [
        "an endpoint with a fragment",
        make({ endpoints: { account: "a.example", basin: "https://b.example/#x" } }),
        "endpoints.basin",
        "fragment",
      ],
      [
        "a base URL with a query",
        make({ baseUrl: "https://a.example/v1?x=1", makeBasinBaseUrl: () => "https://b.example" }),
        "baseUrl",
        "query",
      ],
      [
        "an endpoint of another scheme",
        make({ endpoints: { account: "ftp://a.example", basin: "b.example" } }),
        "endpoints.account",
        "ftp://a.example",
        "http",
      ],
      ["one endpoint of two", make({ endpoints: { account: "a.example" } }), "endpoints.account", "basin"],
      ["an empty endpoint", make({ endpoints: { account: "", basin: "b.example" } }), "endpoints.account"],
      ["0 attempts", make({ retry: { maxAttempts: 0 } }), "retry.maxAttempts", "0", "1"],
      ["NaN attempts", make({ retry: { maxAttempts: Number.NaN } }), "retry.maxAttempts", "NaN"],
      ["half an attempt", make({ retry: { maxAttempts: 1.5 } }), "retry.maxAttempts", "1.5"],
      [
        "an unknown policy",
        make({ retry: { appendRetryPolicy: wrong("none") } }),
        "retry.appendRetryPolicy",
        "none",
      ],
      [
        "a negative backoff",
        make({ retry: { retryBackoffDurationMillis: -1 } }),
        "retry.retryBackoffDurationMillis",
        "-1",
      ],
      [
        "an endless timeout",
        make({ requestTimeoutMillis: Number.POSITIVE_INFINITY }),
        "requestTimeoutMillis",
        "Infinity",
      ],
      [
        "a timeout of NaN",
        make({ retry: { requestTimeoutMillis: Number.NaN } }),
        "retry.requestTimeoutMillis",
        "NaN",
      ],
    ]);
  });

  sdk(
    "refuses names that the service would not take",
    ["sdk.refusals", "names.basin", "names.stream"],
    async (ctx) => {
      await withTrap(ctx, async (_, basin, client) => {
        await expectRefusals([
          ["a basin of 7 bytes", () => client.basin("short-7"), "basin", "short-7", "8 to 48"],
          [
            "a basin of 49 bytes",
            () => client.basins.create({ basin: "x".repeat(49) }),
            "basin",
            "49 bytes",
            "8 to 48",
          ],
          [
            "a basin in capitals",
            () => client.basins.getConfig({ basin: "Some-Basin" }),
            "basin",
            "Some-Basin",
          ],
          [
            "a basin with a hyphen at its end",
            () => client.basins.delete({ basin: "some-basin-" }),
            "basin",
            "some-basin-",
          ],
          ["a basin that is no text", () => client.basin(wrong(undefined)), "basin", "undefined"],
          ["a stream without a name", () => basin.stream(""), "stream", "1 to 512"],
          ["a stream named .", () => basin.stream("."), "stream", '"."'],
          ["a stream named ..", () => basin.streams.create({ stream: ".." }), "stream", '".."'],
          ["a stream of 513 bytes", () => basin.stream("x".repeat(513)), "stream", "513 bytes", "512"],
          [
            "a stream of 514 bytes in 257 characters",
            () => basin.streams.delete({ stream: "é".repeat(257) }),
            "stream",
            "514 bytes",
            "512",
          ],
          ["a stream with NUL", () => basin.streams.getConfig({ stream: "a\0b" }), "stream", "NUL"],
          ["a stream with half a character", () => basin.stream("a\ud83d"), "stream", "surrogate"],
          [
            "a stream over a transport there is not",
            () => basin.stream("s", { forceTransport: wrong("http") }),
            "forceTransport",
            "http",
          ],
          ["an access token without an id", () => client.accessTokens.revoke({ id: "" }), "id", "1 to 96"],
          [
            "an access token id of 97 bytes",
            () => client.accessTokens.revoke({ id: "x".repeat(97) }),
            "id",
            "97 bytes",
            "96",
          ],
          [
            "a location with a blank",
            () => client.locations.setDefault({ location: "a b" }),
            "location",
            "a b",
            "64",
          ],
          [
            "a prefix of 49 bytes",
            () => client.basins.list({ prefix: "x".repeat(49) }),
            "prefix",
            "49 bytes",
            "48",
          ],
          [
            "a start after 513 bytes",
            () => basin.streams.list({ start_after: "x".repeat(513) }),
            "start_after",
            "513 bytes",
            "512",
          ],
          ["a page of -1", () => basin.streams.list({ limit: -1 }), "limit", "-1"],
          ["a page of NaN", () => client.basins.list({ limit: Number.NaN }), "limit", "NaN"],
        ]);
      });
    },
  );

  sdk(
    "refuses configurations that the service would not take",
    ["sdk.refusals", "config.retention"],
    async (ctx) => {
      await withTrap(ctx, async (_, basin, client) => {
        await expectRefusals([
          [
            "retention of 0 s",
            () => basin.streams.create({ stream: "s", config: { retention_policy: { age: 0 } } }),
            "age",
            "0",
            "1",
          ],
          [
            "retention of NaN",
            () => basin.streams.ensure({ stream: "s", config: { retention_policy: { age: Number.NaN } } }),
            "age",
            "NaN",
          ],
          [
            "retention beyond numbers",
            () => basin.streams.reconfigure({ stream: "s", retention_policy: { age: UNSAFE } }),
            "age",
            String(UNSAFE),
          ],
          [
            "retention of two kinds",
            () =>
              basin.streams.create({
                stream: "s",
                config: { retention_policy: wrong({ age: 5, infinite: {} }) },
              }),
            "retention_policy",
          ],
          [
            "a basin's default without retention",
            () =>
              client.basins.create({
                basin: "some-basin",
                config: { default_stream_config: { retention_policy: { age: -1 } } },
              }),
            "age",
            "-1",
          ],
          [
            "a negative age when empty",
            () => basin.streams.reconfigure({ stream: "s", delete_on_empty: { min_age_secs: -1 } }),
            "min_age_secs",
            "-1",
          ],
          [
            "a switch that is none",
            () => client.basins.reconfigure({ basin: "some-basin", create_stream_on_append: wrong("yes") }),
            "create_stream_on_append",
            "yes",
          ],
        ]);
      });
    },
  );

  sdk(
    "refuses batches and records that the service would not take, in calls and sessions alike",
    ["sdk.refusals", "records.batch-limits", "names.fencing-token", "commands.form"],
    async (ctx) => {
      await withTrap(ctx, async (stream) => {
        const session = await stream.appendSession();
        type Append = (
          records: AppendRecordInput | readonly AppendRecordInput[],
          args?: { readonly fencing_token?: string; readonly match_seq_num?: number },
        ) => Promise<unknown>;
        const ways: [way: string, append: Append][] = [
          ["unary", (records, args) => stream.append(records, args)],
          ["session", (records, args) => session.submit(records, args)],
          ["enqueue", (records, args) => session.enqueue(records, args)],
        ];
        for (const [way, append] of ways) {
          await expectRefusals([
            [`${way}: no record`, () => append([]), "records", "empty"],
            [`${way}: 1001 records`, () => append(Array(1001).fill({ body: "" })), "1001", "1000"],
            [
              `${way}: a record of 1 MiB and a byte`,
              () => append({ body: "x".repeat(MIB - 7) }),
              String(MIB + 1),
              String(MIB),
            ],
            [
              `${way}: a batch of 1 MiB and a byte`,
              () => append([{ body: "x".repeat(MIB / 2 - 8) }, { body: "x".repeat(MIB / 2 - 7) }]),
              String(MIB + 1),
              String(MIB),
            ],
            [
              `${way}: a token of 37 bytes`,
              () => append({ body: "a" }, { fencing_token: "x".repeat(37) }),
              "fencing_token",
              "37",
              "36",
            ],
            [
              `${way}: a token of 38 bytes in 19 characters`,
              () => append({ body: "a" }, { fencing_token: "é".repeat(19) }),
              "fencing_token",
              "38",
              "36",
            ],
            [
              `${way}: a place of NaN`,
              () => append({ body: "a" }, { match_seq_num: Number.NaN }),
              "match_seq_num",
              "NaN",
            ],
            [
              `${way}: a place of -1`,
              () => append({ body: "a" }, { match_seq_num: -1 }),
              "match_seq_num",
              "-1",
            ],
            [
              `${way}: a place beyond numbers`,
              () => append({ body: "a" }, { match_seq_num: UNSAFE }),
              "match_seq_num",
              String(UNSAFE),
            ],
            [
              `${way}: a timestamp of NaN`,
              () => append({ body: "a", timestamp: Number.NaN }),
              "timestamp",
              "NaN",
            ],
            [
              `${way}: a timestamp beyond numbers`,
              () => append({ body: "a", timestamp: UNSAFE }),
              "timestamp",
              String(UNSAFE),
            ],
            [
              `${way}: a timestamp beyond 64 bits`,
              () => append({ body: "a", timestamp: 2n ** 64n }),
              "timestamp",
              String(2n ** 64n),
            ],
            [`${way}: a timestamp before 0`, () => append({ body: "a", timestamp: -5n }), "timestamp", "-5"],
            [
              `${way}: half a millisecond`,
              () => append([{ body: "a" }, { body: "b", timestamp: 0.5 }]),
              "timestamp",
              "0.5",
            ],
            [`${way}: a body that is none`, () => append({ body: wrong(5) }), "body", "5"],
            [`${way}: a record that is none`, () => append(wrong([null])), "record", "null"],
            [`${way}: a hole among records`, () => append(wrong(HOLED)), "records[1]", "undefined"],
            [`${way}: a hole in front`, () => append(wrong(Array(2))), "records[0]", "undefined"],
            [`${way}: a header without a value`, () => append({ headers: wrong([["a"]]) }), "header"],
            [`${way}: a header of a number`, () => append({ headers: wrong({ a: 5 }) }), "header", "5"],
            [
              `${way}: an empty header name beside others`,
              () =>
                append({
                  headers: [
                    ["", "x"],
                    ["a", "b"],
                  ],
                }),
              "header",
              "empty",
            ],
            [
              `${way}: a command there is not`,
              () => append(AppendRecord.command("explode")),
              "command",
              "explode",
            ],
            [
              `${way}: a trim of 7 bytes`,
              () => append({ headers: [["", "trim"]], body: new Uint8Array(7) }),
              "trim",
              "7",
              "8",
            ],
            [
              `${way}: a fence of 37 bytes`,
              () => append({ headers: [["", "fence"]], body: "x".repeat(37) }),
              "fenc",
              "37",
              "36",
            ],
          ]);
        }
        await session.close();
      });
    },
  );

  sdk(
    "refuses commands when they are made",
    ["sdk.refusals", "commands.fence", "commands.trim"],
    async () => {
      await expectRefusals([
        ["a fence of 37 bytes", () => AppendRecord.fence("x".repeat(37)), "fencing token", "37", "36"],
        ["a trim before 0", () => AppendRecord.trim(-1), "trim", "-1"],
        ["a trim of NaN", () => AppendRecord.trim(Number.NaN), "trim", "NaN"],
        ["a trim beyond numbers", () => AppendRecord.trim(UNSAFE), "trim", String(UNSAFE)],
        ["a trim beyond 64 bits", () => AppendRecord.trim(2n ** 64n), "trim", String(2n ** 64n)],
      ]);
    },
  );

  sdk(
    "refuses reads that the service would not take, in calls and sessions alike",
    ["sdk.refusals", "read.one-start", "read.timestamp-until"],
    async (ctx) => {
      await withTrap(ctx, async (stream) => {
        const ways: [way: string, read: (args: ReadArgs<"string">) => Promise<unknown>][] = [
          ["unary", (args) => stream.read(args)],
          ["session", (args) => stream.readSession(args)],
        ];
        for (const [way, read] of ways) {
          await expectRefusals([
            [
              `${way}: two starts`,
              () => read({ seq_num: 1, timestamp: 2 }),
              "seq_num 1",
              "timestamp 2",
              "one",
            ],
            [`${way}: two starts of 0`, () => read({ seq_num: 0, tail_offset: 0 }), "seq_num", "tail_offset"],
            [
              `${way}: a timestamp that is not before until`,
              () => read({ timestamp: 5, until: 5 }),
              "timestamp",
              "until",
              "5",
            ],
            ...(["seq_num", "timestamp", "tail_offset", "count", "bytes", "until"] as const).flatMap(
              (name): Refusal[] => [
                [`${way}: ${name} of -1`, () => read({ [name]: -1 }), name, "-1"],
                [`${way}: ${name} of NaN`, () => read({ [name]: Number.NaN }), name, "NaN"],
                [
                  `${way}: ${name} of Infinity`,
                  () => read({ [name]: Number.POSITIVE_INFINITY }),
                  name,
                  "Infinity",
                ],
                [`${way}: ${name} of 1.5`, () => read({ [name]: 1.5 }), name, "1.5"],
                [
                  `${way}: ${name} beyond numbers`,
                  () => read({ [name]: UNSAFE }),
                  name,
                  String(UNSAFE),
                  String(UNSAFE - 1),
                ],
                [`${way}: ${name} as text`, () => read(wrong({ [name]: "1" })), name, '"1"'],
              ],
            ),
            [`${way}: a wait before 0`, () => read({ wait: -1 }), "wait", "-1"],
            [`${way}: a wait of NaN`, () => read({ wait: Number.NaN }), "wait", "NaN"],
            [
              `${way}: a wait of more than 32 bits`,
              () => read({ wait: 2 ** 32 }),
              "wait",
              String(2 ** 32),
              String(2 ** 32 - 1),
            ],
            [`${way}: clamp as a number`, () => read({ clamp: wrong(1) }), "clamp", "1"],
            [`${way}: a format there is not`, () => read({ as: wrong("text") }), "as", "text"],
          ]);
        }
      });
    },
  );

  sdk("refuses session and batch options that cannot be right", ["sdk.refusals"], async (ctx) => {
    await withTrap(ctx, async (stream) => {
      await expectRefusals([
        [
          "less than 1 MiB in flight",
          () => stream.appendSession({ maxInflightBytes: MIB - 1 }),
          "maxInflightBytes",
          String(MIB - 1),
          String(MIB),
        ],
        [
          "NaN bytes in flight",
          () => stream.appendSession({ maxInflightBytes: Number.NaN }),
          "maxInflightBytes",
          "NaN",
        ],
        [
          "endless bytes in flight",
          () => stream.appendSession({ maxInflightBytes: Number.POSITIVE_INFINITY }),
          "maxInflightBytes",
          "Infinity",
        ],
        [
          "0 batches in flight",
          () => stream.appendSession({ maxInflightBatches: 0 }),
          "maxInflightBatches",
          "0",
          "1",
        ],
        [
          "half a batch in flight",
          () => stream.appendSession({ maxInflightBatches: 1.5 }),
          "maxInflightBatches",
          "1.5",
        ],
        [
          "a negative linger",
          () => new BatchTransform({ lingerDurationMillis: -1 }),
          "lingerDurationMillis",
          "-1",
        ],
        [
          "a linger of NaN",
          () => new BatchTransform({ lingerDurationMillis: Number.NaN }),
          "lingerDurationMillis",
          "NaN",
        ],
        [
          "batches of 0 records",
          () => new BatchTransform({ maxBatchRecords: 0 }),
          "maxBatchRecords",
          "0",
          "1",
        ],
        [
          "batches of 1001 records",
          () => new BatchTransform({ maxBatchRecords: 1001 }),
          "maxBatchRecords",
          "1001",
          "1000",
        ],
        ["batches of 0 bytes", () => new BatchTransform({ maxBatchBytes: 0 }), "maxBatchBytes", "0"],
        [
          "batches of 1 MiB and a byte",
          () => new BatchTransform({ maxBatchBytes: MIB + 1 }),
          "maxBatchBytes",
          String(MIB + 1),
          String(MIB),
        ],
        [
          "batches under a token of 37 bytes",
          () => new BatchTransform({ fencing_token: "x".repeat(37) }),
          "fencing_token",
          "37",
          "36",
        ],
        [
          "batches at a place of NaN",
          () => new BatchTransform({ match_seq_num: Number.NaN }),
          "match_seq_num",
          "NaN",
        ],
      ]);
    });
  });
});
