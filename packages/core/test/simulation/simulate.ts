import fc from "fast-check";
import type { FakeClock } from "../../src/testing/index.js";

/** One step of a schedule: what happens, and a number that says how much or which. */
export type Step<Name extends string> = readonly [name: Name, amount: number];

/** How often a step is drawn, relative to the others. */
export type Weights<Name extends string> = Readonly<Record<Name, number>>;

const MAX_STEPS = 48;

/** Schedules of steps, each drawn with its weight. */
export function schedules<Name extends string>(weights: Weights<Name>): fc.Arbitrary<Step<Name>[]> {
  const names = Object.entries<number>(weights).flatMap(([name, weight]) =>
    Array.from({ length: weight }, () => name as Name),
  );
  return fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(255)), { maxLength: MAX_STEPS, size: "max" });
}

/** What steps happen in: time passes, and after each step it is checked. */
interface World {
  readonly clock: FakeClock;
  check(): Promise<void>;
}

/** Takes the steps of a schedule, and counts those that could be taken. */
export async function perform<Name extends string, W extends World>(
  steps: readonly Step<Name>[],
  runs: Readonly<Record<Name, (world: W, amount: number) => boolean | Promise<boolean>>>,
  world: W,
  tally: Tally,
): Promise<void> {
  for (const [name, amount] of steps) {
    if (await runs[name](world, amount)) tally.add(`step: ${name}`);
    await world.check();
  }
}

/** The steps of time: to the next timer, by a pause, and by one in which the program is busy. */
export function timeSteps(pauses: readonly number[]) {
  return {
    nextTimer: ({ clock }: World): Promise<boolean> => clock.runNext(),
    advance: async ({ clock }: World, amount: number): Promise<boolean> => {
      await clock.advance(pick(pauses, amount));
      return true;
    },
    block: async ({ clock }: World, amount: number): Promise<boolean> => {
      clock.block(pick(pauses, amount));
      await clock.turn();
      return true;
    },
  };
}

function numberFromEnv(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} must be an integer; got "${text}"`);
  return value;
}

/** Schedules in one run of one simulation, unless `S2_SIMULATION_RUNS` says otherwise. */
const DEFAULT_RUNS = 12_000;
export const simulationRuns = numberFromEnv("S2_SIMULATION_RUNS") ?? DEFAULT_RUNS;
/** Generous: a schedule takes about a millisecond. */
export const simulationTimeout = 60_000 + simulationRuns * 20;

/** Counts what a simulation has come across, so that one that tries nothing is noticed. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.#counts.set(what, this.count(what) + count);
  }

  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  toString(): string {
    return [...this.#counts].map(([what, count]) => `${count} ${what}`).join(", ");
  }
}

/** From so many schedules on, everything that is expected must have been come across. */
const ENOUGH_TO_EXPECT = 5000;

/** Runs a property on many schedules; a failure is reported with the one command that shows it again. */
export async function simulate<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  run: (input: T, tally: Tally) => Promise<void>,
  expected: readonly string[],
): Promise<void> {
  const tally = new Tally();
  const seed = numberFromEnv("S2_SIMULATION_SEED") ?? Math.floor(Math.random() * 0x7fff_ffff);
  const path = process.env.S2_SIMULATION_PATH;
  console.log(`simulation of ${name}: ${simulationRuns} schedules, seed ${seed}`);
  const result = await fc.check(
    fc.asyncProperty(inputs, (input) => run(input, tally)),
    {
      numRuns: simulationRuns,
      seed,
      ...(path === undefined || path === "" ? {} : { path }),
    },
  );
  if (!result.failed) {
    console.log(`${simulationRuns} schedules: ${tally}`);
    const missing = expected.filter((what) => tally.count(what) === 0);
    const isReplay = path !== undefined && path !== "";
    if (!isReplay && simulationRuns >= ENOUGH_TO_EXPECT && missing.length > 0) {
      throw new Error(`the schedules never came across: ${missing.join(", ")}`);
    }
    return;
  }
  const error =
    result.errorInstance instanceof Error ? result.errorInstance : new Error(String(result.errorInstance));
  throw new Error(
    `${error.message}\n\nSchedule: ${fc.stringify(result.counterexample?.[0])}\n\nAgain: ` +
      `S2_SIMULATION_SEED=${result.seed} S2_SIMULATION_PATH=${result.counterexamplePath ?? ""} npx vitest run test/simulation/${name}`,
    { cause: error },
  );
}

/** What a schedule showed that must never be. */
class InvariantBroken extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvariantBroken";
  }
}

export function must(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantBroken(typeof message === "string" ? message : message());
}

/** Picks one of a list by a drawn number. */
export function pick<T>(list: readonly T[], amount: number): T {
  return list[amount % list.length] as T;
}
