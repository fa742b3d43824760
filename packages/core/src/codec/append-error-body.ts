import { FencingTokenMismatchError, SeqNumMismatchError } from "../error/append-errors.js";
import { S2Error } from "../error/s2-error.js";
import { commonInit, errorFromFailure, failureFrom, type ServerFailure } from "./error-body.js";
import { isJsonObject } from "./json.js";
import { protocolError } from "./protocol-error.js";

/**
 * The error in an answer whose status is not a success, conditions of appends included. The status decides; the body may
 * be JSON, text, HTML, cut short or empty. `headers` have lower-case names.
 * @see https://s2.dev/docs/api/error-codes
 */
export function errorFromResponse(
  status: number,
  body: Uint8Array,
  headers?: Readonly<Record<string, string>>,
): S2Error {
  return errorFromFailed(failureFrom(status, body, headers));
}

/** The error in the payload of a terminal frame: two bytes of status, then what the body of a response would be. */
export function errorFromTerminalFrame(payload: Uint8Array): S2Error {
  if (payload.length < 2) return protocolError("A session was ended by a frame without a status");
  const status = ((payload[0] as number) << 8) | (payload[1] as number);
  return errorFromFailed(failureFrom(status, payload.subarray(2)));
}

function errorFromFailed(failure: ServerFailure): S2Error {
  return (failure.status === 412 ? conditionError(failure) : undefined) ?? errorFromFailure(failure);
}

function conditionError(failure: ServerFailure): S2Error | undefined {
  const { data } = failure;
  if (!isJsonObject(data)) return undefined;
  const init = commonInit(failure);
  const { seq_num_mismatch: seqNum, fencing_token_mismatch: token } = data;
  if (typeof token === "string")
    return new FencingTokenMismatchError({ ...init, expectedFencingToken: token });
  if (typeof seqNum === "number" && Number.isSafeInteger(seqNum) && seqNum >= 0) {
    return new SeqNumMismatchError({ ...init, expectedSeqNum: seqNum });
  }
  if (typeof seqNum !== "bigint") return undefined;
  // No number can name it, so no `SeqNumMismatchError` can.
  return new S2Error({
    ...init,
    code: "APPEND_CONDITION_FAILED",
    message: `The append's match_seq_num is not the stream's next sequence number, which is ${seqNum}`,
  });
}
