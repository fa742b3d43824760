import { invalidArgument } from "../error/make.js";
import type { S2Error } from "../error/s2-error.js";
import { checkMillis, checkObject, refused } from "../model/checks.js";

/**
 * What may be sent twice. `"all"`: whatever may be retried is, so a batch whose acknowledgement was lost can land
 * twice. `"noSideEffects"`: only what cannot have taken effect, or carries `match_seq_num`.
 */
export type AppendRetryPolicy = "all" | "noSideEffects";

/** How failures are retried. All durations in milliseconds. */
export interface RetryConfig {
  /**
   * Attempts in all, the first included: an integer of at least 1, or `"unlimited"`. Progress (an acknowledgement, any
   * valid frame) starts the count anew. Default: 3 for unary calls; sessions keep trying for 30 s without progress.
   */
  readonly maxAttempts?: number | "unlimited" | undefined;
  /** Base of the first delay. Default 100. */
  readonly minBaseDelayMillis?: number | undefined;
  /** Base that the growing delay stops at. Default 1000, or `minBaseDelayMillis` if that is larger. */
  readonly maxBaseDelayMillis?: number | undefined;
  /** Older name of `minBaseDelayMillis`. */
  readonly retryBackoffDurationMillis?: number | undefined;
  /** Default `"all"`. */
  readonly appendRetryPolicy?: AppendRetryPolicy | undefined;
  /** Deadline of one attempt; the client option of this name wins. Default 5000. */
  readonly requestTimeoutMillis?: number | undefined;
}

/** A completed `RetryConfig`. `maxAttempts: undefined` means the default of the kind of operation. */
export interface RetrySettings {
  readonly maxAttempts: number | "unlimited" | undefined;
  readonly minBaseDelayMillis: number;
  readonly maxBaseDelayMillis: number;
  readonly appendRetryPolicy: AppendRetryPolicy;
  readonly requestTimeoutMillis: number;
  /** Told of every further attempt that is decided on, and its delay in milliseconds. */
  readonly onRetry?: ((error: S2Error, delay: number) => void) | undefined;
}

const DEFAULT_MIN_BASE_DELAY = 100;
const DEFAULT_MAX_BASE_DELAY = 1000;
const DEFAULT_REQUEST_TIMEOUT = 5000;

/** Checks a `RetryConfig` and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveRetrySettings(config: RetryConfig = {}, requestTimeoutMillis?: number): RetrySettings {
  checkObject(config, "retry");
  const { maxAttempts, appendRetryPolicy = "all" } = config;
  if (
    maxAttempts !== undefined &&
    maxAttempts !== "unlimited" &&
    !(Number.isSafeInteger(maxAttempts) && maxAttempts >= 1)
  ) {
    throw refused("retry.maxAttempts", 'be an integer of at least 1, or "unlimited"', maxAttempts);
  }
  if (appendRetryPolicy !== "all" && appendRetryPolicy !== "noSideEffects")
    throw refused("retry.appendRetryPolicy", 'be "all" or "noSideEffects"', appendRetryPolicy);
  const duration = (name: DurationName, least: number): number | undefined =>
    checkedMillis(`retry.${name}`, config[name], least);
  const minBaseDelayMillis =
    duration("minBaseDelayMillis", 0) ?? duration("retryBackoffDurationMillis", 0) ?? DEFAULT_MIN_BASE_DELAY;
  const maxBaseDelayMillis =
    duration("maxBaseDelayMillis", 0) ?? Math.max(DEFAULT_MAX_BASE_DELAY, minBaseDelayMillis);
  if (maxBaseDelayMillis < minBaseDelayMillis) {
    throw invalidArgument(
      `retry.maxBaseDelayMillis (${maxBaseDelayMillis}) must not be below retry.minBaseDelayMillis (${minBaseDelayMillis})`,
    );
  }
  return {
    maxAttempts,
    minBaseDelayMillis,
    maxBaseDelayMillis,
    appendRetryPolicy,
    requestTimeoutMillis:
      checkedMillis("requestTimeoutMillis", requestTimeoutMillis, 1) ??
      duration("requestTimeoutMillis", 1) ??
      DEFAULT_REQUEST_TIMEOUT,
  };
}

type DurationName =
  | "minBaseDelayMillis"
  | "maxBaseDelayMillis"
  | "retryBackoffDurationMillis"
  | "requestTimeoutMillis";

/** The settings of one session: its client's, but for what it says itself. Throws `INVALID_ARGUMENT`. */
export function overrideRetrySettings(settings: RetrySettings, own: RetryConfig | undefined): RetrySettings {
  if (own === undefined) return settings;
  checkObject(own, "retry");
  const least = own.minBaseDelayMillis ?? own.retryBackoffDurationMillis;
  return resolveRetrySettings({
    maxAttempts: own.maxAttempts ?? settings.maxAttempts,
    minBaseDelayMillis: least ?? settings.minBaseDelayMillis,
    maxBaseDelayMillis: own.maxBaseDelayMillis ?? Math.max(settings.maxBaseDelayMillis, least ?? 0),
    appendRetryPolicy: own.appendRetryPolicy ?? settings.appendRetryPolicy,
    requestTimeoutMillis: own.requestTimeoutMillis ?? settings.requestTimeoutMillis,
  });
}

function checkedMillis(field: string, value: number | undefined, least: number): number | undefined {
  if (value !== undefined) checkMillis(value, field, least);
  return value;
}
