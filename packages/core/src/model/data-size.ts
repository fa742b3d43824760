import { isBytes } from "./bytes.js";
import { utf8ByteLength } from "./utf8.js";

/** Bytes that text takes as UTF-8, or that there are; `NaN` for what is neither. */
export function sizeOf(data: unknown): number {
  if (typeof data === "string") return utf8ByteLength(data);
  return isBytes(data) ? data.length : Number.NaN;
}
