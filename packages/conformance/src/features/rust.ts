import { featureGroup } from "./types.js";

/** What the Rust SDK does. */
export const rustFeatures = featureGroup("The Rust SDK", [
  [
    "Jittered exponential backoff, and the server's own wish",
    "built in; `retry-after-ms` is respected",
    "core/src/retry/budget.test.ts > doubles the delay up to the largest base, plus as much again at random",
    "core/src/retry/budget.test.ts > waits as long as the server asks, if that is longer, within what a timer can hold",
  ],
  [
    "A deletion that finds nothing after a retry has succeeded",
    "`s2.basins.delete`, `basin.streams.delete`",
    "streamstore/src/calls.test.ts > that finds nothing after an attempt that may have landed has succeeded",
  ],
  [
    "Deletions that ignore that there is nothing to delete",
    "`delete(args, { ignoreNotFound: true })` of basins and streams, `revoke` of access tokens",
    "conformance/src/behaviours/deleting.ts > takes nothing to delete for done where that is asked for",
    "streamstore/src/calls.test.ts > that is answered by who knows nothing of the service has failed, even so",
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
    "core/src/session/append/driver-order.test.ts > an ack of another number of records",
    "core/src/session/append/driver-order.test.ts > an ack that goes back",
    "core/src/session/append/driver-order.test.ts > and says that the batches may have landed",
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
    "The last frame of a batch decides whether a reader is caught up; heartbeats are hidden",
    "`session.caughtUp()`; `session.batches({ heartbeats: true })` shows them",
    "core/src/session/read/caught-up.test.ts > must catch up anew after a reconnect",
    "conformance/src/behaviours/following.ts > gives batches as they were received, with the tail on live ones only",
  ],
  [
    "A clean end is the end, 416 is final, and a frame cut off is neither",
    "built in: only what broke is resumed",
    "core/src/session/read/driver-resume.test.ts > does not take a 416 anywhere else for an end",
    "conformance/src/behaviours/ending-reads.ts > reads to the tail and ends when it may not wait",
    "transport-s2s/src/read-link.test.ts > gives what was received, then fails, after %s [D2-6]",
  ],
  [
    "A read that waits has that much longer",
    "`read({ wait })`: `requestTimeoutMillis` and the wait together",
    "streamstore/src/stream.test.ts > that waits has so much longer until its deadline, at most the minute that the service waits",
  ],
  [
    "Certificates that nobody vouches for",
    "`new S2({ connect: { rejectUnauthorized: false } })`, better `connect: { ca }`",
    "conformance/test/networks/certificates.test.ts > asks nobody who vouches where it is told to, as a server's own certificate may need",
    "conformance/test/networks/certificates.test.ts > trusts a server that an authority of one's own has vouched for",
  ],
  [
    "User agent",
    "`s2-sdk-typescript/<version>`, where the runtime lets a client set one",
    "streamstore/src/runtime.test.ts > sends its name and version as user agent [D1-66]",
  ],
  [
    "Windows and streams of a connection",
    "`http2: { initialStreamWindowSize, connectionWindowSize, maxStreamsPerConnection }`",
    "transport-s2s/src/pool.test.ts > tells the peer the windows that it was given, of each stream and of the connection",
    "transport-s2s/src/pool.test.ts > opens a further one at a lower limit of its own, also for those who waited for the dial",
  ],
  [
    "Keep-alive pings, idle connections closed",
    "built into `transport-s2s`",
    "transport-s2s/src/pool.test.ts > notices by pings that the peer is gone, while a request is open",
    "transport-s2s/src/pool.test.ts > closes a connection that has been idle for long",
    "transport-s2s/src/silent-peer.test.ts > takes no request after one that was not answered in time, until a ping is answered",
    "transport-fetch/src/silent-peer.test.ts > are not used for another attempt after one that was not answered in time",
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
    "built in; when nothing is left it ends without asking",
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
  [
    "Conditions over the batches of a producer",
    "`new BatchTransform({ match_seq_num, fencing_token })`: each batch expects to follow the one before, and carries the token",
    "core/test/producer.test.ts > lets each batch expect to follow the one before, and carries the fencing token",
  ],
  [
    "A flush that leaves the producer open",
    "`producer.flush()`; records submitted meanwhile go on and are not waited for (the Rust SDK holds them back)",
    "core/test/producer.test.ts > sends at once, and is done when all that came before is durable",
    "core/test/producer.test.ts > leaves the producer open, and does not wait for what comes later",
  ],
  [
    "The first failure of a producer is everybody's",
    "built in: records, `flush()`, `close()` and both streams tell the same error; a record that fits no batch is refused alone",
    "core/test/producer.test.ts > is one: every record in flight, later ones, flush, close and both streams tell it [D1-23, D1-46]",
  ],
  [
    "Listings leave out what is being deleted",
    "`listAll({ includeDeleted })`",
    "streamstore/src/list-all.test.ts > leaves out what is being deleted, and goes on behind it [D1-65]",
    "streamstore/src/list-all.test.ts > gives it out on request",
  ],
  [
    "What an ensure has done: the header first, else the status",
    "`result` of `ensure`",
    "core/src/rest/response.test.ts > of status %i and header %s is %s",
  ],
  [
    "Closing waits for what is in flight; a session left alone holds nothing",
    "`session.close()`, `await using`; what is not closed keeps no process alive",
    "core/src/session/append/driver-ending.test.ts > waits for every ack, half-closes, and waits for the link",
    "core/src/session/append/driver-ending.test.ts > holds the process only while something is unacknowledged [H-12]",
  ],
]);
