import { Decoder, type DecoderOptions, Encoder, type EncoderOptions } from "@msgpack/msgpack";
import type { Codec } from "../typed/codec.js";

/** Types of one's own: what stands for a value, and the value of what stands there. */
export interface MessagePackExtensions {
  /** Makes data of a value, or `null` where the value is none of its own. */
  tryToEncode(
    object: unknown,
    context: undefined,
  ): { readonly type: number; readonly data: Uint8Array | ((pos: number) => Uint8Array) } | null;
  /** Makes a value of the data of an extension. */
  decode(data: Uint8Array, extensionType: number, context: undefined): unknown;
}

/**
 * Options of `@msgpack/msgpack`, as it documents them. Written down here because its own declarations need the library of
 * the DOM to compile.
 */
export interface MessagePackOptions {
  /** As a rule an `ExtensionCodec` of the library. */
  readonly extensionCodec?: MessagePackExtensions;
  /** 64-bit integers are `bigint`s. Default: numbers. */
  readonly useBigInt64?: boolean;
  /** How deep a value may be nested. Default 100. */
  readonly maxDepth?: number;
  /** Bytes that are reserved for a message at first. Default 2048. */
  readonly initialBufferSize?: number;
  /** Writes the keys of objects in their order, so that equal objects are equal bytes. Default false. */
  readonly sortKeys?: boolean;
  /** Writes numbers with a fraction in 32 bits. Default false. */
  readonly forceFloat32?: boolean;
  /** Fields that are `undefined` are left out. Default true. */
  readonly ignoreUndefined?: boolean;
  /** Writes whole numbers as floating ones. Default false. */
  readonly forceIntegerToFloat?: boolean;
  /** Text is left as bytes. */
  readonly rawStrings?: boolean;
  /** Longest text to read, in bytes. Default 2^32-1. */
  readonly maxStrLength?: number;
  /** Longest run of bytes to read. Default 2^32-1. */
  readonly maxBinLength?: number;
  /** Longest list to read. Default 2^32-1. */
  readonly maxArrayLength?: number;
  /** Most entries of an object to read. Default 2^32-1. */
  readonly maxMapLength?: number;
  /** Longest extension to read, in bytes. Default 2^32-1. */
  readonly maxExtLength?: number;
}

/**
 * MessagePack: smaller than JSON, and bytes, dates and (with `useBigInt64`) 64-bit integers come back as they were.
 *
 * @example
 * const photos = typed(stream, { schema, codec: messagePack() });
 * await photos.append({ name: "sunset", bytes: new Uint8Array(5_000_000) });
 */
export function messagePack<T = unknown>(options: MessagePackOptions = {}): Codec<T> {
  const encoder = new Encoder({ ignoreUndefined: true, ...options } as EncoderOptions);
  const decoder = new Decoder(options as DecoderOptions);
  return {
    encode: (value) => encoder.encode(value),
    decode: (bytes) => decoder.decode(bytes) as T,
  };
}
