import { factsOfCode, isServerCode } from "../error/codes.js";
import type { S2Error } from "../error/s2-error.js";
import { dataOf, errorFromFailure } from "./error-body.js";
import { isJsonObject } from "./json.js";

/**
 * The error in the data of an SSE `error` event. No status comes with it, so its code or its shape tells which one it
 * would have had; without either it is not retried.
 */
export function errorFromSseEvent(text: string): S2Error {
  const data = dataOf(text);
  return errorFromFailure({ status: impliedStatus(data), data, retryAfterMillis: undefined });
}

function impliedStatus(data: unknown): number {
  if (!isJsonObject(data)) return 0;
  const known = isServerCode(data.code) ? factsOfCode(data.code) : undefined;
  return known?.status ?? ("tail" in data ? 416 : 0);
}
