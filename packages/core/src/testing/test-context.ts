import { type RetryConfig, resolveRetrySettings } from "../retry/settings.js";
import { type SessionContext, staticCredentials } from "../session/context.js";
import type { Transport } from "../transport/index.js";
import type { Clock } from "../util/clock.js";

/** What `createTestContext` is made of. */
export interface TestContextOptions {
  /** What the attempts go through. */
  readonly transport: Transport;
  /** The clock of everything that waits. */
  readonly clock: Clock;
  /** As of a client. Default: that of a client. */
  readonly retry?: RetryConfig;
  /** Default: always 0, so that delays are exact. */
  readonly random?: () => number;
}

/** What a session needs of the world around it, all of it in a test's hands. */
export function createTestContext(options: TestContextOptions): SessionContext {
  return {
    transport: options.transport,
    clock: options.clock,
    random: options.random ?? (() => 0),
    retry: resolveRetrySettings(options.retry),
    credentials: staticCredentials(() => "token"),
  };
}
