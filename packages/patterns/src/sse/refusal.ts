import { RangeNotSatisfiableError, type S2Error } from "@s2-dev/streamstore-core";
import { ReplayGapError } from "../reading/replay-gap.js";

/** What a reader is told instead of events: nothing of it comes from behind the server but what concerns the reader. */
export interface Refusal {
  readonly status: number;
  readonly body: { readonly code: string; readonly message: string } & Record<string, unknown>;
}

const GONE = new Set([
  "stream_not_found",
  "basin_not_found",
  "stream_deletion_pending",
  "basin_deletion_pending",
]);
const BAD_POSITIONS = new Set(["INVALID_ARGUMENT", "CURSOR_MISMATCH"]);

/** What to answer for an error; `undefined` when the reader should simply come back. */
export function refusalOf(error: S2Error): Refusal | undefined {
  const { code = "" } = error;
  if (GONE.has(code)) return refusal(404, code, "There is no such stream.");
  if (error instanceof RangeNotSatisfiableError) {
    return refusal(416, code, "The stream has no such position.", { tail: error.tail });
  }
  if (error instanceof ReplayGapError) {
    const { expected, found } = error;
    return refusal(410, code, "Records were removed before they were read.", { expected, found });
  }
  // A handle that was closed belongs to a server that shuts down.
  if (error.retryable || code === "SESSION_CLOSED") return undefined;
  // Whatever else is wrong is between this server and the service; the reader can do nothing about it.
  return refusal(502, "unavailable", "The stream cannot be read.");
}

/** What to answer for a position that the reader sent; `undefined` when that is not what is wrong. */
export function badPositionOf(error: S2Error): Refusal | undefined {
  const { code = "" } = error;
  return BAD_POSITIONS.has(code) ? refusal(400, code, "The position is not one of this stream.") : undefined;
}

function refusal(status: number, code: string, message: string, more: object = {}): Refusal {
  return { status, body: { code, message, ...more } };
}
