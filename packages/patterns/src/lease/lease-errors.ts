import { S2Error } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { type LeaseToken, parseLeaseToken } from "./lease-token.js";

/** Somebody else holds the lease, or has fenced the stream without one. Its code is `LEASE_HELD`. */
export class LeaseHeldError extends S2Error {
  /** The stream's fencing token. */
  readonly fencingToken: string;
  /** Who holds it until when; absent when the token is no lease's. */
  readonly holder?: LeaseToken;

  constructor(fencingToken: string) {
    const holder = parseLeaseToken(fencingToken);
    super({
      message: `The lease is held by ${holderText(fencingToken, holder)}`,
      code: "LEASE_HELD",
      status: 412,
      sideEffect: "none",
      retryable: false,
    });
    this.name = "LeaseHeldError";
    this.fencingToken = fencingToken;
    if (holder !== undefined) this.holder = holder;
  }
}

/**
 * A lease that was held is not any more. Its code is `LEASE_LOST`. Appends that carry its fencing token land only as long
 * as nobody has taken over.
 */
export class LeaseLostError extends S2Error {
  /** Why: somebody took over, it was not renewed in time, or its owner gave it back. */
  readonly reason: "taken" | "expired" | "released";
  /** Who has it now, when it was taken by another lease. */
  readonly holder?: LeaseToken;

  constructor(reason: LeaseLostError["reason"], details: { fencingToken?: string; cause?: unknown } = {}) {
    const { fencingToken, cause } = details;
    const holder = fencingToken === undefined ? undefined : parseLeaseToken(fencingToken);
    super({
      message: `The lease was ${reason}${fencingToken === undefined ? "" : ` by ${holderText(fencingToken, holder)}`}`,
      code: "LEASE_LOST",
      status: 412,
      cause,
      sideEffect: "none",
      retryable: false,
    });
    this.name = "LeaseLostError";
    this.reason = reason;
    if (holder !== undefined) this.holder = holder;
  }
}

function holderText(token: string, holder: LeaseToken | undefined): string {
  if (holder === undefined) return token === "" ? "nobody" : `the fencing token ${show(token)}`;
  return `${show(holder.owner)} until ${new Date(holder.expiresAt).toISOString()}`;
}
