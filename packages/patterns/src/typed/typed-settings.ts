import { invalidArgument } from "@s2-dev/streamstore-core";
import { checkObject, show } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import {
  checkMaxFrameBytes,
  checkMaxSilentRecords,
  DEFAULT_MAX_FRAME_BYTES,
} from "../serialization/frame-assembler.js";
import { type Codec, isCodec } from "./codec.js";
import { MessageHeaders, type MetaHeaderNames } from "./message-headers.js";
import { type KindOptions, MessageKind, type Upcaster } from "./message-kind.js";
import type { DiscardedMessage, MessageUnion } from "./message-types.js";
import { type InferInput, isStandardSchema, type StandardSchema } from "./standard-schema.js";

/** What any typed stream may be told. */
export interface CommonOptions<V> {
  /** Key of a message that is appended without one. */
  readonly key?: ((value: V) => string | undefined) | undefined;
  /** Id of a message that is appended without one. */
  readonly id?: ((value: V) => string | undefined) | undefined;
  /** Under which header names the metadata are stored, for streams that have names of their own. */
  readonly headerNames?: MetaHeaderNames | undefined;
  /** Largest encoded message in bytes, written or read. Default 100 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Records of the stream after which the unfinished message of a writer is given up, if none of them is of it: until then
   * a position to resume from stays in front of it. An integer of at least 1, default 1,000,000.
   */
  readonly maxSilentRecords?: number | undefined;
  /** Told of every message that a reader gives up since the rest of it does not come, as a rule because its writer died. */
  readonly onDiscard?: ((message: DiscardedMessage) => void) | undefined;
}

/** A stream whose messages are all of one schema. */
export interface SchemaOptions<S extends StandardSchema>
  extends CommonOptions<InferInput<S>>,
    VersionOptions {
  /** Any validator of Standard Schema: zod, valibot, arktype and others. */
  readonly schema: S;
  /** How values are stored. Default: JSON. */
  readonly codec?: Codec | undefined;
}

/** A stream whose messages are told apart by a header. */
export interface UnionOptions<U extends MessageUnion> extends CommonOptions<unknown> {
  /** By type: a schema, or `{ schema, codec, version, upcasters }`. */
  readonly union: U & Readonly<Record<string, StandardSchema | UnionMember>>;
  /** How values are stored, where a type does not say. Default: JSON. */
  readonly codec?: Codec | undefined;
}

/** One type of a union that needs more than a schema. */
export interface UnionMember extends VersionOptions {
  /** What its values must fit. */
  readonly schema: StandardSchema;
  /** How its values become bytes. Default: that of the stream. */
  readonly codec?: Codec | undefined;
}

/** A stream whose values are what its codec takes and gives, unchecked. */
export interface CodecOptions<V> extends CommonOptions<V>, VersionOptions {
  /** How values become bytes, and bytes values. */
  readonly codec: Codec<V>;
}

/** Which version of its schema a program writes, and how it reads older ones. */
export interface VersionOptions {
  /** Version that is written, an integer of at least 1. Default 1; messages that name none are of version 1. */
  readonly version?: number | undefined;
  /** Under each older version, what makes a value of the next one of it. Read values are checked after that. */
  readonly upcasters?: Readonly<Record<number, Upcaster>> | undefined;
}

/** Completed options. */
export interface TypedSettings {
  readonly headers: MessageHeaders;
  readonly maxFrameBytes: number;
  readonly maxSilentRecords: number;
  readonly onDiscard: ((message: DiscardedMessage) => void) | undefined;
  readonly key: ((value: unknown) => string | undefined) | undefined;
  readonly id: ((value: unknown) => string | undefined) | undefined;
  /** How messages of a type are checked and stored; `undefined` for none of the union's. */
  kindOf(type: string | undefined): MessageKind | undefined;
  /** What to say of a type that is none. */
  unknownType(type: string | undefined): string;
}

/** Any options, before they are told apart. */
export interface AnyOptions extends CommonOptions<never>, KindOptions {
  readonly union?: Readonly<Record<string, StandardSchema | KindOptions>> | undefined;
}

const NAMES: OptionNames<AnyOptions> = {
  schema: true,
  union: true,
  codec: true,
  version: true,
  upcasters: true,
  key: true,
  id: true,
  headerNames: true,
  maxFrameBytes: true,
  maxSilentRecords: true,
  onDiscard: true,
};

/** Longer than a writer that is alive is silent in the middle of a message, and soon read. */
const DEFAULT_MAX_SILENT_RECORDS = 1_000_000;

/** Checks options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveTypedSettings(options: AnyOptions): TypedSettings {
  checkOptions(options, "a typed stream", NAMES);
  const { schema, union, codec, key, id, headerNames, onDiscard } = options;
  const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, maxSilentRecords = DEFAULT_MAX_SILENT_RECORDS } = options;
  if (schema === undefined && union === undefined && codec === undefined) {
    throw invalidArgument("a typed stream needs a schema, a union or a codec");
  }
  if (schema !== undefined && union !== undefined) {
    throw invalidArgument("a typed stream needs a schema or a union, not both");
  }
  if (codec !== undefined && !isCodec(codec)) {
    throw invalidArgument(`codec must have encode and decode; got ${show(codec)}`);
  }
  for (const [name, value] of Object.entries({ key, id, onDiscard })) {
    if (value !== undefined && typeof value !== "function") {
      throw invalidArgument(`${name} must be a function; got ${show(value)}`);
    }
  }
  checkMaxFrameBytes(maxFrameBytes);
  checkMaxSilentRecords(maxSilentRecords);
  const derive = { key, id } as Pick<TypedSettings, "key" | "id">;
  return {
    headers: new MessageHeaders(headerNames),
    ...{ maxFrameBytes, maxSilentRecords, onDiscard },
    ...derive,
    ...(union === undefined ? oneKind(options) : unionKinds(union, codec)),
  };
}

type Kinds = Pick<TypedSettings, "kindOf" | "unknownType">;

/** The type of such messages is free. */
function oneKind(options: KindOptions): Kinds {
  const kind = new MessageKind(options);
  return { kindOf: () => kind, unknownType: () => "" };
}

function unionKinds(union: NonNullable<AnyOptions["union"]>, codec: Codec | undefined): Kinds {
  checkObject(union, "union");
  const kinds = new Map<string, MessageKind>();
  for (const [type, member] of Object.entries(union)) {
    const options = isStandardSchema(member) ? { schema: member } : member;
    checkObject(options, `union.${type}`);
    if (!isStandardSchema(options.schema)) {
      throw invalidArgument(`union.${type} must be or have a Standard Schema validator; got ${show(member)}`);
    }
    kinds.set(type, new MessageKind(options, codec));
  }
  if (kinds.size === 0) throw invalidArgument("union must name at least one type");
  const names = [...kinds.keys()].map(show).join(", ");
  return {
    kindOf: (type) => (type === undefined ? undefined : kinds.get(type)),
    unknownType: (type) =>
      `${type === undefined ? "it names no type" : `got ${show(type)}`}; the types are ${names}`,
  };
}
