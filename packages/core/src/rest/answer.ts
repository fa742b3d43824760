import { textOfBody } from "../codec/body-text.js";
import { CodecError } from "../codec/codec-error.js";
import { errorFromAnswer } from "../codec/error-body.js";
import { isJsonObject, parseJson } from "../codec/json.js";
import { protocolError } from "../codec/protocol-error.js";
import { amendError, S2Error } from "../error/s2-error.js";
import type { WireResponse } from "../transport/index.js";

/** Throws the error that an answer stands for, unless its status is a success. */
export function assertSuccess(
  response: WireResponse,
  errorFrom: typeof errorFromAnswer = errorFromAnswer,
): void {
  if (response.status >= 200 && response.status < 300) return;
  throw errorFrom(response.status, response.body, response.headers);
}

/** The JSON of an answer, a list or an object as is due. Throws `PROTOCOL_ERROR`. */
export function jsonBody(name: string, response: WireResponse, isList = false): unknown {
  const due = `${name} was answered with status ${response.status} and`;
  if (response.body.length === 0) throw protocolError(`${due} no body, where one is due`);
  let body: unknown;
  try {
    body = parseJson(textOfBody(response.body));
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    throw protocolError(`${due} a body that is not JSON`, thrown);
  }
  const isKind = isList ? Array.isArray(body) : isJsonObject(body);
  if (!isKind) throw protocolError(`${due} JSON of another kind`);
  return body;
}

/** An answer that makes no sense has changed nothing if the request could not. */
export function withoutSideEffect(thrown: unknown): unknown {
  return thrown instanceof S2Error ? amendError(thrown, { sideEffect: "none" }) : thrown;
}
