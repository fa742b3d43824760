import { decodeAppendAck } from "../codec/append-ack.js";
import { positionFromJson } from "../codec/json.js";
import { protocolError } from "../codec/protocol-error.js";
import type { AppendAck } from "../model/position.js";
import type { TailResponse } from "../model/records-on-wire.js";
import type { WireResponse } from "../transport/index.js";
import { assertSuccess, jsonBody, withoutSideEffect } from "./answer.js";

/** The ack in the protobuf answer to an append. Throws the answer's `S2Error`, or `PROTOCOL_ERROR`. */
export function decodeAppendResponse(response: WireResponse): AppendAck {
  assertSuccess(response);
  return decodeAppendAck(protobufOf(response, "an append"));
}

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

/** The body, if it is protobuf. JSON will not do: without `s2-format` its records are text, in which bytes are lost. */
export function protobufOf({ status, headers, body }: WireResponse, what: string): Uint8Array {
  const type = headers["content-type"] ?? "";
  if (status !== 200 || !/^application\/(x-)?protobuf\b/i.test(type)) {
    throw protocolError(
      `The answer to ${what} is not protobuf: status ${status}, content type "${type.slice(0, 60)}"`,
    );
  }
  return body;
}
