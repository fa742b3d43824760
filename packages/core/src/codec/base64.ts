import { CodecError } from "./codec-error.js";
import { allocate } from "./shared-memory.js";

/** The methods of Node's `Buffer` worth finding: they write into memory that is already there. */
interface NativeBase64 {
  base64Write(this: Uint8Array, text: string, at: number, length: number): number;
  base64Slice(this: Uint8Array, start: number, end: number): string;
}

/** The newer standard methods, which not every runtime has. */
interface StandardBase64 {
  toBase64(this: Uint8Array): string;
  setFromBase64(
    this: Uint8Array,
    text: string,
    options: { lastChunkHandling: "strict" },
  ): { written: number };
}

/** Writes what `text` stands for and returns how many bytes that was, or -1 when it is not base64. */
type WriteBase64 = (target: Uint8Array, text: string, at: number, expected: number) => number;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const native = /* @__PURE__ */ findMethods<NativeBase64>("Buffer", ["base64Write", "base64Slice"]);
const standard = /* @__PURE__ */ findMethods<StandardBase64>("Uint8Array", ["toBase64", "setFromBase64"]);
const write: WriteBase64 = native ? writeNative : standard ? writeStandard : writeByAtob;

/** Bytes as base64, in the standard alphabet and padded. */
export function encodeBase64(bytes: Uint8Array): string {
  if (native !== undefined) return native.base64Slice.call(bytes, 0, bytes.length);
  return standard === undefined ? encodeByBtoa(bytes) : standard.toBase64.call(bytes);
}

/**
 * The bytes that base64 stands for.
 * @throws CodecError `invalid` unless it is in the standard alphabet, padded, and without stray bits at its end.
 */
export function decodeBase64(text: string): Uint8Array {
  const size = base64Size(text);
  const bytes = new Uint8Array(size);
  writeBase64(bytes, text, 0);
  return bytes;
}

/** Writes the bytes that base64 stands for, for which there must be room, and returns their number; else as above. */
export function writeBase64(target: Uint8Array, text: string, at: number): number {
  const expected = base64Size(text);
  if (write(target, text, at, expected) !== expected) throw invalidBase64();
  return expected;
}

/** Bytes that padded base64 stands for. */
function base64Size(text: string): number {
  const { length } = text;
  if (length % 4 !== 0) throw invalidBase64();
  if (length === 0) return 0;
  const padding = text.charCodeAt(length - 1) !== 0x3d ? 0 : text.charCodeAt(length - 2) !== 0x3d ? 1 : 2;
  // The bits of the last character that belong to no byte must be zero.
  if (padding > 0) {
    const last = ALPHABET.indexOf(text.charAt(length - 1 - padding));
    if (last < 0 || (last & (padding === 1 ? 0x03 : 0x0f)) !== 0) throw invalidBase64();
  }
  return (length / 4) * 3 - padding;
}

function writeNative(target: Uint8Array, text: string, at: number, expected: number): number {
  // The native decoder skips what it does not know, so the length tells; only the URL alphabet it takes silently.
  if (text.includes("-") || text.includes("_")) return -1;
  return (native as NativeBase64).base64Write.call(target, text, at, expected);
}

function writeStandard(target: Uint8Array, text: string, at: number, expected: number): number {
  try {
    const room = target.subarray(at, at + expected);
    // White space is skipped, which the length shows.
    return (standard as StandardBase64).setFromBase64.call(room, text, { lastChunkHandling: "strict" })
      .written;
  } catch {
    return -1;
  }
}

/** Decodes by what every runtime has. */
export function writeByAtob(target: Uint8Array, text: string, at: number, expected: number): number {
  let characters: string;
  try {
    characters = atob(text);
  } catch {
    return -1;
  }
  // White space is skipped, which the length shows.
  if (characters.length !== expected) return -1;
  for (let index = 0; index < expected; index += 1) target[at + index] = characters.charCodeAt(index);
  return expected;
}

/** Encodes by what every runtime has. */
export function encodeByBtoa(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}

function findMethods<T>(global: string, methods: readonly (keyof T & string)[]): T | undefined {
  const owner = (
    globalThis as unknown as Record<string, { prototype?: Record<string, unknown> } | undefined>
  )[global];
  const prototype = owner?.prototype;
  if (prototype === undefined) return undefined;
  return methods.every((method) => typeof prototype[method] === "function") ? (prototype as T) : undefined;
}

function invalidBase64(): CodecError {
  return new CodecError("invalid", "invalid Base64 encoding");
}

/** Memory for what all the base64 within a text of this length can stand for. */
export function allocateForBase64(textLength: number): Uint8Array {
  return allocate(Math.ceil((textLength * 3) / 4));
}
