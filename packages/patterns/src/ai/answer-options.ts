import type { S2Stream } from "@s2-dev/streamstore";
import {
  type AppendSessionOptions,
  invalidArgument,
  type S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { type Clock, checkMillis, checkObject, show } from "@s2-dev/streamstore-core/transport";
import { checkOwner } from "../lease/lease-token.js";
import { createWallClock } from "../lease/wall-clock.js";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkFunction } from "../options/check-values.js";
import { errorListener } from "../sse/handler-arguments.js";
import type { UiMessage } from "./ui-types.js";

/** What is needed of a handle of a stream to keep a conversation in it. */
export type ConversationStream = Pick<
  S2Stream,
  "append" | "appendSession" | "basin" | "checkTail" | "name" | "read" | "readSession"
>;

/** Who writes, and for how long it is believed to be alive. */
export interface ProducerOptions {
  /**
   * How long a producer that is not heard of counts as alive, in milliseconds: so much later, and `clockSkewMillis`,
   * readers know that it has gone. It is heard of three times in that while. Default 15,000.
   */
  readonly ttlMillis?: number | undefined;
  /** By how much clocks of different machines may differ, in milliseconds. Default 2000. */
  readonly clockSkewMillis?: number | undefined;
  /** A name for the producer to be found by, at most 16 bytes of UTF-8. Default: none. */
  readonly owner?: string | undefined;
  /** Time, with `now()` in milliseconds since the epoch. Default: the runtime's. */
  readonly clock?: Clock | undefined;
  /**
   * Gives up what was asked for. Of an answer that has begun it is a stop: not for the signal of the request that it
   * answers, which is aborted when a page is loaded anew.
   */
  readonly signal?: AbortSignal | undefined;
}

