import { featureGroup } from "./types.js";

/** What the published TypeScript SDK gained after the API that is kept here. */
export const publishedFeatures = featureGroup("The published TypeScript SDK", [
  [
    "Submit ticket: order fixed, capacity waited for",
    "`session.enqueue(records, args)` gives an `AppendTicket` (`ack()`, `bytes`, `numRecords`); `submit` gives the acknowledgement",
    "conformance/src/behaviours/pipelining.ts > fixes the order with a ticket before it is durable [H-18]",
  ],
  [
    "Capacity, first come first served",
    "`appendSession({ maxInflightBytes, maxInflightBatches })`, refused when out of range",
    "core/src/session/append/admission.test.ts > lets batches in up to the bytes allowed",
    "core/src/session/append/admission.test.ts > refuses bad options when the session is made",
  ],
  [
    "Endpoints",
    "`new S2({ endpoints: { account, basin } })`: host, host and port, or URL; `{basin}` in host or path",
    "core/src/model/endpoints.test.ts > name the basin in a header whenever a basin endpoint was configured, however it was",
  ],
  [
    "Environment",
    "`new S2()` reads `S2_ACCESS_TOKEN`, `S2_ACCOUNT_ENDPOINT`, `S2_BASIN_ENDPOINT`",
    "streamstore/src/runtime.test.ts > takes token and endpoints from the environment",
  ],
  [
    "Retry and timeouts",
    "`retry: { maxAttempts, minBaseDelayMillis, maxBaseDelayMillis, appendRetryPolicy }`, `requestTimeoutMillis`, `connectionTimeoutMillis`; the older names are honoured",
    "core/src/retry/budget.test.ts > doubles the delay up to the largest base, plus as much again at random",
    "core/src/retry/budget.test.ts > know the older name of the base delay, which may raise the largest",
    "transport-s2s/src/pool.test.ts > gives a dial up when the peer stays silent for connectionTimeoutMillis",
  ],
  [
    "Ensure",
    "`s2.basins.ensure`, `basin.streams.ensure` give `{ result, basin }` or `{ result, stream }`",
    "conformance/src/behaviours/basins.ts > ensures a basin: created, then nothing to do, then updated",
    "conformance/src/behaviours/streams.ts > ensures a stream: created, then nothing to do, then updated",
  ],
  [
    "Idempotent create",
    "a request token a call, kept across its retries, or the caller's own (`request_token`)",
    "streamstore/src/calls.test.ts > keeps its request token through its retries, and takes a new one for another call",
    "core/src/rest/request.test.ts > may be the caller's own",
  ],
  [
    "Pooled connections",
    "a pool a client: a further connection at 100 streams or the peer's limit, retired on GOAWAY, advice and errors, closed when idle",
    "transport-s2s/src/pool.test.ts > opens a second connection when a hundred requests are open on the first [H-22]",
    "transport-s2s/src/pool.test.ts > closes a connection that has been idle for long",
  ],
  [
    "Lifetime",
    "`close()` and `[Symbol.asyncDispose]` of client, basin, stream, sessions",
    "streamstore/src/closing.test.ts > is harmless twice, and what `await using` does [H-13]",
  ],
  [
    "416 tells the tail",
    "`RangeNotSatisfiableError.tail`",
    "conformance/src/behaviours/reading.ts > refuses a start beyond the tail, and tells the tail",
  ],
  [
    "Protobuf for unary records",
    "always, appends and reads",
    "streamstore/src/stream.test.ts > sends one batch as protobuf and asks for protobuf",
  ],
  [
    "Names are checked before anything is sent",
    "`INVALID_ARGUMENT` naming field, value and limit",
    "conformance/src/behaviours/refusing.ts > refuses names that the service would not take",
  ],
  [
    "`noSideEffects` by proof",
    '`retry: { appendRetryPolicy: "noSideEffects" }`, for calls and sessions by the same rule',
    "core/src/session/append/driver-side-effects.test.ts > when not a byte of it left [D1-6, G-4]",
    "streamstore/src/stream.test.ts > under noSideEffects is not sent again when it may have landed",
  ],
  [
    "Reconnect advice and `server_draining`",
    "followed by itself: 250 ms between attempts, free of the budget for 60 s",
    "core/src/session/append/driver-draining.test.ts > stops sending there, takes the acks, half-closes and goes on elsewhere [D1-79, D1-81, D1-83, G-11]",
    "core/src/session/append/driver-draining.test.ts > makes at most one attempt in 250 ms [D2-20, H-5]",
  ],
]);
