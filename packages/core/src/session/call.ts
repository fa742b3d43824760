import { abortedError, s2ErrorFromUnknown } from "../error/make.js";
import { amendError, S2Error } from "../error/s2-error.js";
import { RetryBudget } from "../retry/budget.js";
import type { WireRequest, WireResponse } from "../transport/index.js";
import { createDeferred } from "../util/deferred.js";
import { onAbort } from "../util/signal.js";
import { refusesToken, type SessionContext, sizeAllowance } from "./context.js";

/** A unary call: the same request for every attempt. */
export interface CallSpec<T> {
  readonly request: WireRequest;
  /** Turns an answer into a result; throws `S2Error` for an answer that is a failure. May load what it takes. */
  readonly decode: (response: WireResponse) => T | Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds an attempt may take longer than usual, as a long poll does. */
  readonly extraMillis?: number;
  /** Whether a second attempt is allowed after this error, as far as side effects go. Default: always. */
  readonly repeatable?: (error: S2Error) => boolean;
  /**
   * Judges a failure that itself proves no effect when an earlier attempt may have had one: a result (a delete that
   * finds nothing to delete), or a throw. Default: the failure, with `sideEffect: "possible"`.
   */
  readonly settleUncertain?: (error: S2Error) => T;
  /** Milliseconds for all attempts together. */
  readonly deadlineMillis?: number | undefined;
}

/** Makes a unary call: attempts with a deadline each, until one answers or the retry budget ends. */
export function call<T>(context: SessionContext, spec: CallSpec<T>): Promise<T> {
  const { observer } = context;
  if (observer === undefined) return makeCall(context, spec);
  return observer.call(context, spec.request, (observed) => makeCall(observed, spec));
}

async function makeCall<T>(context: SessionContext, spec: CallSpec<T>): Promise<T> {
  const { clock, credentials } = context;
  const budget = new RetryBudget(context.retry, "call", clock, context.random);
  const endsAt = clock.now() + (spec.deadlineMillis ?? Number.POSITIVE_INFINITY);
  const used = { authorization: "" };
  let renewed = false;
  let mayHaveLanded = false;
  for (let attempt = 1; ; attempt += 1) {
    if (spec.signal?.aborted) {
      const aborted = abortedError(spec.signal.reason, mayHaveLanded ? "possible" : "none");
      throw amendError(aborted, { attempts: attempt - 1 });
    }
    budget.attemptStarted();
    let error: S2Error;
    try {
      return await attemptOnce(context, spec, attempt, endsAt, used);
    } catch (thrown) {
      error = s2ErrorFromUnknown(thrown);
    }
    if (!renewed && refusesToken(error.code, error.status) && credentials.renew(used.authorization)) {
      renewed = true;
      continue;
    }
    const delay =
      error.code === "ABORTED"
        ? undefined
        : budget.delayAfter(error, spec.repeatable?.(error) ?? true, endsAt);
    if (delay === undefined || clock.now() + delay >= endsAt) {
      if (!mayHaveLanded || error.sideEffect === "possible") throw amendError(error, { attempts: attempt });
      const uncertain = amendError(error, { attempts: attempt, sideEffect: "possible" });
      if (spec.settleUncertain === undefined) throw uncertain;
      return spec.settleUncertain(uncertain);
    }
    mayHaveLanded ||= error.sideEffect === "possible";
    await sleep(context, delay, spec.signal, (reason) =>
      amendError(abortedError(reason, mayHaveLanded ? "possible" : "none"), { attempts: attempt }),
    );
  }
}

async function attemptOnce<T>(
  context: SessionContext,
  spec: CallSpec<T>,
  attempt: number,
  endsAt: number,
  used: { authorization: string },
): Promise<T> {
  const { clock, credentials, retry, transport } = context;
  const controller = new AbortController();
  const aborted = createDeferred<never>();
  let sent = false;
  const end = (error: S2Error): void => {
    aborted.reject(error);
    controller.abort(error);
  };
  const removeListener = onAbort(spec.signal, (reason) =>
    end(abortedError(reason, sent ? "possible" : "none")),
  );
  const usual =
    retry.requestTimeoutMillis + (spec.extraMillis ?? 0) + sizeAllowance(spec.request.body?.length ?? 0);
  const timeout = Math.min(usual, endsAt - clock.now());
  // A blocked event loop fires late: one turn of I/O lets an answer that is already here win.
  const judge = (): void => {
    cancelTimer = clock.timer(0, () => end(timeoutError(timeout, sent)), true);
  };
  let cancelTimer = clock.timer(timeout, judge, true);
  const exchange = async (): Promise<WireResponse> => {
    const authorization = await credentials.authorization();
    used.authorization = authorization;
    if (controller.signal.aborted) throw controller.signal.reason;
    sent = true;
    return transport.exchange(spec.request, { attempt, authorization, signal: controller.signal });
  };
  try {
    return await spec.decode(await Promise.race([exchange(), aborted.promise]));
  } finally {
    cancelTimer();
    removeListener();
  }
}

function timeoutError(timeout: number, sent: boolean): S2Error {
  return new S2Error({
    message: `No complete answer within ${Math.round(timeout)} ms`,
    code: "REQUEST_TIMEOUT",
    sideEffect: sent ? "possible" : "none",
  });
}

/** Waits out a delay; rejects at once when the signal is aborted. */
function sleep(
  context: SessionContext,
  ms: number,
  signal: AbortSignal | undefined,
  abortedWith: (reason: unknown) => S2Error,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelTimer = context.clock.timer(
      ms,
      () => {
        removeListener();
        resolve();
      },
      true,
    );
    const removeListener = onAbort(signal, (reason) => {
      cancelTimer();
      reject(abortedWith(reason));
    });
  });
}
