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

const page = `# Errors

Everything the SDK throws is an \`S2Error\`; \`isS2Error(value)\` and \`instanceof\` recognise it across duplicate copies of
the package. This page is generated from \`packages/core/src/error/advice.ts\`.

| field | says |
|---|---|
| \`code\` | what happened: one of the codes below, or one that a newer server sends |
| \`status\` | HTTP status, or the one a local failure stands for; 0 when none fits |
| \`origin\` | \`"server"\`: the service said so; \`"sdk"\`: noticed on this side |
| \`sideEffect\` | \`"none"\`: nothing can have changed; \`"possible"\`: it may have taken effect |
| \`retryable\` | whether another attempt can succeed; the SDK has made those it was allowed to make |
| \`attempts\` | how many were made |
| \`retryAfterMillis\` | how long the server asked to wait |
| \`data\`, \`cause\` | what else the server sent; what was thrown underneath |

Classes mark what programs usually handle: \`SeqNumMismatchError\` (\`expectedSeqNum\`), \`FencingTokenMismatchError\`
(\`expectedFencingToken\`), \`RangeNotSatisfiableError\` (\`tail\`), \`AppendOutcomeUnknownError\`. An error keeps its class when
attempts are exhausted.

## Noticed by the SDK

${table(SDK_CODES)}

## Sent by the service

A code of this table that comes with another status than the one listed is not retried and counts as a possible side
effect. A code that is not listed is retried when its status is 408, 429, 500, 502, 503 or 504.

${table(SERVER_CODES)}
`;

it("is the page that the documentation has", async () => {
  await expect(page).toMatchFileSnapshot(PAGE);
});
