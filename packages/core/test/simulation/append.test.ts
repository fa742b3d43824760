/**
 * Draws schedules of what a user, the wire, the server and time can do to an append session, and checks after every
 * step what must always hold (see `append-world.ts`).
 *
 * `S2_SIMULATION_RUNS` sets the number of schedules (default 12000). A failure prints the command that shows it again:
 * `S2_SIMULATION_SEED=<seed> S2_SIMULATION_PATH=<path> npx vitest run test/simulation/append`.
 */
import fc from "fast-check";
import { it } from "vitest";
import { cut, STEPS, type StepName, serve, WEIGHTS } from "./append-steps.js";
import { AppendWorld } from "./append-world.js";
import { must, perform, schedules, simulate, simulationRuns, simulationTimeout } from "./simulate.js";

/** Nothing may take longer than this to end, whatever the server does: patience, attempts and backoffs together, in ms. */
const ENDING_BOUND = 90_000;

const options = fc.record({
  retry: fc.record(
    {
      maxAttempts: fc.constantFrom<number | "unlimited">(1, 5, 20, "unlimited"),
      appendRetryPolicy: fc.constantFrom("all" as const, "noSideEffects" as const),
    },
    { requiredKeys: ["appendRetryPolicy"] },
  ),
  session: fc.record(
    {
      maxInflightBatches: fc.constantFrom(1, 2, 3),
      maxInflightBytes: fc.constant(1024 * 1024),
      exactlyOnce: fc.constantFrom(true, true, false, { markerHeader: "m" }),
    },
    { requiredKeys: [] },
  ),
  random: fc.constantFrom(0, 0.5, 0.99),
});

/** How a schedule ends: the user closes or aborts, the server answers nothing more, breaks every link, or is well. */
const endings = fc.record({
  by: fc.constantFrom("close", "close", "abort"),
  server: fc.constantFrom("silent", "cutting", "well"),
});

async function settle(world: AppendWorld, server: string): Promise<void> {
  const since = world.clock.now();
  while (!world.isEnded) {
    if (server === "well" && world.link !== undefined) serve(world.link);
    if (server === "cutting" && world.link !== undefined) cut(world.link);
    await world.check();
    if (world.isEnded) break;
    must(await world.clock.runNext(), "the session waits for nothing at all");
    await world.check();
    must(world.clock.now() - since <= ENDING_BOUND, "the session does not end in bounded time");
  }
}

const STEP_NAMES = Object.keys(STEPS);

const inputs = fc.record({ options, steps: schedules(WEIGHTS), ending: endings });

it(
  `append sessions keep their promises on ${simulationRuns} schedules [G-1, G-2, G-3, G-4, D1-5, D1-7, D1-13, D1-84]`,
  () =>
    simulate(
      "append",
      inputs,
      async ({ options: given, steps, ending }, tally) => {
        const world = new AppendWorld(given);
        await perform<StepName, AppendWorld>(steps, STEPS, world, tally);
        if (ending.by === "abort") world.abort(false);
        world.close(false);
        await settle(world, ending.server);
        await world.checkEnd();
        world.report(tally);
      },
      [
        ...STEP_NAMES.map((name) => `step: ${name}`),
        ...["ABORTED", "CONNECTION_LOST", "REQUEST_TIMEOUT", "PROTOCOL_ERROR"].map(
          (code) => `failed with ${code}`,
        ),
        "failed with WRITER_CONFLICT",
        "with a marker",
        "trimmed before it could be seen",
        "links half closed before the end",
        "closed cleanly",
        "batches acknowledged",
        "acknowledged after having been sent again",
        "acknowledged on a link half closed",
        "found in the log",
        "failed without effect",
        "failed, outcome possible",
        "mismatches that may be the batch's own first copy",
        "refused",
        "landed twice under all",
      ],
    ),
  simulationTimeout,
);
