import { RangeNotSatisfiableError, type S2Stream } from "@s2-dev/streamstore";
import type { Start } from "../logic/address.js";
import type { RecordSource } from "../logic/tail-reader.js";

/** Records before the tail that a live view begins with. */
const BEFORE_TAIL = 200;
const FORM = { as: "bytes", unsafeTimestamps: "saturate", clamp: true } as const;

/** The records of a stream, as bytes: command records would lose their trim points as text. */
export function createRecordSource(stream: S2Stream): RecordSource {
  return {
    async open(start) {
      const controller = new AbortController();
      const session = await stream.readSession(
        { ...FORM, ...startArgs(start) },
        { signal: controller.signal, retry: { maxAttempts: "unlimited" } },
      );
      const batches = session.batches({ heartbeats: true });
      return {
        async next() {
          const { done, value } = await batches.next();
          return done === true ? null : value;
        },
        close: () => controller.abort(),
      };
    },
    async read(seqNum, count) {
      try {
        return (await stream.read({ ...FORM, seq_num: seqNum, count })).records;
      } catch (error) {
        // Nothing is left there: it was trimmed up to the tail.
        if (error instanceof RangeNotSatisfiableError) return [];
        throw error;
      }
    },
  };
}

function startArgs(start: Start) {
  if (start.kind === "seq") return { seq_num: start.seq };
  return start.kind === "time" ? { timestamp: start.time } : { tail_offset: BEFORE_TAIL };
}
