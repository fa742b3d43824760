import * as core from "@s2-dev/streamstore-core";
import { checkObject } from "@s2-dev/streamstore-core/client";
import { positionFromWire, type StreamPosition } from "./positions.js";

/** By which `instanceof` knows errors of every copy and entry of the package; see `S2Error` of the main entry. */
const BRAND = Symbol.for("s2-dev.streamstore.error");
/** Codes of connections that were never made, as 0.27 has them. */
const NEVER_SENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT"]);

/** What an `S2Error` is made of. */
export interface S2ErrorInit {
  /** What has happened, for people. */
  readonly message: string;
  /** What has happened, for programs. */
  readonly code?: string | undefined;
  /** HTTP status; default 0: none fits. */
  readonly status?: number | undefined;
  /** What else the server has said. */
  readonly data?: unknown;
  /** Who noticed it. */
  readonly origin?: "server" | "sdk" | undefined;
}

/**
 * The only thing this SDK throws or rejects with. An instance of the main entry's `S2Error` too, with all it has.
 */
export class S2Error extends core.S2Error {
  constructor(init: S2ErrorInit) {
    const neverSent = init.code !== undefined && NEVER_SENT.has(init.code);
    super({ ...init, status: init.status ?? 0, ...(neverSent ? { sideEffect: "none" as const } : {}) });
  }

  /** Whether the failed operation surely changed nothing on the server: `sideEffect === "none"`. */
  hasNoSideEffects(): boolean {
    return this.sideEffect === "none";
  }
}

/** An append demanded `matchSeqNum`, and the stream's next sequence number is another one. */
export class SeqNumMismatchError extends S2Error {
  /** The sequence number that the next record will get. */
  readonly expectedSeqNum: number;

  constructor(init: S2ErrorInit & { readonly expectedSeqNum: number }) {
    super(conditionFailed(init, `Expected sequence number: ${init.expectedSeqNum}`));
    this.expectedSeqNum = init.expectedSeqNum;
  }
}

/** An append carried a fencing token that is not the stream's. */
export class FencingTokenMismatchError extends S2Error {
  /** The stream's current token; empty when none is set. */
  readonly expectedFencingToken: string;

  constructor(init: S2ErrorInit & { readonly expectedFencingToken: string }) {
    super(conditionFailed(init, `Expected fencing token: ${init.expectedFencingToken}`));
    this.expectedFencingToken = init.expectedFencingToken;
  }
}

/** A read starts at or beyond the tail, and was not allowed to wait for records. */
export class RangeNotSatisfiableError extends S2Error {
  /** The stream's tail, as far as the server named it. */
  declare readonly tail?: StreamPosition;

  constructor(
    init: { readonly code?: string; readonly status?: number; readonly tail?: StreamPosition } = {},
  ) {
    const { tail, ...facts } = init;
    const ours = new core.RangeNotSatisfiableError();
    super({ code: ours.code, status: 416, ...facts, message: ours.message });
    if (tail !== undefined) this.tail = tail;
  }
}

/** An append whose outcome cannot be told; its `cause` says why. */
export class AppendOutcomeUnknownError extends S2Error {}

/** An encryption key is too short or too long for its header. */
export class EncryptionKeyLengthError extends S2Error {
  /** Characters of the header's value. */
  readonly length: number;

  constructor(length: number) {
    super({ message: `An encryption key must be 1 to 44 characters as a header; got ${length}` });
    this.length = length;
  }
}

/** Each class here with the one of the engine that it stands for, the base class last. */
const CLASSES = [
  [core.SeqNumMismatchError, SeqNumMismatchError, "SeqNumMismatchError"],
  [core.FencingTokenMismatchError, FencingTokenMismatchError, "FencingTokenMismatchError"],
  [core.RangeNotSatisfiableError, RangeNotSatisfiableError, "RangeNotSatisfiableError"],
  [core.AppendOutcomeUnknownError, AppendOutcomeUnknownError, "AppendOutcomeUnknownError"],
  [core.S2Error, S2Error, "S2Error"],
] as const;

for (const [, { prototype }, name] of CLASSES) {
  Object.defineProperty(prototype, BRAND, { value: name === "S2Error" ? [name] : ["S2Error", name] });
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}
Object.defineProperty(EncryptionKeyLengthError.prototype, "name", {
  value: "EncryptionKeyLengthError",
  configurable: true,
  writable: true,
});

/** The same error for the same failure, however often it is told. */
const CONVERTED = new WeakMap<core.S2Error, S2Error>();

/** A failure of the engine in the classes of this entry, with its stack, cause and facts. */
export function errorFrom(thrown: unknown): S2Error {
  const error = core.isS2Error(thrown) ? thrown : asS2Error(thrown);
  if ("hasNoSideEffects" in error) return error as S2Error;
  const known = CONVERTED.get(error);
  if (known !== undefined) return known;
  const [, errorClass] = CLASSES.find(([ofEngine]) => error instanceof ofEngine) ?? [undefined, S2Error];
  const copy = Reflect.construct(Error, [error.message], errorClass) as S2Error;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (name !== "stack") Object.defineProperty(copy, name, descriptor);
  }
  Object.defineProperty(copy, "stack", { value: error.stack, configurable: true, writable: true });
  if (error instanceof core.RangeNotSatisfiableError && error.tail !== undefined) {
    redefine(copy, "tail", positionFromWire(error.tail));
  }
  if (core.isS2Error(error.cause)) redefine(copy, "cause", errorFrom(error.cause));
  CONVERTED.set(error, copy);
  return copy;
}

/** Throws a failure of the engine as this entry's. */
export function rethrow(thrown: unknown): never {
  throw errorFrom(thrown);
}

/**
 * What becomes of a promise of the engine, in this entry's terms. One that nobody kept does not end the process: its
 * failure is the session's, which tells it.
 */
export function toldElsewhere<S, T>(promise: Promise<S>, convert: (value: S) => T | Promise<T>): Promise<T> {
  const told = promise.then(convert, rethrow);
  told.catch(() => {});
  return told;
}

/** What the engine does at once, with its failures as this entry's. */
export function guarded<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw errorFrom(thrown);
  }
}

/** Throws `INVALID_ARGUMENT` for what is no object. */
export function checkInput(value: unknown, name: string): void {
  guarded(() => checkObject(value, name));
}

/** The same for what may be left out. */
export function checkOptional(value: unknown, name: string): void {
  if (value !== undefined) checkInput(value, name);
}

/** A bad argument: names field, value and limit; nothing was sent. */
export function invalidArgument(message: string): S2Error {
  return new S2Error({ message, code: "INVALID_ARGUMENT", status: 400 });
}

function asS2Error(thrown: unknown): core.S2Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new core.S2Error({ message, code: "INTERNAL_ERROR", cause: thrown });
}

function conditionFailed(init: S2ErrorInit, line: string): S2ErrorInit {
  const { message, code = "APPEND_CONDITION_FAILED", status = 412, data, origin } = init;
  return { message: `${message}\n${line}`, code, status, data, origin };
}

function redefine(error: S2Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: name === "tail",
  });
}
