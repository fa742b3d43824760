import { invalidArgument, MAX_FENCING_TOKEN_BYTES } from "@s2-dev/streamstore-core/client";
import { base64Of } from "./base64.js";

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** So many random bytes (default 16) as base64, for names that must not meet. Throws `INVALID_ARGUMENT`. */
export function randomToken(bytes = 16): string {
  return base64Of(randomBytes(bytes, "bytes", 65_536));
}

/**
 * A fencing token that nobody else has: so many random letters and digits, 1 to 36, by default all 36.
 * Throws `INVALID_ARGUMENT`.
 */
export function randomFencingToken(length = MAX_FENCING_TOKEN_BYTES): string {
  let token = "";
  while (token.length < length || token === "") {
    // Six bits of each byte; the two values that name no character are left out, so that all are equally likely.
    for (const byte of randomBytes(length, "length", MAX_FENCING_TOKEN_BYTES))
      token += ALPHANUMERICS[byte & 63] ?? "";
  }
  return token.slice(0, length);
}

function randomBytes(size: number, field: string, most: number): Uint8Array {
  if (!Number.isSafeInteger(size) || size < 1 || size > most) {
    throw invalidArgument(`${field} must be an integer from 1 to ${most}; got ${String(size)}`);
  }
  return crypto.getRandomValues(new Uint8Array(size));
}
