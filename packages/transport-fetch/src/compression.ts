import { invalidArgument, S2Error, show } from "@s2-dev/streamstore-core/client";

/** How bodies are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** Compresses whole bodies. */
export interface Compressor {
  /** As in `content-encoding`. */
  readonly name: "gzip" | "zstd";
  compress(bytes: Uint8Array): Promise<Uint8Array>;
}

/**
 * The compressor that every runtime has, built on `CompressionStream`.
 * @throws S2Error `UNSUPPORTED` for what this runtime lacks.
 */
export function createStreamCompressor(compression: Compression): Compressor | undefined {
  if (compression === "none") return undefined;
  if (compression === "gzip" && typeof CompressionStream === "function")
    return { name: "gzip", compress: gzip };
  throw refusedCompression(compression);
}

/** The error for a compression that cannot be had here. */
export function refusedCompression(compression: unknown): S2Error {
  if (compression !== "gzip" && compression !== "zstd") {
    return invalidArgument(`compression must be "none", "gzip" or "zstd", not ${show(compression)}`);
  }
  return new S2Error({
    message: `This runtime cannot compress with ${compression}. Use another compression, or "none".`,
    code: "UNSUPPORTED",
  });
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const compressed = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}
