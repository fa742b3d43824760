import { AppendRecord, abortedError, S2Error } from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { checkHas } from "../options/check-values.js";
import { randomId } from "../random/random-id.js";
import {
  type FencedStream,
  mismatchIn,
  probeFencingToken,
  readFencingToken,
  unlessRefused,
} from "./fencing-token.js";
import { HeldLease, type Lease } from "./lease.js";
import { LeaseHeldError } from "./lease-errors.js";
import { type LeaseOptions, type LeaseSettings, resolveLeaseSettings } from "./lease-options.js";
import { formatLeaseToken, NONCE_LENGTH, parseLeaseToken } from "./lease-token.js";

/**
 * Acquires the lease of a stream: its fencing token says who may append until when, and every append that carries it is
 * refused by the service once another one is set. Of several who try at a time exactly one succeeds, since each demands
 * the token that it has seen. The lease renews itself until it is released or lost.
 *
 * Needs the rights to append and to fence. Reads if it may: without the rights to read and to check the tail it finds out
 * by appends that fail. Appends that carry no fencing token are not held back by any lease.
 *
 * @throws LeaseHeldError when somebody else holds it, unless `wait` is set.
 * @throws S2Error `ABORTED` when `signal` is aborted first, `INVALID_ARGUMENT` for options out of range.
 *
 * @example
 * await using lease = await acquireLease(stream, { owner: "worker-1" });
 * await lease.append({ body: "only one of us writes" });
 */
export function acquireLease(stream: FencedStream, options: LeaseOptions = {}): Promise<Lease> {
  return acquireHeldLease(stream, options);
}

/** The same, with what only appends beside it need. */
export async function acquireHeldLease(stream: FencedStream, options: LeaseOptions = {}): Promise<HeldLease> {
  const settings = resolveLeaseSettings(options);
  checkHas(stream, "append", "stream");
  const { clock, signal, ttlMillis, owner } = settings;
  const nonce = randomId(NONCE_LENGTH);
  for (let seen = await lookAt(stream, settings); ; ) {
    if (signal?.aborted) throw abortedError(signal.reason);
    // A token that is not known is tried as the empty one: that succeeds, or tells.
    if (isFree(seen ?? "", settings)) {
      const expiresAt = clock.now() + ttlMillis;
      const token = formatLeaseToken({ expiresAt, nonce, owner });
      const found = await replaceToken(stream, seen ?? "", token, signal);
      if (found === token) return new HeldLease(stream, settings, { token, expiresAt, nonce });
      seen = found;
      continue;
    }
    if (!settings.wait) throw new LeaseHeldError(seen ?? "");
    await untilNextLook(seen ?? "", settings);
    seen = await lookAt(stream, settings);
  }
}

/** The token as far as it can be read. A stream that is not there may be created by the append that follows. */
function lookAt(stream: FencedStream, settings: LeaseSettings): Promise<string | undefined> {
  return unlessRefused(readFencingToken(stream, settings), ["permission_denied", "stream_not_found"]);
}

/** Whether the lease may be taken: nobody holds it, going by this clock, or it is to be taken over. */
function isFree(token: string, { clock, clockSkewMillis, takeOver }: LeaseSettings): boolean {
  if (token === "") return true;
  const holder = parseLeaseToken(token);
  return holder !== undefined && (takeOver || clock.now() >= holder.expiresAt + clockSkewMillis);
}

/**
 * Sets the token if it is still the expected one, and gives what it is afterwards. Where the outcome is not known the
 * service is asked for it: no two acquisitions have the same token.
 */
async function replaceToken(
  stream: FencedStream,
  expected: string,
  token: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    await stream.append(AppendRecord.fence(token), { fencing_token: expected }, { signal });
    return token;
  } catch (error) {
    const mismatch = mismatchIn(error);
    if (mismatch !== undefined) return mismatch.expectedFencingToken;
    if (!(error instanceof S2Error) || error.sideEffect === "none" || signal?.aborted) throw error;
    const found = await probeFencingToken(stream, signal);
    if (found === token) return token;
    throw error;
  }
}

/** Until the lease runs out, or may have been released. */
function untilNextLook(
  token: string,
  { clock, clockSkewMillis, pollMillis, signal }: LeaseSettings,
): Promise<void> {
  const holder = parseLeaseToken(token);
  const left = holder === undefined ? pollMillis : holder.expiresAt + clockSkewMillis - clock.now();
  return new Promise((resolve, reject) => {
    let removeListener = (): void => {};
    const cancel = clock.timer(
      Math.max(1, Math.min(left, pollMillis)),
      () => {
        removeListener();
        resolve();
      },
      true,
    );
    removeListener = onAbort(signal, (reason) => {
      cancel();
      reject(abortedError(reason));
    });
  });
}
