import { isS2Error, type S2Error } from "@s2-dev/streamstore";
import { describe, expect, it } from "vitest";
import { CAMEL, CAMEL_CONTROL, CAMEL_RECORDS } from "./bad-arguments/camel.js";
import { CLIENT, CONDITIONS, CONTROL, HELPERS, uses } from "./bad-arguments/main.js";
import { PATTERNS } from "./bad-arguments/patterns.js";
import { BAD, PENDING, type Row } from "./bad-arguments/rows.js";

/** What was thrown or rejected; `PENDING` once something was sent instead, `undefined` where it was taken. */
async function outcome(call: Row[1], bad: unknown): Promise<unknown> {
  const before = uses();
  let settled = false;
  let thrown: unknown;
  void (async () => call(bad as never))()
    .catch((error: unknown) => {
      thrown = error;
    })
    .finally(() => {
      settled = true;
    });
  while (!settled && uses() === before) await new Promise(setImmediate);
  return settled ? thrown : PENDING;
}

describe.each<[string, readonly Row[]]>([
  ["the client", CLIENT],
  ["the control plane", CONTROL],
  ["a record", CONDITIONS],
  ["what stands beside the client", HELPERS],
  ["the bridge", CAMEL],
  ["records of the bridge", CAMEL_RECORDS],
  ["the control plane of the bridge", CAMEL_CONTROL],
  ["the patterns", PATTERNS],
])("%s", (_, rows) => {
  const cases = rows.map(([place, call, ...taken]) => ({ place, call, taken }));

  it.each(cases)(
    "refuses what cannot be meant, and sends nothing: $place",
    async ({ place, call, taken }) => {
      for (const [name, value] of Object.entries(BAD)) {
        if (taken.includes(name as keyof typeof BAD)) continue;
        const before = uses();
        const error = await outcome(call, value);
        expect(isS2Error(error), `${place} of ${name}: ${String(error)}`).toBe(true);
        const { code, sideEffect, message } = error as S2Error;
        expect({ name, code, sideEffect }).toEqual({ name, code: "INVALID_ARGUMENT", sideEffect: "none" });
        expect(message).toMatch(/\S+ /);
        expect(uses()).toBe(before);
      }
    },
  );

  it.each(cases)(
    "takes what is left out for nothing, or says that it is missing: $place",
    async ({ call }) => {
      const error = await outcome(call, undefined);
      if (error !== undefined && error !== PENDING) expect(error).toMatchObject({ sideEffect: "none" });
    },
  );
});
