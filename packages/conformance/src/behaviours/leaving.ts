import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { type Departure, runLeaving } from "../leaving/run.js";
import type { SdkContext } from "../sdk-context.js";
import { BUILT_IN_WIRES } from "../targets.js";

/** Runs a program on a fresh stream that holds one record; `onOutput` sees what it has printed so far. */
async function leave(
  ctx: SdkContext,
  program: string,
  onOutput?: (output: string, append: (body: string) => Promise<unknown>) => void,
): Promise<Departure> {
  const basin = await ctx.basin();
  const stream = await ctx.streamIn(basin);
  await stream.append({ body: "first" });
  const environment = {
    S2_ACCESS_TOKEN: "ignored",
    S2_ACCOUNT_ENDPOINT: ctx.origin,
    S2_BASIN_ENDPOINT: ctx.origin,
    S2_BASIN: basin.name,
    S2_STREAM: stream.name,
    S2_TRANSPORT: ctx.pair.wire,
  };
  return runLeaving(program, environment, (output) => onOutput?.(output, (body) => stream.append({ body })));
}

const PROGRAMS: readonly (readonly [says: string, program: string])[] = [
  ["ends when its calls are answered", "calls"],
  ["ends when a call has failed", "failed-call"],
  ["ends when its sessions have finished", "finished-sessions"],
  ["ends although a live tail was opened and never read", "unread-tail"],
  ["ends although a live tail was read in part and left so", "abandoned-tail"],
  ["ends when its live tails were left or cancelled", "left-tail"],
  ["ends although an append session is idle and was not closed", "idle-append-session"],
  ["ends although an append session was never used", "unused-append-session"],
  ["ends when everything was aborted", "aborted"],
  ["ends when the client was closed", "closed"],
];

const STAYING = "awaited";

/** Every program that is run. */
export const leavingNames: readonly string[] = [...PROGRAMS.map(([, program]) => program), STAYING];

export const leaving = topic("leaving", ({ sdk }) => {
  for (const [says, program] of PROGRAMS) {
    sdk(
      `a program ${says}`,
      ["sdk.exit"],
      async (ctx) => {
        expect(await leave(ctx, program)).toEqual({ code: 0, output: "done\n" });
      },
      { wires: BUILT_IN_WIRES },
    );
  }

  sdk(
    "a program stays while it awaits a record, then ends",
    ["sdk.exit"],
    async (ctx) => {
      let answered = false;
      const departure = await leave(ctx, STAYING, (output, append) => {
        if (answered || !output.includes("waiting")) return;
        answered = true;
        void append("live");
      });
      expect(departure).toEqual({ code: 0, output: "waiting\nlive 1\ndone\n" });
    },
    { wires: BUILT_IN_WIRES },
  );
});
