import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import type * as Zlib from "node:zlib";
import { S2Error } from "@s2-dev/streamstore-core/transport";

interface ZstdZlib {
  createZstdDecompress(): Transform;
}

/**
 * The body as it was before it was compressed for the way, as a `fetch` gives it. `fail` is told what is damaged.
 * @throws S2Error `PROTOCOL_ERROR` for a compression that is not known.
 */
export function decodedBody(response: IncomingMessage, fail: (error: unknown) => void): Readable {
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding === "identity" || response.statusCode === 204) return response;
  const decoder = createDecoder(encoding, process.getBuiltinModule("node:zlib"));
  if (decoder === undefined) {
    throw unreadable(`The answer is compressed with ${encoding}, which was not asked for`);
  }
  decoder.on("error", (cause) => fail(unreadable("The compressed answer cannot be read", cause)));
  return response.pipe(decoder);
}

function createDecoder(encoding: string, zlib: typeof Zlib): Transform | undefined {
  // What has come is given at once: an event stream may be silent for long after it.
  const flush = zlib.constants.Z_SYNC_FLUSH;
  switch (encoding.toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip({ flush });
    case "deflate":
      return zlib.createInflate({ flush });
    case "br":
      return zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH });
    case "zstd":
      return hasZstd(zlib) ? zlib.createZstdDecompress() : undefined;
    default:
      return undefined;
  }
}

function hasZstd(zlib: object): zlib is ZstdZlib {
  return "createZstdDecompress" in zlib;
}

function unreadable(message: string, cause?: unknown): S2Error {
  return new S2Error({ message, code: "PROTOCOL_ERROR", cause });
}
