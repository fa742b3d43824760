import type * as Zlib from "node:zlib";
import { invalidArgument, S2Error, show } from "@s2-dev/streamstore-core/transport";

/** How frames and bodies are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** One compression algorithm. `encode` works beside the event loop, `decode` in place: what comes in is small or pulled. */
export interface Codec {
  readonly name: "gzip" | "zstd";
  encode(bytes: Uint8Array, done: (error: Error | null, encoded: Uint8Array) => void): void;
  /** @throws when the bytes are damaged or would grow beyond `maxLength`. */
  decode(bytes: Uint8Array, maxLength: number): Uint8Array;
}

interface ZstdZlib {
  zstdCompress(bytes: Uint8Array, done: (error: Error | null, encoded: Uint8Array) => void): void;
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

/** @throws S2Error `UNSUPPORTED` when this runtime lacks the algorithm. */
export function createCodec(compression: Compression): Codec | undefined {
  switch (compression) {
    case "none":
      return undefined;
    case "gzip":
      return createGzip(loadZlib());
    case "zstd":
      return createZstd(loadZlib());
    default:
      throw invalidArgument(`compression must be "none", "gzip" or "zstd", not ${show(compression)}`);
  }
}

function createGzip(zlib: typeof Zlib): Codec {
  return {
    name: "gzip",
    encode: (bytes, done) => zlib.gzip(bytes, done),
    decode: (bytes, maxLength) => zlib.gunzipSync(bytes, { maxOutputLength: maxLength }),
  };
}

function createZstd(zlib: typeof Zlib): Codec {
  if (!hasZstd(zlib)) {
    throw new S2Error({
      message: `compression "zstd" needs a runtime that has it: Node.js 22.15 or newer. Use "gzip" or "none" here.`,
      code: "UNSUPPORTED",
    });
  }
  return {
    name: "zstd",
    encode: (bytes, done) => zlib.zstdCompress(bytes, done),
    decode: (bytes, maxLength) => zlib.zstdDecompressSync(bytes, { maxOutputLength: maxLength }),
  };
}

function hasZstd(zlib: object): zlib is ZstdZlib {
  return "zstdCompress" in zlib && "zstdDecompressSync" in zlib;
}

/** zlib is loaded only by those who compress, and at once, so that a codec the runtime lacks is refused early. */
function loadZlib(): typeof Zlib {
  return process.getBuiltinModule("node:zlib");
}
