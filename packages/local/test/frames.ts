import * as zlib from "node:zlib";
import { gunzipSync } from "node:zlib";

/** Cuts an answer into frames, each as hex with its head; a compressed one is `gzip:` or `zstd:` and its message. */
export function framesOf(body: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUIntBE(at, 3);
    frames.push(describeFrame(body.subarray(at, at + 3 + length)));
    at += 3 + length;
  }
  return frames;
}

/** Compressors differ in their output, so what is inside is compared. */
export function describeFrame(frame: Buffer): string {
  const flags = frame[3] as number;
  const payload = frame.subarray(4);
  if ((flags & 0x60) === 0x40) return `gzip:${gunzipSync(payload).toString("hex")}`;
  if ((flags & 0x60) !== 0x20) return frame.toString("hex");
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (data: Buffer) => Buffer };
  return `zstd:${zstdDecompressSync?.(payload).toString("hex") ?? "?"}`;
}
