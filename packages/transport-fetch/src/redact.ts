import { S2Error } from "@s2-dev/streamstore-core/client";
import type { AttemptOptions } from "@s2-dev/streamstore-core/transport";

const REDACTED = "<redacted>";
/** What is shorter is no secret (s2-lite takes any word), and would be found in any text. */
const MIN_TOKEN_LENGTH = 8;

/** The same text without the access token, should a server or a `fetch` have echoed it. */
export function redactText(text: string, { authorization }: AttemptOptions): string {
  const token = authorization.replace(/^\w+ +/, "");
  return token.length < MIN_TOKEN_LENGTH ? text : text.replaceAll(token, REDACTED);
}

/** The same error, unless its message holds the access token; what was thrown stays as the cause. */
export function redactError(error: S2Error, options: AttemptOptions): S2Error {
  const message = redactText(error.message, options);
  if (message === error.message) return error;
  const { code, status, data, origin, cause, sideEffect, retryable, retryAfterMillis } = error;
  return new S2Error({ message, code, status, data, origin, cause, sideEffect, retryable, retryAfterMillis });
}

/** The body of an answer, of which errors are made when it is not a success. */
export function redactBody(status: number, body: Uint8Array, options: AttemptOptions): Uint8Array {
  if (status < 400 || body.byteLength === 0) return body;
  const text = new TextDecoder().decode(body);
  const redacted = redactText(text, options);
  return redacted === text ? body : new TextEncoder().encode(redacted);
}
