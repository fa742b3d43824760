import { featureGroup } from "./types.js";

const FAULTS = "conformance/test/observing-faults.test.ts";
const TOPIC = "conformance/src/behaviours/observing.ts";

/** Seeing what happens. */
export const observingFeatures = featureGroup("Seeing what happens", [
  [
    "Calls and their attempts",
    "`new S2({ observer: createObserver({ callStarted, attemptStarted, attemptEnded, callFinished }) })`",
    `${TOPIC} > an observer is told of calls, and of how they fail`,
    "core/src/observe/calls.test.ts > tells of its attempts, its retry and its end, in order",
  ],
  [
    "Retries, with delay and reason; renewed tokens; draining and advice",
    "hooks `retryScheduled`, `tokenRenewed`, `reconnectAdvised`",
    `${FAULTS} > sees a call through a 503 and then well`,
    `${FAULTS} > sees that a server drains`,
    "core/src/observe/calls.test.ts > tells of a draining server and of a renewed access token",
    "core/src/observe/append-sessions.test.ts > tells when the server advises to reconnect",
  ],
  [
    "Batches sent and acknowledged, with sizes and latency",
    "hooks `batchSent`, `batchAcked`",
    `${TOPIC} > an observer is told of an append session, batch by batch`,
    `${FAULTS} > sees an append session whose batch was cut off, and what is sent again`,
  ],
  [
    "Sessions opened, resumed and ended; heartbeats",
    "hooks `sessionStarted`, `sessionOpened`, `resumed`, `sessionEnded`, `batchReceived`, `heartbeat`",
    `${TOPIC} > an observer is told of a read session, its heartbeats included`,
    `${FAULTS} > sees where a read session resumes after a reset`,
    `${FAULTS} > sees a deadline pass over a server that never answers`,
  ],
  [
    "Connections opened and closed",
    "hooks `connectionOpened`, `connectionFailed`, `connectionClosed`; `hooks` of both transports",
    `${TOPIC} > an observer is told of connections, up to the last`,
    `${FAULTS} > sees a server that cannot be reached`,
    "transport-s2s/src/connection-hooks.test.ts > tell of a connection that the server ends",
    "transport-fetch/src/connection-hooks.test.ts > tell of each connection that is opened, and of its end",
  ],
  [
    "No cost when nobody listens",
    "without `observer` nothing of it is in a bundle or on the way of a batch; the benchmark has both, side by side (`ours`, `ours, observed`)",
    "streamstore/test/bundle.test.ts > contains nothing of observers, which nobody makes here",
    "benchmarks/src/client/parties.test.ts > %s delivers every record",
  ],
  [
    "A hook that throws breaks nothing",
    "what it throws goes to the hook `hookFailed`, if there is one",
    `${FAULTS} > disturbs nothing by throwing at every event`,
    "core/src/observe/create-observer.test.ts > tells of an async hook that fails, instead of leaving its promise unhandled",
  ],
  [
    "Logging, without secrets",
    "`new S2({ logger: console })` on server runtimes; everywhere `observer: createObserver(logEvents(logger), ...)`",
    "streamstore/src/server-options.test.ts > gets a line of each event, as from an observer of logEvents",
    "core/src/observe/log-events.test.ts > tell what sessions do, by how much it matters",
    "core/src/observe/log-events.test.ts > never show a token, a key, a header, a record, or what an error carries",
  ],
  [
    "`node:diagnostics_channel`",
    "`diagnosticsHooks()` of `@s2-dev/streamstore/diagnostics`",
    "streamstore/src/diagnostics.test.ts > give subscribers what hooks get",
  ],
  [
    "OpenTelemetry spans and metrics",
    "`openTelemetry()` of `@s2-dev/streamstore-otel`",
    "otel/src/tracing.test.ts > are one for each attempt of an append session, with what it got through",
    "otel/src/metrics.test.ts > count the records of append sessions and of calls, and time both",
  ],
  [
    "Trace context in record headers",
    "`withTraceContext(record)`, `linksOf(records)`, `spanContextOf(record)` of `@s2-dev/streamstore-otel`",
    "otel/src/trace-context.test.ts > can be appended, also when its headers are bytes",
    "otel/src/trace-context.test.ts > are one for each span that appended some",
  ],
]);
