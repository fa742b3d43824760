import { excluded, type Row } from "./types.js";

/** What the SDK promises as a whole. */
export const promiseRows: readonly Row[] = [
  ["G-1", "core", "Records are appended in the order of the calls, whatever the sizes."],
  ["G-2", "core", "Every operation has a deadline and settles on abort; close is bounded; nothing polls."],
  ["G-3", "core", "No duplicate that can be avoided: late acks count, aborts send nothing again."],
  ["G-4", "core", "noSideEffects goes by proof, with one function for calls and sessions."],
  ["G-5", "core", "An abort rejects with the signal's reason as cause."],
  ["G-6", "both transports", "Back-pressure reaches the wire in both directions."],
  ["G-7", "core", "Positions follow delivery."],
  ["G-8", "core", "A read resumes without loss or repetition."],
  [
    "G-9",
    "both transports",
    "Errors: status first, whole body, JSON optional; exhaustion keeps the class and counts attempts.",
  ],
  ["G-10", "both transports", "Nothing is left behind: streams are reset, listeners and timers removed."],
  ["G-11", "both transports", "Draining and advice to reconnect are followed, paced and capped."],
  ["G-12", "both transports", "One record shape, the same result on both transports."],
  ["G-13", "core", "Costs per batch, not per record; parsers take linear time."],
  ["G-14", "patterns", "Messages of any size, compatible bytes, many writers."],
  ["G-15", "package", "Few dependencies, no node module for browsers, sessions testable in simulated time."],
];

/** Decisions where the rules above leave room. */
export const decisionRows: readonly Row[] = [
  [
    "H-1",
    "core",
    "requestTimeoutMillis is the deadline of one attempt; a timer that fires late gives I/O one turn.",
  ],
  [
    "H-2",
    "core",
    "An abort is S2Error 499 ABORTED with the reason as cause, and an aborted signal makes no request.",
  ],
  [
    "H-3",
    "core",
    "maxInflightBytes and maxInflightBatches are checked; each batch is charged a fixed amount besides.",
  ],
  ["H-4", "core", "Unset attempts: 3 for calls, 30 s for sessions; a number is exact; progress starts anew."],
  ["H-5", "core", "Draining: at least 250 ms between attempts, free of the budget for 60 s."],
  ["H-6", "core", "Errors say sideEffect; no decision reads the numbers given to local failures."],
  [
    "H-7",
    "core",
    "readSession resolves when open, for a relative start with its position fixed, within a second.",
  ],
  ["H-8", "core", "A refused batch rejects its own submit, and errors the stream on writable."],
  ["H-9", "core", "After a missed deadline acks are taken through the backoff; then the link is reset."],
  ["H-10", "core", "A mismatch on a batch that may have landed is AppendOutcomeUnknownError."],
  [
    "H-11",
    "core",
    "A clean end with batches in flight is an unknown outcome; a clean end of a read is its end.",
  ],
  ["H-12", "both transports", "The process lives only while something is awaited."],
  ["H-13", "facade", "Closing a handle closes its sessions, within a bound."],
  [
    "H-14",
    "both transports",
    "Appends are protobuf on both transports, and the encoded size is checked too.",
  ],
  [
    "H-15",
    "both transports",
    "An unsafe seq_num ends the read with UNSAFE_INTEGER; timestamps can saturate.",
  ],
  ["H-16", "both transports", "String headers read as a record, safe for __proto__; headerList has all."],
  ["H-17", "core", "A linger of 0 sends at the end of the turn."],
  [
    "H-18",
    "core",
    "acks() records from its first access; enqueue resolves with a ticket once there is capacity.",
  ],
  ["H-19", "patterns", "An empty message comes back empty."],
  ["H-20", "s2s", "Compression from 1024 bytes up; a codec the runtime lacks is refused at construction."],
  ["H-21", "facade", "One endpoint without the other is refused; scope is sent as location."],
  ["H-22", "facade", "A transport is a value passed in; connections are pooled per client."],
  ["H-23", "facade", "Access tokens can be refreshed: before they expire, and once when refused."],
  ["H-24", "core", "Exactly-once mode recognises its own batches, and says what it needs and cannot know."],
  ["H-25", "package", "Schemas are an entry of their own, and no client loads them."],
  [
    "H-26",
    "package",
    "This list knows three states.",
    excluded("It is the list itself; its check is tested."),
  ],
];
