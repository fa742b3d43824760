import { decodeAppendAck } from "../codec/append-ack.js";
import { errorFromResponse } from "../codec/error-body.js";
import { protocolError } from "../codec/protocol-error.js";
import { decodeReadBatch } from "../codec/read-batch-decode.js";
import type { AppendAck } from "../model/position.js";
import type { ReadBatch, ReadFormat, RecordFormat } from "../model/record.js";
import type { WireResponse } from "../transport/index.js";

/** The ack in the protobuf answer to an append. Throws the answer's `S2Error`, or `PROTOCOL_ERROR`. */
export function decodeAppendResponse(response: WireResponse): AppendAck {
  return decodeAppendAck(protobufOf(response, "an append"));
}

/** The records in the protobuf answer to a read. Throws the answer's `S2Error`, `PROTOCOL_ERROR` or `UNSAFE_INTEGER`. */
export function decodeReadResponse<F extends RecordFormat>(
  response: WireResponse,
  format: ReadFormat<F>,
): ReadBatch<F> {
  const batch = decodeReadBatch(protobufOf(response, "a read"), format);
  if (batch.failure !== undefined) throw batch.failure;
  return batch.tail === undefined ? { records: batch.records } : { records: batch.records, tail: batch.tail };
}

function protobufOf(response: WireResponse, what: string): Uint8Array {
  const { status, headers, body } = response;
  if (status < 200 || status >= 300) throw errorFromResponse(status, body, headers);
  const type = headers["content-type"] ?? "";
  if (status !== 200 || !/^application\/(x-)?protobuf\b/i.test(type)) {
    throw protocolError(
      `The answer to ${what} is not protobuf: status ${status}, content type "${type.slice(0, 60)}"`,
    );
  }
  return body;
}
