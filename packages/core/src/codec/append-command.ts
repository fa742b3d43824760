import { invalidArgument, show } from "../error/make.js";
import { sizeOf } from "../model/data-size.js";
import { MAX_FENCING_TOKEN_BYTES, TRIM_BODY_BYTES } from "../model/limits.js";
import type { AppendHeadersInput } from "../model/record.js";

/**
 * Checks a record that has a header with an empty name: it must be the only one and name a command, whose body
 * must fit.
 * @throws S2Error `INVALID_ARGUMENT`.
 * @see https://s2.dev/docs/api/records
 */
export function checkCommand(
  headers: AppendHeadersInput,
  body: string | Uint8Array | undefined,
  index: number,
): void {
  const pairs: readonly (readonly [string | Uint8Array, string | Uint8Array])[] = Array.isArray(headers)
    ? headers
    : Object.entries(headers);
  const [only] = pairs;
  if (pairs.length !== 1 || only === undefined) {
    throw invalidArgument(
      `records[${index}].headers must not have an empty name: only a command has one, as its single header`,
    );
  }
  const command = asText(only[1]);
  if (command === "fence") checkFence(body ?? "", index);
  else if (command === "trim") checkTrim(body ?? "", index);
  else
    throw invalidArgument(
      `records[${index}] is a command, which must be "fence" or "trim", not ${show(command)}`,
    );
}

function checkFence(body: string | Uint8Array, index: number): void {
  const size = sizeOf(body);
  if (size > MAX_FENCING_TOKEN_BYTES) {
    throw invalidArgument(
      `records[${index}].body is a fencing token of ${size} bytes; the limit is ${MAX_FENCING_TOKEN_BYTES}`,
    );
  }
  if (typeof body !== "string" && asText(body) === undefined) {
    throw invalidArgument(`records[${index}].body is a fencing token and must be UTF-8`);
  }
}

function checkTrim(body: string | Uint8Array, index: number): void {
  const size = sizeOf(body);
  if (size !== TRIM_BODY_BYTES) {
    throw invalidArgument(
      `records[${index}].body of a trim command must be ${TRIM_BODY_BYTES} bytes, a big-endian u64, not ${size}`,
    );
  }
}

/** Text, or bytes as text; `undefined` when they are not UTF-8. */
function asText(data: string | Uint8Array): string | undefined {
  if (typeof data === "string") return data;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}
