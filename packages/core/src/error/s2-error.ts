import { type ErrorCode, factsOfCode, type SideEffect } from "./codes.js";

const BRAND: unique symbol = Symbol.for("s2-dev.streamstore.error") as never;

/** What an `S2Error` is made of. Status, side effect and whether it is retryable follow from the code where they are left out. */
export interface S2ErrorInit {
  /** For people; no program should look at it. */
  readonly message: string;
  /** What has happened. */
  readonly code?: ErrorCode | undefined;
  /** HTTP status, or the one the code stands for; 0 when none fits. */
  readonly status?: number | undefined;
  /** What the server sent besides code and message. */
  readonly data?: unknown;
  /** Who noticed. Default: `"sdk"`. */
  readonly origin?: "server" | "sdk" | undefined;
  /** What was thrown underneath. */
  readonly cause?: unknown;
  /** Whether anything may have been written. Default: what is known of the code. */
  readonly sideEffect?: SideEffect | undefined;
  /** Whether trying again can succeed. Default: what is known of the code. */
  readonly retryable?: boolean | undefined;
  /** Attempts made, the failed one included. */
  readonly attempts?: number | undefined;
  /** How long the server asked to wait before the next attempt, in milliseconds. */
  readonly retryAfterMillis?: number | undefined;
}

/**
 * The only thing this SDK throws or rejects with. Subclasses mark the conditions a program usually handles.
 * `instanceof` works across duplicate copies of the package.
 */
export class S2Error extends Error {
  static {
    brand(this, "S2Error");
  }

  /** What has happened: one of the service's codes, one of the SDK's own in capitals, or one that is newer than this version. */
  declare readonly code?: ErrorCode;
  /** HTTP status; 0 means that none fits. */
  readonly status: number;
  /** What the server sent besides code and message, or facts of a failure noticed here. */
  declare readonly data?: unknown;
  /** `"server"`: the service said so. `"sdk"`: noticed on this side. */
  readonly origin: "server" | "sdk";
  /** Whether the failed operation can have changed anything on the server. */
  readonly sideEffect: SideEffect;
  /** Whether another attempt can succeed. The SDK has made those it was allowed to make. */
  readonly retryable: boolean;
  /**
   * Attempts that the operation has made, the failed one included; of a session, those since its last progress. 0: it
   * failed before anything was tried.
   */
  readonly attempts: number;
  /** How long the server asked to wait, in milliseconds. */
  declare readonly retryAfterMillis?: number;

  constructor(init: S2ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    const facts = factsOfCode(init.code);
    if (init.code !== undefined) this.code = init.code;
    this.status = init.status ?? facts?.status ?? 0;
    if (init.data !== undefined) this.data = init.data;
    this.origin = init.origin ?? "sdk";
    this.sideEffect = init.sideEffect ?? facts?.sideEffect ?? "possible";
    this.retryable = init.retryable ?? facts?.retryable ?? false;
    this.attempts = init.attempts ?? 0;
    if (init.retryAfterMillis !== undefined) this.retryAfterMillis = init.retryAfterMillis;
  }

  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    const self = this as { prototype: object };
    if (Function.prototype[Symbol.hasInstance].call(self as never, value)) return true;
    // Subclasses of users keep the plain rule; ours are recognised by their brand.
    if (!Object.hasOwn(self.prototype, BRAND)) return false;
    const brands = brandsOf(value);
    const own = brandsOf(self.prototype);
    return brands !== undefined && own !== undefined && brands.includes(own[own.length - 1] as string);
  }
}

function brandsOf(value: unknown): readonly string[] | undefined {
  if (typeof value !== "object" || value === null || !(BRAND in value)) return undefined;
  return value[BRAND] as readonly string[];
}

/** A read starts at or beyond the tail, and was not allowed to wait for records. */
export class RangeNotSatisfiableError extends S2Error {
  static {
    brand(this, "RangeNotSatisfiableError");
  }

  /** The stream's tail, as far as the server named it. */
  declare readonly tail?: { readonly seq_num: number; readonly timestamp: number };

  constructor(
    init: Partial<S2ErrorInit> & { readonly tail?: { seq_num: number; timestamp: number } | undefined } = {},
  ) {
    super({
      ...init,
      code: "RANGE_NOT_SATISFIABLE",
      status: 416,
      message:
        init.message ??
        "The read starts at or beyond the stream's tail. Pass `clamp: true` to start at the tail, and `wait` to wait for records there.",
    });
    if (init.tail !== undefined) this.tail = init.tail;
  }
}

/** Whether a value is an `S2Error` of any copy of the package. */
export function isS2Error(value: unknown): value is S2Error {
  return value instanceof S2Error;
}

/**
 * Names a class, and the classes that its errors are instances of in any copy of the package. On the prototype, so that
 * printing or spreading an error shows neither as a field.
 */
export function brand(errorClass: { readonly prototype: object }, name: string): void {
  const { prototype } = errorClass;
  const above = brandsOf(prototype) ?? [];
  Object.defineProperty(prototype, BRAND, { value: [...above, name] });
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}

/** The same error, of the same class, with other facts; a real error of the runtime, with the stack of the original. */
export function amendError<E extends S2Error>(
  error: E,
  facts: { readonly sideEffect?: SideEffect; readonly attempts?: number },
): E {
  // A plain object with the error's prototype has no stack on newer engines, and no debugger takes it for an error.
  const copy = Reflect.construct(Error, [error.message], error.constructor) as E;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (name !== "stack") Object.defineProperty(copy, name, descriptor);
  }
  Object.defineProperty(copy, "stack", { value: error.stack, configurable: true, writable: true });
  for (const [name, value] of Object.entries(facts)) {
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
