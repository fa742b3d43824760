import { Decoder, type DecoderOptions, Encoder, type EncoderOptions } from "@msgpack/msgpack";
import type { Codec } from "../typed/codec.js";

/** Options of `@msgpack/msgpack`: extension types, `useBigInt64`, limits of decoding and others. */
export type MessagePackOptions<Context = undefined> = EncoderOptions<Context> & DecoderOptions<Context>;

/**
 * MessagePack: smaller than JSON, and bytes, dates and (with `useBigInt64`) 64-bit integers come back as they were.
 *
 * @example
 * const photos = typed(stream, { schema, codec: messagePack() });
 * await photos.append({ name: "sunset", bytes: new Uint8Array(5_000_000) });
 */
export function messagePack<T = unknown>(options: MessagePackOptions = {}): Codec<T> {
  const encoder = new Encoder({ ignoreUndefined: true, ...options });
  const decoder = new Decoder(options);
  return {
    encode: (value) => encoder.encode(value),
    decode: (bytes) => decoder.decode(bytes) as T,
  };
}