/** How an answer is written. */
export interface AnswerOptions extends ProducerOptions {
  /**
   * What happens when another producer is at work on an answer in this conversation: `"refuse"` (default) rejects with
   * `LeaseHeldError`; `"takeOver"` ends its answer as `replaced`: it can append nothing more, and its model call ends.
   */
  readonly whenActive?: "refuse" | "takeOver" | undefined;
  /** What the conversation gets before the answer: as a rule the user's new message. */
  readonly messages?: readonly UiMessage[] | undefined;
  /** The id of a message that is taken back with all behind it, before `messages`: for an answer that is made anew. */
  readonly dropFrom?: string | undefined;
  /** The answer's id, which its message gets when the AI SDK gives it none. Default: 16 random characters. */
  readonly id?: string | undefined;
  /**
   * What happens to the answer when the store fails, or cannot be reached: `"continue"` (default) goes on without it,
   * `"fail"` aborts the model call and ends the response with an error. Either way `onError` is told, and `done` says so.
   */
  readonly onStoreFailure?: "continue" | "fail" | undefined;
  /**
   * How long the beginning of the answer may take, until its first record is durable, in milliseconds. Default 5000.
   * Beyond it `startAnswer` rejects with `REQUEST_TIMEOUT`, and `answerResponse` answers as `onStoreFailure` says.
   */
  readonly beginMillis?: number | undefined;
  /**
   * Most bytes that wait for a slow store, and most that wait for a slow browser: at least 1 MiB, at most and by default
   * 32 MiB. Beyond it the store counts as failed; the browser's response breaks off, and it may resume the answer.
   */
  readonly maxBufferBytes?: number | undefined;
  /**
   * Least time between two small appends, in milliseconds: the most by which a token gets to other readers later, and
   * what bounds the appends a second. Default 25: at most 40 a second.
   */
  readonly lingerMillis?: number | undefined;
  /** How long the source may go on after a stop before it is cut off, in milliseconds. Default 1000. */
  readonly stopGraceMillis?: number | undefined;
  /** What a reader is told of a source that failed. Default: `An error occurred.` */
  readonly errorText?: ((error: unknown) => string) | undefined;
  /** Options of the append session, for example how long it retries. */
  readonly session?: Omit<AppendSessionOptions, "exactlyOnce"> | undefined;
  /**
   * Told of every failure: of the store, and of the source, whose own error is the `cause` then. A source that ends since
   * it was asked to has not failed.
   */
  readonly onError?: ((error: S2Error) => void) | undefined;
  /**
   * Keeps the process alive until a promise has settled: `after` of Next.js, or of Workers
   * `(work) => ctx.waitUntil(work)`. What it throws is told to `onError`.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** The names of what all who write are told. */
export const PRODUCER_NAMES: OptionNames<ProducerOptions> = {
  ttlMillis: true,
  clockSkewMillis: true,
  owner: true,
  clock: true,
  signal: true,
};
const ANSWER_NAMES: OptionNames<AnswerOptions & { readonly response: unknown }> = {
  ...PRODUCER_NAMES,
  whenActive: true,
  messages: true,
  dropFrom: true,
  id: true,
  onStoreFailure: true,
  beginMillis: true,
  maxBufferBytes: true,
  lingerMillis: true,
  stopGraceMillis: true,
  errorText: true,
  session: true,
  onError: true,
  waitUntil: true,
  response: true,
};

/** Who writes: completed options. */
export interface ProducerSettings {
  readonly ttlMillis: number;
  readonly clockSkewMillis: number;
  readonly owner: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Completed options. */
export interface AnswerSettings extends ProducerSettings {
  readonly takesOver: boolean;
  readonly failsWithStore: boolean;
  readonly beginMillis: number;
  readonly maxBufferBytes: number;
  readonly lingerMillis: number;
  readonly stopGraceMillis: number;
  readonly errorText: (error: unknown) => string;
  readonly onError: (error: S2Error) => void;
  readonly session: AppendSessionOptions;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export const DEFAULT_TTL = 15_000;
export const DEFAULT_SKEW = 2_000;
const ERROR_TEXT = "An error occurred.";
const DEFAULT_LINGER = 25;
const DEFAULT_STOP_GRACE = 1_000;
const DEFAULT_BEGIN = 5_000;
const MIB = 1024 * 1024;
const MAX_BUFFER_BYTES = 32 * MIB;

/** Checks the options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveAnswerSettings(options: AnswerOptions): AnswerSettings {
  const producer = resolveProducer(options, "an answer", ANSWER_NAMES);
  const { whenActive = "refuse", onStoreFailure = "continue", session = {} } = options;
  const { lingerMillis = DEFAULT_LINGER, stopGraceMillis = DEFAULT_STOP_GRACE } = options;
  const { beginMillis = DEFAULT_BEGIN, maxBufferBytes = MAX_BUFFER_BYTES } = options;
  checkChoice(whenActive, "whenActive", ["refuse", "takeOver"]);
  checkChoice(onStoreFailure, "onStoreFailure", ["continue", "fail"]);
  checkMillis(lingerMillis, "lingerMillis", 0);
  checkMillis(stopGraceMillis, "stopGraceMillis", 0);
  checkMillis(beginMillis, "beginMillis", 1);
  if (!(maxBufferBytes >= MIB && maxBufferBytes <= MAX_BUFFER_BYTES)) {
    throw invalidArgument(
      `maxBufferBytes must be between ${MIB} and ${MAX_BUFFER_BYTES}; got ${show(maxBufferBytes)}`,
    );
  }
  checkObject(session, "session");
  for (const name of ["errorText", "waitUntil"] as const) checkFunction(options[name], name);
  // What these throw must not keep an answer from its end. They are called as they are given: methods keep their object.
  const onError = errorListener(options);
  const waitUntil = (work: Promise<unknown>): void => {
    try {
      options.waitUntil?.(work);
    } catch (error) {
      onError(s2ErrorFromUnknown(error, "waitUntil has failed"));
    }
  };
  return {
    ...producer,
    ...{ lingerMillis, stopGraceMillis, beginMillis, maxBufferBytes, session, onError, waitUntil },
    errorText: (error) => attempt(() => options.errorText?.(error)) ?? ERROR_TEXT,
    takesOver: whenActive === "takeOver",
    failsWithStore: onStoreFailure === "fail",
  };
}

/** What answers, stops and readers have in common. Throws `INVALID_ARGUMENT`. */
export function resolveProducer(
  options: ProducerOptions,
  what: string,
  names: OptionNames<ProducerOptions>,
): ProducerSettings {
  checkOptions(options, what, names);
  const { ttlMillis = DEFAULT_TTL, clockSkewMillis = DEFAULT_SKEW } = options;
  checkMillis(ttlMillis, "ttlMillis", 1);
  checkMillis(clockSkewMillis, "clockSkewMillis", 0);
  const { owner, clock = createWallClock(), signal } = options;
  if (owner !== undefined) checkOwner(owner);
  return { ttlMillis, clockSkewMillis, owner, clock, signal };
}

function checkChoice(value: unknown, field: string, choices: readonly string[]): void {
  if (typeof value === "string" && choices.includes(value)) return;
  const list = choices.map((choice) => `"${choice}"`).join(" or ");
  throw invalidArgument(`${field} must be ${list}; got ${show(value)}`);
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
