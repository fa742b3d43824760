/**
 * A lease on a stream, built on its fencing token.
 * @packageDocumentation
 */
export { acquireLease } from "./acquire-lease.js";
export {
  currentFencingToken,
  type FencedStream,
  type FencingTokenOptions,
  readFencingToken,
} from "./fencing-token.js";
export type { Lease } from "./lease.js";
export { LeaseHeldError, LeaseLostError } from "./lease-errors.js";
export type { LeaseOptions } from "./lease-options.js";
export { formatLeaseToken, type LeaseToken, MAX_OWNER_BYTES, parseLeaseToken } from "./lease-token.js";
