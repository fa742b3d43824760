import { invalidArgument, type S2Error } from "@s2-dev/streamstore-core";
import { type Clock, checkMillis, show } from "@s2-dev/streamstore-core/transport";
import { createWallClock } from "../lease/wall-clock.js";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkResponseOptions } from "../options/check-response.js";
import { errorListener } from "../sse/handler-arguments.js";
import type { UiResponseInit } from "./answer.js";
import { DEFAULT_SKEW } from "./answer-options.js";
import type { ActiveAnswer } from "./find-answer.js";

/** How an answer is given to one more reader. */
export interface ResumeOptions {
  /**
   * Where a reader is that cannot send `Last-Event-ID`: the id of the last event that it has seen. The header wins over
   * it. Empty and `null`: none, and the reader gets the whole answer. One beyond the tail gives 416 while an answer is
   * active, and 204 otherwise.
   */
  readonly cursor?: string | null | undefined;
  /**
   * What happens when the producer has gone, as its lease tells: `"tell"` (default) ends the response with an error; a
   * function is called, as a rule to continue the answer here or elsewhere, and the reader goes on waiting for
   * `crashGraceMillis` after it has settled. It is told instead when that throws anything but `LeaseHeldError`.
   */
  readonly onCrash?: "tell" | ((answer: ActiveAnswer) => unknown) | undefined;
  /** How long is waited for somebody to continue an answer, in milliseconds. Default 10,000. */
  readonly crashGraceMillis?: number | undefined;
  /** What a reader is told of an answer whose producer has gone. Default: `The answer was interrupted.` */
  readonly crashText?: string | undefined;
  /** By how much clocks of different machines may differ, in milliseconds. Default 2000. */
  readonly clockSkewMillis?: number | undefined;
  /** Milliseconds of silence after which a comment keeps the connection open. Default 15,000. */
  readonly heartbeatMillis?: number | undefined;
  /** Headers of the response, besides its own. */
  readonly headers?: UiResponseInit["headers"];
  /** Ends the response, for a server that shuts down. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what went wrong behind the server. */
  readonly onError?: ((error: S2Error) => void) | undefined;
  /** Time, with `now()` in milliseconds since the epoch. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/** Completed options. */
export interface ResumeSettings {
  readonly onCrash: "tell" | ((answer: ActiveAnswer) => unknown);
  readonly crashGraceMillis: number;
  readonly crashText: string;
  readonly clockSkewMillis: number;
  readonly heartbeatMillis: number;
  readonly onError: (error: S2Error) => void;
  readonly clock: Clock;
}

const NAMES: OptionNames<ResumeOptions> = {
  cursor: true,
  onCrash: true,
  crashGraceMillis: true,
  crashText: true,
  clockSkewMillis: true,
  heartbeatMillis: true,
  headers: true,
  signal: true,
  onError: true,
  clock: true,
};

const DEFAULT_HEARTBEAT = 15_000;
const DEFAULT_CRASH_GRACE = 10_000;

/** Checks the options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveResumeSettings(options: ResumeOptions): ResumeSettings {
  checkOptions(options, "resumeResponse", NAMES);
  checkResponseOptions(options);
  const { clockSkewMillis = DEFAULT_SKEW, heartbeatMillis = DEFAULT_HEARTBEAT, onCrash = "tell" } = options;
  const { crashGraceMillis = DEFAULT_CRASH_GRACE, crashText = "The answer was interrupted." } = options;
  checkMillis(clockSkewMillis, "clockSkewMillis", 0);
  checkMillis(heartbeatMillis, "heartbeatMillis", 1);
  checkMillis(crashGraceMillis, "crashGraceMillis", 0);
  if (onCrash !== "tell" && typeof onCrash !== "function") {
    throw invalidArgument(`onCrash must be "tell" or a function; got ${show(onCrash)}`);
  }
  const { clock = createWallClock() } = options;
  const onError = errorListener(options);
  return { onCrash, crashGraceMillis, crashText, clockSkewMillis, heartbeatMillis, onError, clock };
}
