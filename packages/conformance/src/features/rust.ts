import { featureGroup } from "./types.js";

/** What the Rust SDK does. */
export const rustFeatures = featureGroup("The Rust SDK", [
  [
    "Jittered exponential backoff, and the server's own wish",
    "built in; `retry-after-ms` is respected",
    "core/src/retry/budget.test.ts > waits as long as the server asks, if that is longer, within what a timer can hold",
  ],
  [
    "A deletion that finds nothing after a retry has succeeded",
    "`s2.basins.delete`, `basin.streams.delete`",
    "streamstore/src/calls.test.ts > that finds nothing after an attempt that may have landed has succeeded",
  ],
  [
    "Indefinite append failures",
    "`AppendOutcomeUnknownError`, `S2Error.sideEffect`",
    "streamstore/src/stream.test.ts > says that the outcome is unknown when a mismatch may be due to its own first attempt [H-10, D1-85]",
  ],
  [
    "An ack deadline a batch, from its own sending",
    "`requestTimeoutMillis`",
    "core/src/session/append/ack-deadline.test.ts > is each batch's own: a later one does not extend an earlier one's [D1-86]",
  ],
  [
    "Acks are checked: count, order, position",
    "built in; a violation is a `PROTOCOL_ERROR`",
    "core/src/session/append/driver-order.test.ts > settles each batch with its own ack, however acks are grouped",
  ],
  [
    "Heartbeats are watched",
    "a followed stream that is silent for 20 s is resumed on another link",
    "core/src/session/read/watchdog.test.ts > resets a link that is silent for 20 s, and resumes [D1-30, D2-9]",
  ],
  [
    "The position to resume from",
    "`session.nextReadPosition()`",
    "conformance/src/behaviours/following.ts > knows where to resume: behind the last record handed over [D2-8, G-7]",
  ],
  [
    "Keep-alive pings, idle connections closed",
    "built into `transport-s2s`",
    "transport-s2s/src/pool.test.ts > notices by pings that the peer is gone, while a request is open",
    "transport-s2s/src/pool.test.ts > closes a connection that has been idle for long",
  ],
  [
    "Command records told apart",
    "`isCommandRecord(record)`, `commandOf(record)`",
    "core/src/model/command.test.ts > knows only a record with one header without a name",
  ],
  [
    "Refreshable access tokens",
    "`new S2({ accessToken: async () => ({ token, expiresAt }) })`: asked before expiry, and once when refused",
    "conformance/test/access-tokens.test.ts > is replaced when the server refuses it, in calls and sessions, which notice nothing [H-23]",
    "streamstore/src/credentials.test.ts > is shared by calls and sessions that need it at the same time [H-23]",
  ],
  [
    "Indefinite retry of reads",
    '`retry: { maxAttempts: "unlimited" }`',
    "conformance/test/faults.test.ts > outlasts a long outage with unlimited attempts [D1-89]",
  ],
  [
    "Fencing tokens nobody else has",
    "`randomFencingToken(length)`",
    "streamstore/src/random-token.test.ts > is letters and digits, as many as asked for, by default the most there may be",
  ],
  [
    "What is unacknowledged is sent again, in order and unmodified, before what came later",
    "built in",
    "core/src/session/append/driver-recovery.test.ts > re-sends what is unacknowledged, in order and once [D1-5, D1-82]",
    "core/src/session/append/driver-recovery.test.ts > sends what was submitted meanwhile behind what is re-sent",
  ],
  [
    "Attempts are counted anew after progress",
    "an ack, or any frame of a read",
    "core/src/session/append/driver-recovery.test.ts > is counted anew after an ack [H-4]",
    "core/src/session/read/driver-resume.test.ts > count anew after any valid frame, so a quiet tail outlives any number of interruptions [D2-26, H-4]",
  ],
  [
    "A resumed read asks for what is left of `count`, `bytes` and `wait`",
    "built in; it ends by itself when nothing is left, where the Rust SDK asks for nothing",
    "core/src/session/read/driver-resume.test.ts > asks only for what is left of the limits, and keeps the rest of the question",
    "core/src/session/read/driver-resume.test.ts > sends only what remains of the wait [D1-35, D2-18]",
    "core/src/session/read/driver-resume.test.ts > ends, and does not ask for nothing, when it has had all it wanted [D2-14]",
  ],
  [
    "A start relative to the tail or to a time is fixed by the first frame",
    "built in; resolved before `readSession()` does",
    "core/src/session/read/driver-resume.test.ts > loses nothing when it breaks right after readSession() resolved at the tail [D2-13, H-7]",
  ],
  [
    "Linger from a batch's first record",
    "`new BatchTransform({ lingerDurationMillis, maxBatchRecords, maxBatchBytes })`, `Producer`",
    "core/src/session/produce/batch-transform.test.ts > sends a batch when the linger has passed since its first record",
  ],
]);
