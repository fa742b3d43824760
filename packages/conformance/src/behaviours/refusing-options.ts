import { BatchTransform, S2, type S2ClientOptions, type S2Stream } from "@s2-dev/streamstore";
import { topic } from "../behaviour.js";
import { expectRefusals, MIB, type Refusal, withTrap, wrong } from "../refusals.js";

const client = (options: S2ClientOptions) => () => new S2({ accessToken: "token", ...options });

const credentialsAndEndpoints = (): readonly Refusal[] => [
  ["no token", client({ accessToken: "" }), "accessToken", "S2_ACCESS_TOKEN"],
  ["a token of two lines", client({ accessToken: "a\nb" }), "accessToken"],
  ["a token that is no text", client({ accessToken: wrong(5) }), "accessToken", "number"],
  [
    "an endpoint with a query",
    client({ endpoints: { account: "https://a.example/v1?x=1", basin: "b.example" } }),
    "endpoints.account",
    "query",
    "x=1",
  ],
  [
    "an endpoint with a fragment",
    client({ endpoints: { account: "a.example", basin: "https://b.example/#x" } }),
    "endpoints.basin",
    "fragment",
  ],
  [
    "a base URL with a query",
    client({ baseUrl: "https://a.example/v1?x=1", makeBasinBaseUrl: () => "https://b.example" }),
    "baseUrl",
    "query",
  ],
  [
    "an endpoint of another scheme",
    client({ endpoints: { account: "ftp://a.example", basin: "b.example" } }),
    "endpoints.account",
    "ftp://a.example",
    "http",
  ],
  ["one endpoint of two", client({ endpoints: { account: "a.example" } }), "endpoints.account", "basin"],
  ["an empty endpoint", client({ endpoints: { account: "", basin: "b.example" } }), "endpoints.account"],
];

const retriesAndTimeouts = (): readonly Refusal[] => [
  ["0 attempts", client({ retry: { maxAttempts: 0 } }), "retry.maxAttempts", "0", "1"],
  ["NaN attempts", client({ retry: { maxAttempts: Number.NaN } }), "retry.maxAttempts", "NaN"],
  ["half an attempt", client({ retry: { maxAttempts: 1.5 } }), "retry.maxAttempts", "1.5"],
  [
    "an unknown policy",
    client({ retry: { appendRetryPolicy: wrong("none") } }),
    "retry.appendRetryPolicy",
    "none",
  ],
  [
    "a negative backoff",
    client({ retry: { retryBackoffDurationMillis: -1 } }),
    "retry.retryBackoffDurationMillis",
    "-1",
  ],
  [
    "an endless timeout",
    client({ requestTimeoutMillis: Number.POSITIVE_INFINITY }),
    "requestTimeoutMillis",
    "Infinity",
  ],
  [
    "a timeout of NaN",
    client({ retry: { requestTimeoutMillis: Number.NaN } }),
    "retry.requestTimeoutMillis",
    "NaN",
  ],
];

const sessionOptions = (stream: S2Stream): readonly Refusal[] => [
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
];

const batchOptions = (): readonly Refusal[] => [
  ["a negative linger", () => new BatchTransform({ lingerDurationMillis: -1 }), "lingerDurationMillis", "-1"],
  [
    "a linger of NaN",
    () => new BatchTransform({ lingerDurationMillis: Number.NaN }),
    "lingerDurationMillis",
    "NaN",
  ],
  ["batches of 0 records", () => new BatchTransform({ maxBatchRecords: 0 }), "maxBatchRecords", "0", "1"],
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
];

export const refusingOptions = topic("refusing-options", ({ sdk }) => {
  sdk("refuses client options that cannot be right", ["sdk.refusals"], async () => {
    await expectRefusals([...credentialsAndEndpoints(), ...retriesAndTimeouts()]);
  });

  sdk("refuses session and batch options that cannot be right", ["sdk.refusals"], async (ctx) => {
    await withTrap(ctx, async (stream) => {
      await expectRefusals([...sessionOptions(stream), ...batchOptions()]);
    });
  });
});
