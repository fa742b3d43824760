import { Decoder, type DecoderOptions, Encoder, type EncoderOptions } from "@msgpack/msgpack";
import type { Codec } from "../typed/codec.js";

/** Types of one's own: what stands for a value, and the value of what stands there. */
export interface MessagePackExtensions {
  tryToEncode(
    object: unknown,
    context: undefined,
  ): { readonly type: number; readonly data: Uint8Array | ((pos: number) => Uint8Array) } | null;
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
  readonly sortKeys?: boolean;
  readonly forceFloat32?: boolean;
  /** Fields that are `undefined` are left out. Default true. */
  readonly ignoreUndefined?: boolean;
  readonly forceIntegerToFloat?: boolean;
  /** Text is left as bytes. */
  readonly rawStrings?: boolean;
  readonly maxStrLength?: number;
  readonly maxBinLength?: number;
  readonly maxArrayLength?: number;
  readonly maxMapLength?: number;
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
