import { utf8ByteLength } from "./utf8.js";

/** By tag where it is not by class: bytes of another realm (a test runner's, a frame's) are bytes too. */
export function isBytes(data: unknown): data is Uint8Array {
  return data instanceof Uint8Array || Object.prototype.toString.call(data) === "[object Uint8Array]";
}

/** Bytes that text takes as UTF-8, or that there are; `NaN` for what is neither. */
export function sizeOf(data: unknown): number {
  if (typeof data === "string") return utf8ByteLength(data);
  return isBytes(data) ? data.length : Number.NaN;
}
