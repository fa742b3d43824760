import { protocolError } from "../codec/protocol-error.js";
import type { WireResponse } from "../transport/index.js";

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
