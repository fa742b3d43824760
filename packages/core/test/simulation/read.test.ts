/**
 * Draws schedules of what a consumer, the wire, the server and time can do to a read session, and checks after every
 * step what must always hold (see `read-world.ts`).
 *
 * `S2_SIMULATION_RUNS` sets the number of schedules (default 12000). A failure prints the command that shows it again:
 * `S2_SIMULATION_SEED=<seed> S2_SIMULATION_PATH=<path> npx vitest run test/simulation/read`.
 */
import fc from "fast-check";
import { it } from "vitest";
import { STEPS, type StepName, serve, WEIGHTS } from "./read-steps.js";
import { ReadWorld } from "./read-world.js";
import { must, perform, schedules, simulate, simulationRuns, simulationTimeout } from "./simulate.js";

/** Nothing may take longer than this to end, whatever the server does, where attempts are bounded; in ms. */
const ENDING_BOUND = 400_000;

const start = fc.oneof(
  fc.record({ seq_num: fc.constantFrom(0, 0, 3, 7, 20) }),
  fc.record({ tail_offset: fc.constantFrom(0, 2, 50) }),
  fc.record({ timestamp: fc.constantFrom(0, 1003, 1006) }),
  fc.constant({}),
);
const limits = fc.record(
  {
    count: fc.constantFrom(1, 3, 10),
    // Records are 16 bytes up to the ninth, 17 from there on: some of these are used up exactly, others never.
    bytes: fc.constantFrom(16, 48, 100),
    until: fc.constantFrom(1009, 1040),
    wait: fc.constantFrom(0, 5, 60),
    clamp: fc.constant(true),
  },
  { requiredKeys: [] },
);

const options = fc.record({
  range: fc.tuple(start, limits).map(([from, to]) => ({ ...from, ...to })),
  retry: fc.record(
    { maxAttempts: fc.constantFrom<number | "unlimited">(1, 2, 5, "unlimited") },
    { requiredKeys: [] },
  ),
  consumer: fc.constantFrom("records" as const, "batches" as const, "reader" as const),
  stored: fc.constantFrom(0, 5, 12, 30),
  random: fc.constantFrom(0, 0.5, 0.99),
});

/** How a schedule ends: the consumer leaves, or reads on while the server answers nothing more or everything. */
const endings = fc.constantFrom("cancel", "abort", "silent", "well");

async function settle(world: ReadWorld, ending: string, isPatient: boolean): Promise<void> {
  if (ending === "cancel") world.cancel();
  if (ending === "abort" || isPatient) world.abort();
  await world.check();
  const since = world.clock.now();
  let rounds = 0;
  while (!world.isOver) {
    world.ask();
    await world.check();
    if (ending === "well" && world.link !== undefined) serve(world.link);
    await world.check();
    rounds += 1;
    // An unbounded read of a healthy server ends when its consumer wants it to.
    if (ending === "well" && rounds > 100) world.abort();
    else if (world.isAwaited && !(ending === "well" && world.link !== undefined)) {
      must(await world.clock.runNext(), "the session waits for nothing at all");
    }
    await world.check();
    must(world.clock.now() - since <= ENDING_BOUND, "the session does not end in bounded time");
  }
}

const STEP_NAMES = Object.keys(STEPS);

const inputs = fc.record({ options, steps: schedules(WEIGHTS), ending: endings });

it(
  `read sessions keep their promises on ${simulationRuns} schedules [G-2, G-6, G-7, G-8, D2-7, D2-8, D2-13, D2-14]`,
  () =>
    simulate(
      "read",
      inputs,
      async ({ options: given, steps, ending }, tally) => {
        const world = new ReadWorld(given);
        await perform<StepName, ReadWorld>(steps, STEPS, world, tally);
        const isPatient = given.retry.maxAttempts === "unlimited" && ending === "silent";
        await settle(world, ending, isPatient);
        await world.checkEnd();
        world.report(tally);
      },
      [
        "records read",
        "resumed",
        "read to the end",
        "ended by 416 at the tail",
        ...STEP_NAMES.map((name) => `step: ${name}`),
        ...["CONNECT_FAILED", "REQUEST_TIMEOUT", "HEARTBEAT_TIMEOUT", "UNSAFE_INTEGER", "PROTOCOL_ERROR"].map(
          (code) => `failed with ${code}`,
        ),
        "failed with RANGE_NOT_SATISFIABLE",
        "aborted",
        "cancelled",
      ],
    ),
  simulationTimeout,
);
