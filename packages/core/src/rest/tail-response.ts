import { positionFromJson } from "../codec/json.js";
import type { TailResponse } from "../model/records-on-wire.js";
import type { WireResponse } from "../transport/index.js";
import { assertSuccess, jsonBody, withoutSideEffect } from "./answer.js";

/** The tail in the JSON answer to a tail check. Throws the answer's `S2Error`, `PROTOCOL_ERROR` or `UNSAFE_INTEGER`. */
export function decodeTailResponse(response: WireResponse): TailResponse {
  assertSuccess(response);
  try {
    return tailResponse(jsonBody("check_tail", response) as TailResponse);
  } catch (thrown) {
    throw withoutSideEffect(thrown);
  }
}

export function tailResponse(body: TailResponse): TailResponse {
  return { ...body, tail: positionFromJson(body.tail, "tail", "error") };
}
