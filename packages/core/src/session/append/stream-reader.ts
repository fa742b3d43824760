import { decodeReadResponse } from "../../rest/read-response.js";
import {
  checkTailRequest,
  readRequest,
  type StreamTarget,
  withProtobuf,
} from "../../rest/record-requests.js";
import { decodeTailResponse } from "../../rest/tail-response.js";
import { call } from "../call.js";
import type { SessionContext } from "../context.js";
import type { StreamReader } from "./exactly-once.js";

/**
 * How exactly-once mode looks at a stream. One attempt a look: whether and when to look again is the session's decision,
 * with its own budget.
 */
export function createStreamReader(session: SessionContext, target: StreamTarget): StreamReader {
  const context = { ...session, retry: { ...session.retry, maxAttempts: 1 } };
  return {
    async checkTail(signal) {
      const { tail } = await call(context, {
        request: checkTailRequest(target),
        decode: decodeTailResponse,
        signal,
      });
      return tail;
    },
    read: (seq_num, count, signal) =>
      call(context, {
        request: withProtobuf(readRequest(target, { seq_num, count })),
        decode: (response) =>
          decodeReadResponse<"bytes">(response, { as: "bytes", unsafeTimestamps: "saturate" }),
        signal,
      }),
  };
}
