import { factsOfCode, isServerCode } from "../error/codes.js";
import { RangeNotSatisfiableError, S2Error, type S2ErrorInit } from "../error/s2-error.js";
import { textOfBody } from "./body-text.js";
import { isJsonObject, parseJson, positionFromJson } from "./json.js";

/** Statuses after which another attempt may succeed, when no known code says otherwise. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const MAX_SHOWN_TEXT = 200;

/** What a server said about a failure, however little of it could be understood. */
export interface ServerFailure {
  readonly status: number;
  /** The parsed body, or its text when it is not JSON; `undefined` when it is empty. */
  readonly data: unknown;
  readonly retryAfterMillis: number | undefined;
}

/**
 * The error in an answer to anything but an append whose status is not a success. The status decides; the body may be
 * JSON, text, HTML, cut short or empty. `headers` have lower-case names.
 * @see https://s2.dev/docs/api/error-codes
 */
export function errorFromAnswer(
  status: number,
  body: Uint8Array,
  headers?: Readonly<Record<string, string>>,
): S2Error {
  return errorFromFailure(failureFrom(status, body, headers));
}

/** The same for a body that has been read as text. */
export function errorFromText(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): S2Error {
  return errorFromFailure({ status, data: dataOf(text), retryAfterMillis: retryAfterOf(headers) });
}

/** What an answer says of a failure. */
export function failureFrom(
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): ServerFailure {
  return { status, data: dataOf(textOfBody(body)), retryAfterMillis: retryAfterOf(headers) };
}

/** The error for a failure of anything but an append. */
export function errorFromFailure(failure: ServerFailure): S2Error {
  if (failure.status === 416) return rangeError(failure);
  return otherError(failure);
}

function rangeError(failure: ServerFailure): S2Error {
  const init = commonInit(failure);
  const tail = isJsonObject(failure.data) ? failure.data.tail : undefined;
  try {
    return new RangeNotSatisfiableError({ ...init, tail: positionFromJson(tail, "tail", "saturate") });
  } catch {
    return new RangeNotSatisfiableError(init);
  }
}

function otherError(failure: ServerFailure): S2Error {
  const { status, data } = failure;
  const body = isJsonObject(data) ? data : {};
  const code = typeof body.code === "string" ? body.code : undefined;
  const message = typeof body.message === "string" ? body.message : messageFor(status, data);
  const known = isServerCode(code) ? factsOfCode(code) : undefined;
  const trusted = known?.status === status;
  return new S2Error({
    ...commonInit(failure),
    message,
    code,
    retryable: known === undefined ? RETRYABLE_STATUSES.has(status) : trusted && known.retryable,
    sideEffect: trusted ? known.sideEffect : "possible",
  });
}

/** What every error for a failure has in common. */
export function commonInit(
  failure: ServerFailure,
): Pick<S2ErrorInit, "status" | "data" | "origin" | "retryAfterMillis"> {
  return {
    status: failure.status,
    data: failure.data,
    origin: "server",
    retryAfterMillis: failure.retryAfterMillis,
  };
}

function messageFor(status: number, data: unknown): string {
  const answer = status === 0 ? "The server reported an error" : `The server answered with status ${status}`;
  // Pages of HTML say nothing that fits in a message; they are in `data`.
  if (typeof data !== "string" || data.trimStart().startsWith("<")) return answer;
  const text = data.trim();
  return `${answer}: ${text.length > MAX_SHOWN_TEXT ? `${text.slice(0, MAX_SHOWN_TEXT)}...` : text}`;
}

/** A body as JSON, or as its text when it is none. */
export function dataOf(text: string): unknown {
  if (text.length === 0) return undefined;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** How long the server asks to wait: `retry-after-ms`, or `retry-after` in seconds. Dates are not understood. */
function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  return durationOf(headers["retry-after-ms"], 1) ?? durationOf(headers["retry-after"], 1000);
}

function durationOf(value: string | undefined, unitMillis: number): number | undefined {
  if (value === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined;
  return Math.min(Number(value) * unitMillis, Number.MAX_SAFE_INTEGER);
}
