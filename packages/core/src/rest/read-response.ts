import { decodeReadBatch } from "../codec/read-batch-decode.js";
import type { ReadBatch, ReadFormat, RecordFormat } from "../model/record.js";
import type { WireResponse } from "../transport/index.js";
import { assertSuccess, withoutSideEffect } from "./answer.js";
import { protobufOf } from "./protobuf-answer.js";

/** The records in the protobuf answer to a read. Throws the answer's `S2Error`, `PROTOCOL_ERROR` or `UNSAFE_INTEGER`. */
export function decodeReadResponse<F extends RecordFormat>(
  response: WireResponse,
  format: ReadFormat<F>,
): ReadBatch<F> {
  assertSuccess(response);
  try {
    const { records, tail, failure } = decodeReadBatch(protobufOf(response, "a read"), format);
    if (failure !== undefined) throw failure;
    return tail === undefined ? { records } : { records, tail };
  } catch (thrown) {
    throw withoutSideEffect(thrown);
  }
}
