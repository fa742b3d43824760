import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CodeAdvice, SDK_CODES, SERVER_CODES } from "@s2-dev/streamstore-core/errors";
import { expect, it } from "vitest";

/** Written by `pnpm --filter @s2-dev/conformance exec vitest run test/errors-page.test.ts -u`. */
const PAGE = "../../../docs/errors.md";

function table(codes: Readonly<Record<string, CodeAdvice>>): string {
  const rows = Object.entries(codes).map(
    ([code, { status, retryable, sideEffect, meaning, advice }]) =>
      `| \`${code}\` | ${status === 0 ? "" : status} | ${retryable ? "yes" : "no"} | ${sideEffect} | ${meaning} | ${advice} |`,
  );
  return [
    "| code | status | retried | side effect | meaning | what to do |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Codes that only the patterns use: when, and what to do. All come with `retryable: false`. */
const PATTERNS_CODES: Readonly<Record<string, readonly [thrown: string, meaning: string, advice: string]>> = {
  BUFFER_LIMIT: [
    "answers of a model",
    "More waits for the store or the browser than `maxBufferBytes`.",
    "Raise it, or see why that side is slow.",
  ],
  COLLECT_LIMIT: [
    "`collect`",
    "The stream holds more than `maxBytes`.",
    "Use `readAll`, or raise `maxBytes`.",
  ],
  CURSOR_MISMATCH: [
    "`CursorMismatchError`",
    "The cursor is one of another stream.",
    "Store the cursor beside the name of its stream.",
  ],
  FOREIGN_RECORDS: [
    "`compactConversation`",
    "Records that are not the conversation's would be deleted.",
    "Keep other records in a stream of their own, or say `dropForeign`.",
  ],
  FRAME_SIZE: [
    "`FrameSizeError`",
    "A message is, or claims to be, larger than `maxFrameBytes`.",
    "Raise `maxFrameBytes`, or read on behind `seqNum`.",
  ],
  INVALID_MESSAGE: [
    "`InvalidMessageError`",
    "A message does not fit its schema, its codec or its version.",
    "`issues` says where; `onInvalid` decides what a reader does.",
  ],
  LEASE_HELD: [
    "`LeaseHeldError`",
    "Somebody else has the lease; `holder` says who.",
    "Wait (`wait: true`), or leave it to them.",
  ],
  LEASE_LOST: [
    "`LeaseLostError`",
    "The lease was taken, has expired or was released; `reason` says which.",
    "Stop what runs under it, and acquire it anew.",
  ],
  MESSAGE_TOO_LARGE: [
    "`compactConversation`",
    "A message is larger than can be read as one.",
    "Leave that conversation as it is.",
  ],
  REPLAY_GAP: [
    "`ReplayGapError`",
    "Records from `expected` to before `found` were trimmed or have expired.",
    "Begin with a snapshot, or pass `onGap`.",
  ],
  UNREADABLE_RECORDS: [
    "`compactConversation`",
    "What cannot be read would be lost.",
    "Look at `readConversation(...).unreadable`, or say `dropUnreadable`.",
  ],
};

const patternsTable = [
  "| code | thrown as or by | meaning | what to do |",
  "|---|---|---|---|",
  ...Object.entries(PATTERNS_CODES).map(([code, cells]) => `| \`${code}\` | ${cells.join(" | ")} |`),
].join("\n");

const page = `# Errors

Everything the SDK throws is an \`S2Error\`; \`isS2Error(value)\` and \`instanceof\` recognise it across duplicate copies of
the package. Decide by \`code\`, \`sideEffect\` and \`retryable\`, not by the message:
[a program that does](guarantees.md#what-is-left-to-do-about-an-error).

| field | says |
|---|---|
| \`code\` | what happened: one of the codes below, or one that a newer server sends. Capitals: noticed by the SDK; small letters: sent by the service |
| \`status\` | HTTP status, or the one a local failure stands for; 0 when none fits (an empty cell below) |
| \`origin\` | \`"server"\`: the service said so; \`"sdk"\`: noticed on this side |
| \`sideEffect\` | \`"none"\`: nothing can have changed; \`"possible"\`: it may have taken effect |
| \`retryable\` | whether another attempt can succeed; the SDK has made those it was allowed to make |
| \`attempts\` | how many were made |
| \`retryAfterMillis\` | how long the server asked to wait |
| \`data\`, \`cause\` | what else the server sent; what was thrown underneath |

Classes mark what programs usually handle: \`SeqNumMismatchError\` (\`expectedSeqNum\`), \`FencingTokenMismatchError\`
(\`expectedFencingToken\`), \`RangeNotSatisfiableError\` (\`tail\`), \`AppendOutcomeUnknownError\`. An error keeps its class when
attempts are exhausted. *Side effect* below is the worst case: calls that only ask (\`read\`, \`checkTail\`, \`list\`) always
say \`"none"\`.

## Noticed by the SDK

${table(SDK_CODES)}

When a stream is deleted under an open append session, the transports differ because the service tells them different
things. Over s2s the open session answers the next batch with \`unavailable\`, which leaves open whether that batch had landed
before the deletion; only the attempt after it is told that the stream is gone. So the session fails with \`OUTCOME_UNKNOWN\`,
whose \`cause\` has the code \`stream_not_found\`. Over \`fetch\` each batch is a request of its own and is answered
\`stream_not_found\` at once. To tell it on both: look at \`error.code\`, and at \`error.cause.code\` where that is
\`OUTCOME_UNKNOWN\`.

## Sent by the service

A code of this table that comes with another status than the one listed is not retried and counts as a possible side
effect. A code that is not listed is retried when its status is 408, 429, 500, 502, 503 or 504.

${table(SERVER_CODES)}

## Thrown by the patterns

By \`@s2-dev/streamstore-patterns\`, besides those above; none is retried. An \`AppendAllError\` has the code of the failure
that ended it.

${patternsTable}
`;

it("is the page that the documentation has", async () => {
  await expect(page).toMatchFileSnapshot(PAGE);
});

it("lists every code that the patterns throw, and no other", () => {
  const folder = fileURLToPath(new URL("../../patterns/src/", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const found = sources.flatMap((file) =>
    [...readFileSync(`${folder}${file}`, "utf8").matchAll(/(?:code: |notCompacted\()"([A-Z_]+)"/g)].map(
      ([, code = ""]) => code,
    ),
  );
  const own = new Set(found.filter((code) => !(code in SDK_CODES)));
  expect([...own].sort()).toEqual(Object.keys(PATTERNS_CODES).sort());
});
