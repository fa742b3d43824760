import { invalidArgument, show } from "../error/make.js";
import { isS2Error } from "../error/s2-error.js";
import { EVENT_NAMES, type EventName, type Hooks } from "./hooks.js";

/** Where log lines go: a message, and fields for whoever searches. `console` is one. */
export interface Logger {
  /** Gets calls, attempts, batches and connections. */
  debug(message: string, fields: LogFields): void;
  /** Gets the beginning and end of sessions, and resumes. */
  info(message: string, fields: LogFields): void;
  /** Gets retries, and calls and connections that have failed. */
  warn(message: string, fields: LogFields): void;
  /** Gets sessions and hooks that have failed. */
  error(message: string, fields: LogFields): void;
}

/** Plain values only, so they can be written as JSON. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

type Level = keyof Logger;
const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];
/** What ends badly has a second level. Data only: a bundle that logs nothing leaves it out. */
type Line = readonly [level: Level, message: string, levelOfFailure?: Level];

const LINES: { readonly [N in EventName]: Line } = {
  callStarted: ["debug", "call started"],
  callFinished: ["debug", "call finished", "warn"],
  sessionStarted: ["debug", "session started"],
  sessionOpened: ["info", "session opened"],
  resumed: ["info", "session resumed"],
  sessionEnded: ["info", "session ended", "error"],
  attemptStarted: ["debug", "attempt started"],
  attemptEnded: ["debug", "attempt ended"],
  retryScheduled: ["warn", "retry scheduled"],
  tokenRenewed: ["info", "access token renewed"],
  reconnectAdvised: ["info", "server advised to reconnect"],
  batchSent: ["debug", "batch sent"],
  batchAcked: ["debug", "batch acknowledged"],
  batchReceived: ["debug", "batch received"],
  heartbeat: ["debug", "heartbeat"],
  hookFailed: ["error", "hook failed"],
  connectionOpened: ["debug", "connection opened"],
  connectionFailed: ["warn", "connection failed"],
  connectionClosed: ["debug", "connection closed"],
};

/**
 * Hooks that write a line of each event: `createObserver(logEvents(console))`. Batches, heartbeats, attempts and
 * connections are `debug`; sessions, resumes and reconnect advice `info`; retries and failed calls `warn`; failed
 * sessions `error`; an abort is none of these two. Fields are flat and plain: `event`, `activity` (its number), `kind`,
 * `operation`, `basin`, `stream`, `transport`, `origin`, what the event tells besides, and of errors `errorCode`,
 * `errorStatus` and `errorMessage`. Tokens, keys, headers and records are in no event.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a logger that lacks one of its four levels.
 */
export function logEvents(logger: Logger): Hooks {
  for (const level of LEVELS) {
    if (typeof logger?.[level] !== "function") {
      throw invalidArgument(`a logger must have ${level}(message, fields); got ${show(logger)}`);
    }
  }
  const hooks: { [name: string]: (event: never) => void } = {};
  for (const name of EVENT_NAMES) hooks[name] = hookOf(name, logger);
  return hooks as Hooks;
}

function hookOf(name: EventName, logger: Logger): (event: object) => void {
  const [level, message, levelOfFailure = level] = LINES[name];
  return (event) => {
    const fields: Record<string, string | number | boolean> = { event: name };
    addFields(fields, event);
    logger[hasFailed(event) ? levelOfFailure : level](`S2 ${message}`, fields);
  };
}

/** An abort is the caller's own wish. */
function hasFailed(event: { readonly error?: { readonly code?: string } }): boolean {
  return event.error !== undefined && event.error.code !== "ABORTED";
}

function addFields(fields: Record<string, string | number | boolean>, facts: object): void {
  for (const [name, value] of Object.entries(facts) as [string, unknown][]) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      fields[name] = value;
    } else if (name === "error") addError(fields, value);
    else if (name === "tail" && isObject(value)) addTail(fields, value);
    else if ((name === "activity" || name === "connection") && isObject(value)) {
      const { id, ...rest } = value;
      fields[name] = id as number;
      addFields(fields, rest);
    } else if (isObject(value)) addFields(fields, value);
  }
}

function addTail(fields: Record<string, string | number | boolean>, tail: Record<string, unknown>): void {
  fields.tail_seq_num = tail.seq_num as number;
}

function addError(fields: Record<string, string | number | boolean>, error: unknown): void {
  if (error === undefined) return;
  if (!isS2Error(error)) {
    fields.errorMessage = error instanceof Error ? error.message : String(error);
    return;
  }
  if (error.code !== undefined) fields.errorCode = error.code;
  fields.errorStatus = error.status;
  fields.errorMessage = error.message;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
