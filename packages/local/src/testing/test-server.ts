import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import type { LocalOptions } from "../local-options.js";
import type { LocalServer } from "../local-server.js";
import { oneOf } from "../options/check.js";
import type { ServiceClock } from "../service/clock.js";
import { startLocal } from "../start-local.js";

/** A clock that stands still until it is advanced, and knows what day it is. */
export interface TestClock extends FakeClock, ServiceClock {}

/** How a server for tests is started, besides what `startLocal` takes. */
export interface FixtureOptions extends LocalOptions {
  /** How long one server lives; default `"test"`: each test has its own. */
  readonly lives?: "test" | "file";
  /** Lets time stand still, so that tests move it with `clock.advance`; default false. */
  readonly stillClock?: boolean;
}

/** The server of the test that runs. */
export interface LocalFixture {
  /**
   * The server of this test.
   * @throws Error outside of a test.
   */
  readonly local: LocalServer;
  /** What `new S2(…)` takes to reach it. */
  readonly clientOptions: LocalServer["clientOptions"];
  /** The clock to advance. @throws Error without `stillClock`, or outside of a test. */
  readonly clock: TestClock;
}

/** What a test runner calls before and after. */
export interface FixtureHooks {
  readonly before: (start: () => Promise<void>) => void;
  readonly after: (stop: () => Promise<void>) => void;
}

const START = Date.UTC(2026, 0, 1);

/** A clock for tests: it begins at the start of 2026. */
export function createTestClock(): TestClock {
  const clock = createFakeClock();
  return Object.assign(clock, { epoch: () => START + clock.now() });
}

/** A server that the hooks start and close. It does not listen unless the options say so. */
export function createFixture(hooks: FixtureHooks, options: FixtureOptions): LocalFixture {
  const { lives = "test", stillClock, ...rest } = options;
  oneOf("test", "file")(lives, "lives");
  let local: LocalServer | undefined;
  let clock: TestClock | undefined;

  hooks.before(async () => {
    clock = stillClock === true ? createTestClock() : undefined;
    local = await startLocal({
      listen: false,
      drainMs: 0,
      ...(clock === undefined ? {} : { clock }),
      ...rest,
    });
  });
  hooks.after(async () => {
    const stopping = local;
    local = undefined;
    clock = undefined;
    await stopping?.close();
  });

  const running = (): LocalServer => {
    if (local === undefined) throw new Error("the server runs only while a test does");
    return local;
  };
  return {
    get local() {
      return running();
    },
    get clientOptions() {
      return running().clientOptions;
    },
    get clock() {
      if (clock === undefined)
        throw new Error("there is a clock to advance only with `stillClock`, in a test");
      return clock;
    },
  };
}
