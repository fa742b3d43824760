import { overrideRetrySettings, type RetryConfig, type RetrySettings } from "../retry/settings.js";
import type { Transport } from "../transport/index.js";
import type { Clock } from "../util/clock.js";
import type { Observer } from "./observer.js";

/** Where the `authorization` header comes from. */
export interface Credentials {
  /** The header's value for the next attempt. */
  authorization(): string | Promise<string>;
  /** Called when the server refused this `authorization`. True: another one can be had, try again at once. */
  renew(refused: string): boolean;
}

/** What calls and sessions need of the world around them. */
export interface SessionContext {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly retry: RetrySettings;
  readonly credentials: Credentials;
  /** Watches what calls and sessions do; default nobody. */
  readonly observer?: Observer | undefined;
}

/** The same world for one session with retry settings of its own. Throws `INVALID_ARGUMENT`. */
export function withRetry(context: SessionContext, own: RetryConfig | undefined): SessionContext {
  const retry = overrideRetrySettings(context.retry, own);
  return retry === context.retry ? context : { ...context, retry };
}

/** Credentials of a token that never changes. */
export function staticCredentials(reveal: () => string): Credentials {
  return {
    authorization: () => `Bearer ${reveal()}`,
    renew: () => false,
  };
}

/** The slowest link that deadlines allow for, in bytes a millisecond: large bodies get this much more time. */
const SLOWEST_UPLINK = 64;

/** How much longer than usual an attempt may take because of its body's size, in milliseconds. */
export function sizeAllowance(bytes: number): number {
  return bytes / SLOWEST_UPLINK;
}

/** Whether the server refused the token in a way that another token could cure. */
export function refusesToken(code: string | undefined, status: number): boolean {
  return status === 401 || (status === 403 && code === "permission_denied");
}
