import { isS2Error, RangeNotSatisfiableError } from "../../error/s2-error.js";
import { readRequest } from "../../rest/read-request.js";
import { decodeReadResponse } from "../../rest/read-response.js";
import { checkTailRequest, type StreamTarget, withProtobuf } from "../../rest/record-requests.js";
import { decodeTailResponse } from "../../rest/tail-response.js";
import { call } from "../call.js";
import type { SessionContext } from "../context.js";
import type { StreamReader } from "./exactly-once.js";

/** A stream that is not there is one without records: whether an append makes it is the service's to say. */
const NOTHING = { seq_num: 0, timestamp: 0 };

/**
 * How exactly-once mode looks at a stream. One attempt a look: whether and when to look again is the session's decision,
 * with its own budget.
 */
export function createStreamReader(session: SessionContext, target: StreamTarget): StreamReader {
  const context = { ...session, retry: { ...session.retry, maxAttempts: 1 } };
  return {
    async checkTail(signal) {
      try {
        const { tail } = await call(context, {
          request: checkTailRequest(target),
          decode: decodeTailResponse,
          signal,
        });
        return tail;
      } catch (thrown) {
        if (isAbsence(thrown)) return NOTHING;
        throw thrown;
      }
    },
    async read(seq_num, count, signal) {
      try {
        return await call(context, {
          request: withProtobuf(readRequest(target, { seq_num, count })),
          decode: (response) =>
            decodeReadResponse<"bytes">(response, { as: "bytes", unsafeTimestamps: "saturate" }),
          signal,
        });
      } catch (thrown) {
        throw isAbsence(thrown) ? new RangeNotSatisfiableError({ tail: NOTHING }) : thrown;
      }
    },
  };
}

function isAbsence(thrown: unknown): boolean {
  return isS2Error(thrown) && thrown.code === "stream_not_found";
}
