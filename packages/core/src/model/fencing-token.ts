import { refused } from "./checks.js";
import { MAX_FENCING_TOKEN_BYTES } from "./limits.js";
import type { FencingToken } from "./names.js";
import { utf8ByteLength } from "./utf8.js";

/** Throws `INVALID_ARGUMENT` unless the value can be a fencing token; the empty one asserts "unfenced". */
export function checkFencingToken(value: unknown, field = "fencing_token"): asserts value is FencingToken {
  if (typeof value === "string" && utf8ByteLength(value) <= MAX_FENCING_TOKEN_BYTES) return;
  throw refused(field, `be text of at most ${MAX_FENCING_TOKEN_BYTES} bytes of UTF-8`, value);
}
