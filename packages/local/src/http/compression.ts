import * as zlib from "node:zlib";

/** Codings that bodies and frames may have. */
export type Coding = "zstd" | "gzip";

/** What newer runtimes add to `node:zlib`. */
interface ZstdFunctions {
  zstdCompressSync(data: Uint8Array): Buffer;
  zstdDecompressSync(data: Uint8Array, options: { maxOutputLength: number }): Buffer;
  createZstdDecompress(): zlib.Gunzip;
}

const zstd = "zstdCompressSync" in zlib ? (zlib as unknown as ZstdFunctions) : undefined;

/** The codings of this runtime, best first. */
export const CODINGS: readonly Coding[] = zstd === undefined ? ["gzip"] : ["zstd", "gzip"];

/** Bodies and messages below this stay as they are. */
export const COMPRESSION_THRESHOLD = 1024;

/** The best coding that an `Accept-Encoding` lists; weights do not count, but for 0, which excludes. */
export function acceptedCoding(header: string | string[] | undefined): Coding | undefined {
  const listed = new Set<string>();
  for (const item of String(header ?? "").split(",")) {
    const [name, ...parameters] = item.split(";");
    if (!parameters.some(isZeroWeight)) listed.add((name as string).trim().toLowerCase());
  }
  return CODINGS.find((coding) => listed.has(coding));
}

function isZeroWeight(parameter: string): boolean {
  const [name, value] = parameter.split("=");
  return (
    name?.trim().toLowerCase() === "q" && value !== undefined && value.trim() !== "" && Number(value) === 0
  );
}

export function compress(coding: Coding, data: Uint8Array): Buffer {
  return coding === "zstd" && zstd !== undefined ? zstd.zstdCompressSync(data) : zlib.gzipSync(data);
}

/** @throws Error for data that are malformed, or larger than allowed when decompressed. */
export function decompress(coding: Coding, data: Uint8Array, maxBytes: number): Buffer {
  if (coding === "gzip") return zlib.gunzipSync(data, { maxOutputLength: maxBytes });
  if (zstd === undefined) throw new Error("zstd is not supported by this runtime");
  return zstd.zstdDecompressSync(data, { maxOutputLength: maxBytes });
}

/** A stream that decompresses what is written to it. */
export function createDecompressor(coding: Coding): zlib.Gunzip {
  return coding === "zstd" && zstd !== undefined ? zstd.createZstdDecompress() : zlib.createGunzip();
}
