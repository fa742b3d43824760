import { faultOf } from "../codec/ack-fault.js";
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

/**
 * The ack in the protobuf answer to an append of so many records. Throws as `decodeAppendResponse`, and `PROTOCOL_ERROR`
 * for what cannot be the ack of such a batch.
 */
export function decodeAckOf(response: WireResponse, numRecords: number): AppendAck {
  const ack = decodeAppendResponse(response);
  const fault = faultOf(ack, numRecords);
  if (fault !== undefined) throw fault;
  return ack;
}
