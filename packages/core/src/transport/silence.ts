import { S2Error } from "../error/s2-error.js";

/**
 * Whether something was given up because its peer had been silent for too long (`REQUEST_TIMEOUT`, `HEARTBEAT_TIMEOUT`),
 * and not by its caller. A peer that is gone without a word would silence each further attempt on its connections, too.
 */
export function isSilence(reason: unknown): boolean {
  return (
    reason instanceof S2Error && (reason.code === "REQUEST_TIMEOUT" || reason.code === "HEARTBEAT_TIMEOUT")
  );
}
