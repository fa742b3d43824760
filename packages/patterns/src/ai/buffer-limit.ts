import { S2Error } from "@s2-dev/streamstore-core";

/** More waits than may. */
export function bufferLimit(whom: string, maxBufferBytes: number): S2Error {
  return new S2Error({
    message: `More than ${maxBufferBytes} bytes of the answer wait for ${whom}`,
    code: "BUFFER_LIMIT",
    sideEffect: "possible",
    retryable: false,
  });
}
