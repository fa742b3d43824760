import { type AppendSession, invalidArgument } from "@s2-dev/streamstore-core";
import { type Clock, checkMillis } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkFlag, checkHas } from "../options/check-values.js";
import { checkOwner } from "./lease-token.js";
import { createWallClock } from "./wall-clock.js";

/** How long a lease is held, how it is renewed, and what to do while somebody else has it. */
export interface LeaseOptions {
  /** How long the lease is held without being renewed, in milliseconds, at least 1. Default 15,000. */
  readonly ttlMillis?: number | undefined;
  /** How often it is renewed, in milliseconds, less than `ttlMillis`; 0: only by `renew()`. Default a third of `ttlMillis`. */
  readonly renewEveryMillis?: number | undefined;
  /**
   * By how much clocks of different machines may differ, in milliseconds. A lease that has run out is taken over this
   * much later, so that two never hold it at a time while the assumption is right. Default 2000.
   */
  readonly clockSkewMillis?: number | undefined;
  /** A name to be found by, at most 16 bytes of UTF-8. Default: none. */
  readonly owner?: string | undefined;
  /** Wait until the lease can be had, instead of rejecting with `LeaseHeldError`. Default false. */
  readonly wait?: boolean | undefined;
  /**
   * Take the lease from whoever holds it: the next append of that holder is refused. A token that is no lease's is left
   * alone. Default false.
   */
  readonly takeOver?: boolean | undefined;
  /** How often a waiting acquisition looks, in milliseconds. Default 1000. */
  readonly pollMillis?: number | undefined;
  /** Records before the tail among which the last fence command is looked for. Default 100. */
  readonly lookBack?: number | undefined;
  /**
   * The session that appends under the lease: renewals go through it, in order with its batches. Put `lease.fencingToken`
   * on each batch at the time of submitting it. Without one, append by `lease.append`, which waits while the token changes.
   */
  readonly session?: Pick<AppendSession, "submit"> | undefined;
  /** Ends the acquisition, and later gives the lease up as if it were lost, without a word to the service. */
  readonly signal?: AbortSignal | undefined;
  /** Time, with `now()` in milliseconds since the epoch. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/** Completed options. */
export interface LeaseSettings {
  readonly ttlMillis: number;
  readonly renewEveryMillis: number;
  readonly clockSkewMillis: number;
  readonly owner: string;
  readonly wait: boolean;
  readonly takeOver: boolean;
  readonly pollMillis: number;
  readonly lookBack: number | undefined;
  readonly session: Pick<AppendSession, "submit"> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

const NAMES: OptionNames<LeaseOptions> = {
  ttlMillis: true,
  renewEveryMillis: true,
  clockSkewMillis: true,
  owner: true,
  wait: true,
  takeOver: true,
  pollMillis: true,
  lookBack: true,
  session: true,
  signal: true,
  clock: true,
};

const DEFAULT_TTL = 15_000;
const DEFAULT_SKEW = 2_000;
const DEFAULT_POLL = 1_000;

/** Checks the options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveLeaseSettings(options: LeaseOptions): LeaseSettings {
  checkOptions(options, "a lease", NAMES);
  const { owner = "", ttlMillis = DEFAULT_TTL } = options;
  checkMillis(ttlMillis, "ttlMillis", 1);
  checkOwner(owner);
  const {
    renewEveryMillis = ttlMillis / 3,
    clockSkewMillis = DEFAULT_SKEW,
    pollMillis = DEFAULT_POLL,
  } = options;
  checkMillis(renewEveryMillis, "renewEveryMillis", 0);
  checkMillis(clockSkewMillis, "clockSkewMillis", 0);
  checkMillis(pollMillis, "pollMillis", 1);
  if (renewEveryMillis >= ttlMillis) {
    throw invalidArgument(
      `renewEveryMillis must be less than ttlMillis (${ttlMillis}); got ${renewEveryMillis}`,
    );
  }
  checkFlag(options.wait, "wait");
  checkFlag(options.takeOver, "takeOver");
  if (options.session !== undefined) checkHas(options.session, "submit", "session");
  const { lookBack, session, signal, wait = false, takeOver = false, clock = createWallClock() } = options;
  return {
    ...{ ttlMillis, renewEveryMillis, clockSkewMillis, pollMillis },
    ...{ owner, wait, takeOver, lookBack, session, signal, clock },
  };
}
