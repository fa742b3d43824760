import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { type Codec, isCodec, jsonCodec } from "./codec.js";
import {
  InvalidMessageError,
  invalidMessage,
  issuesFromSchema,
  type MessagePlace,
  type MessageProblem,
} from "./invalid-message-error.js";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.js";
import { type InferOutput, isStandardSchema, type StandardSchema } from "./standard-schema.js";

/** Brings a value from one schema version to the next. */
export type Upcaster = (value: unknown) => unknown;

/** What is fixed about the messages of one type. */
export interface KindOptions {
  readonly schema?: StandardSchema | undefined;
  readonly codec?: Codec | undefined;
  /** Version that is written: an integer of at least 1. Default 1. Messages that name none are of version 1. */
  readonly version?: number | undefined;
  /** How older messages become newer: under each older version, what makes the next one of it. */
  readonly upcasters?: Readonly<Record<number, Upcaster>> | undefined;
}

/**
 * An upcaster that knows the older version's type: checks the value by the older schema, then converts it.
 *
 * @example
 * const orders = typed(stream, {
 *   schema: OrderV2,
 *   version: 2,
 *   upcasters: { 1: upcast(OrderV1, (order) => ({ ...order, currency: "EUR" })) },
 * });
 */
export function upcast<S extends StandardSchema>(
  schema: S,
  convert: (value: InferOutput<S>) => unknown,
): Upcaster {
  return (value) =>
    andThen(schema["~standard"].validate(value), (result) => {
      if (result.issues !== undefined) throw new OlderSchemaError(result.issues);
      return convert(result.value as InferOutput<S>);
    });
}

/** What an older schema complains of; becomes part of the error that names the message. */
class OlderSchemaError extends Error {
  readonly issues: Parameters<typeof issuesFromSchema>[0];

  constructor(issues: OlderSchemaError["issues"]) {
    super("does not fit its older schema");
    this.issues = issues;
  }
}

/** The messages of one type: how values are checked, written and read. */
export class MessageKind {
  readonly version: number;
  readonly #schema: StandardSchema | undefined;
  readonly #codec: Codec;
  readonly #upcasters: Readonly<Record<number, Upcaster>>;

  /** Throws `INVALID_ARGUMENT` for options that make no sense. */
  constructor(options: KindOptions, defaultCodec: Codec = jsonCodec()) {
    const { schema, codec = defaultCodec, version = 1, upcasters = {} } = options;
    if (schema !== undefined && !isStandardSchema(schema)) {
      throw invalidArgument(`schema must be a Standard Schema validator; got ${show(schema)}`);
    }
    if (!isCodec(codec)) throw invalidArgument(`codec must have encode and decode; got ${show(codec)}`);
    checkVersions(version, upcasters);
    this.version = version;
    this.#schema = schema;
    this.#codec = codec;
    this.#upcasters = upcasters;
  }

  /** The bytes of a value that fits. Throws, or rejects with, `InvalidMessageError`. */
  write(value: unknown, place: MessagePlace): MaybePromise<Uint8Array> {
    return andThen(this.#check(value, place), () => {
      try {
        return this.#codec.encode(value);
      } catch (error) {
        throw invalidMessage("encode", error, place);
      }
    });
  }

  /** The value of bytes of some version. Throws, or rejects with, `InvalidMessageError`. */
  read(payload: Uint8Array, version: number, place: MessagePlace): MaybePromise<unknown> {
    if (version > this.version) {
      throw invalidMessage("version", `this program knows versions up to ${this.version}`, place);
    }
    let value: unknown;
    try {
      value = this.#codec.decode(payload);
    } catch (error) {
      throw invalidMessage("decode", error, place);
    }
    if (version === this.version) return this.#check(value, place);
    return andThen(this.#upcast(value, version, place), (present) => this.#check(present, place));
  }

  #check(value: unknown, place: MessagePlace): MaybePromise<unknown> {
    if (this.#schema === undefined) return value;
    return andThen(
      guarded("schema", place, () => this.#schema?.["~standard"].validate(value)),
      (result) => {
        if (result?.issues === undefined) return result?.value;
        throw new InvalidMessageError("schema", issuesFromSchema(result.issues), place);
      },
    );
  }

  #upcast(value: unknown, version: number, place: MessagePlace): MaybePromise<unknown> {
    if (version === this.version) return value;
    const upcaster = this.#upcasters[version];
    if (upcaster === undefined)
      throw invalidMessage("version", `there is no upcaster from ${version}`, place);
    return andThen(
      guarded("upcast", place, () => upcaster(value)),
      (next) => this.#upcast(next, version + 1, place),
    );
  }
}

/** Runs a function of the user's whose failure is a problem of the message. */
function guarded<T>(
  problem: MessageProblem,
  place: MessagePlace,
  run: () => MaybePromise<T>,
): MaybePromise<T> {
  const fail = (error: unknown): never => {
    if (error instanceof OlderSchemaError) {
      throw new InvalidMessageError(problem, issuesFromSchema(error.issues), place, { cause: error });
    }
    throw invalidMessage(problem, error, place);
  };
  try {
    const result = run();
    return isPromise(result) ? result.catch(fail) : result;
  } catch (error) {
    return fail(error);
  }
}

function checkVersions(version: number, upcasters: Readonly<Record<number, Upcaster>>): void {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw invalidArgument(`version must be an integer of at least 1; got ${show(version)}`);
  }
  for (const [from, upcaster] of Object.entries(upcasters)) {
    if (!(Number(from) >= 1 && Number(from) < version && Number.isInteger(Number(from)))) {
      throw invalidArgument(`upcasters are named by versions from 1 to ${version - 1}; got ${show(from)}`);
    }
    if (typeof upcaster !== "function") {
      throw invalidArgument(`the upcaster of version ${from} must be a function; got ${show(upcaster)}`);
    }
  }
}
