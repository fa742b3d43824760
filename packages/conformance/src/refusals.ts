import { type S2, type S2Basin, S2Error, type S2Stream } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { errorOf } from "./expecting.js";
import type { SdkContext } from "./sdk-context.js";
import { openTrap } from "./trap.js";

export const MIB = 1024 * 1024;

/** The first number that is not exact. */
export const UNSAFE = 2 ** 53;

/** What is tried, and what its message must name. */
export type Refusal = readonly [what: string, attempt: () => unknown, ...names: (string | RegExp)[]];

/** Each attempt must be refused for its argument, by a message that names what it should. */
export async function expectRefusals(refusals: readonly Refusal[]): Promise<void> {
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

/** A client of an address where nobody may call; the behaviour fails if somebody does. */
export async function withTrap(
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
export const wrong = <T>(value: unknown): T => value as T;
