import { decodeAppendAck } from "../codec/append-ack.js";
import { errorFromResponse } from "../codec/append-error-body.js";
import type { AppendAck } from "../model/position.js";
import type { WireResponse } from "../transport/index.js";
import { assertSuccess } from "./answer.js";
import { protobufOf } from "./protobuf-answer.js";

/** The ack in the protobuf answer to an append. Throws the answer's `S2Error`, or `PROTOCOL_ERROR`. */
export function decodeAppendResponse(response: WireResponse): AppendAck {
  assertSuccess(response, errorFromResponse);
  return decodeAppendAck(protobufOf(response, "an append"));
}
