/**
 * Follows one stream, and nothing else: for pages that only read. It has a reader of its own, made of the client's parts
 * where they are small, so that it is the smallest way to load S2 into a browser. It uses the runtime's own `fetch`.
 * @packageDocumentation
 */
import type { ReadArgs, RetryConfig, TailResponse } from "@s2-dev/streamstore-core";
import {
  abortedError,
  checkBasinName,
  checkObject,
  checkStreamName,
  checkTailRequest,
  DEFAULT_BASIN,
  invalidArgument,
  parseJson,
  protocolError,
  RetryBudget,
  resolveRetrySettings,
  S2Error,
  type StreamTarget,
  sessionClosedError,
  show,
  tailResponse,
  templateOf,
} from "@s2-dev/streamstore-core/client";
import { ReadCursor, readFormat, readQuery, readRequest, readSkips } from "@s2-dev/streamstore-core/reading";
import {
  DEFAULT_USER_AGENT,
  type FetchLike,
  fetchFields,
  isBrowser,
} from "@s2-dev/streamstore-transport-fetch/parts";
import { Attempts, type FollowerContext, textOf } from "./follower/attempts.js";
import { PulledSession } from "./follower/session.js";
import type { FollowerSession } from "./follower/types.js";

export {
  isS2Error,
  RangeNotSatisfiableError,
  type ReadArgs,
  type ReadBatch,
  type ReadFormat,
  type ReadRecord,
  type RecordFormat,
  type RetryConfig,
  S2Error,
  type StreamPosition,
  type TailResponse,
} from "@s2-dev/streamstore-core";
export type { FetchLike } from "@s2-dev/streamstore-transport-fetch/parts";
export type { FollowerSession } from "./follower/types.js";

/** The stream to follow, and how to get at it. */
export interface FollowerOptions {
  /**
   * An access token that may read the stream, or a function that gives one: it is called before each attempt, and once
   * more when the service refuses the token.
   */
  readonly accessToken: string | (() => string | Promise<string>);
  /** Name of the basin: 8 to 48 bytes of lower-case letters, digits and hyphens. */
  readonly basin: string;
  /** Name of the stream: 1 to 512 bytes of UTF-8. */
  readonly stream: string;
  /** The basin endpoint: a host, host:port or URL, with `{basin}` for the name. Default `https://{basin}.b.s2.dev/v1`. */
  readonly endpoint?: string | undefined;
  /** How it retries, and the deadline of an attempt in milliseconds (5000 by default). Reads change nothing, so all may. */
  readonly retry?: RetryConfig | undefined;
  /** A `fetch` of your own. Default: the runtime's. */
  readonly fetch?: FetchLike | undefined;
}

/** What ends a request or a session from outside: rejects with code `ABORTED`. */
export interface FollowerRequestOptions {
  /** Ends the call or the session; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** A handle of one stream that can only be read. */
export interface Follower extends AsyncDisposable {
  /**
   * Reads from a position on and follows the stream live, across broken connections; with `count`, `bytes`, `until` or
   * `wait` it ends there. Resolves when the session is open, and for a start relative to the tail or to a time when its
   * first frame has come, waited for at most a second.
   * @throws S2Error `INVALID_ARGUMENT` before anything is sent; what the service refuses, such as `stream_not_found`;
   * `ABORTED`; `SESSION_CLOSED`.
   * @throws RangeNotSatisfiableError with the tail, for a start beyond it.
   */
  readSession<F extends "string" | "bytes" = "string">(
    args?: Omit<ReadArgs<F>, "streamConfig">,
    options?: FollowerRequestOptions,
  ): Promise<FollowerSession<F>>;
  /**
   * The stream's tail: the sequence number of the next record, and the timestamp of the last in milliseconds since the
   * epoch.
   * @throws S2Error what the service refuses; `ABORTED`; `SESSION_CLOSED`.
   */
  checkTail(options?: FollowerRequestOptions): Promise<TailResponse>;
  /** Ends the open sessions. Later calls reject with code `SESSION_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Creates a follower of one stream; touches no network.
 * @throws S2Error `INVALID_ARGUMENT` naming the option that is wrong.
 */
export function createFollower(options: FollowerOptions): Follower {
  checkObject(options, "options");
  const { accessToken, basin, stream, endpoint, retry } = options;
  checkBasinName(basin);
  checkStreamName(stream);
  const context: FollowerContext = {
    retry: resolveRetrySettings(retry),
    fetch: fetchOf(options.fetch),
    init: fetchFields(options.fetch !== undefined),
    headers: isBrowser() ? {} : { "user-agent": DEFAULT_USER_AGENT },
    ...credentialsOf(accessToken),
  };
  const target: StreamTarget = {
    basin,
    stream,
    endpoints: {
      accountBaseUrl: "",
      basinBaseUrl: templateOf(endpoint ?? DEFAULT_BASIN, "endpoint"),
      sendBasinHeader: endpoint !== undefined,
    },
  };
  const open = new Set<(error: S2Error) => void>();
  let isClosed = false;

  function begin(kind: "call" | "session", signal: AbortSignal | undefined): Attempts {
    if (isClosed) throw closedError();
    if (signal?.aborted) throw abortedError(signal.reason);
    return new Attempts(context, new RetryBudget(context.retry, kind, performance, Math.random));
  }

  /** Lets the signal and `close()` stop an operation, until what is returned is called. */
  function track(signal: AbortSignal | undefined, stop: (error: S2Error) => void): () => void {
    const abort = (): void => stop(abortedError(signal?.reason));
    signal?.addEventListener("abort", abort);
    open.add(stop);
    return () => {
      signal?.removeEventListener("abort", abort);
      open.delete(stop);
    };
  }

  const close = async (): Promise<void> => {
    isClosed = true;
    for (const stop of [...open]) stop(closedError());
  };
  return {
    async readSession<F extends "string" | "bytes" = "string">(
      args: Omit<ReadArgs<F>, "streamConfig"> = {},
      options?: FollowerRequestOptions,
    ) {
      const signal = signalOf(options);
      const attempts = begin("session", signal);
      let untrack = (): void => {};
      const session = new PulledSession<F>({
        attempts,
        cursor: new ReadCursor(readQuery(args)),
        format: readFormat<F>(args),
        skips: readSkips(args),
        request: (range) => readRequest(target, range),
        onEnded: () => untrack(),
      });
      untrack = track(signal, (error) => session.stop(error));
      return session.open();
    },
    async checkTail(options) {
      const signal = signalOf(options);
      const attempts = begin("call", signal);
      const untrack = track(signal, (error) => attempts.stop(error));
      try {
        for (;;) {
          try {
            return await attempts.make(checkTailRequest(target), {}, decodeTail);
          } catch (thrown) {
            await attempts.recover(thrown);
          }
        }
      } finally {
        untrack();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** By its shape: signals come from other realms, too. */
function signalOf(options: FollowerRequestOptions = {}): AbortSignal | undefined {
  checkObject(options, "options");
  const { signal } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function")
    throw invalidArgument(`signal must be an AbortSignal, not ${show(signal)}`);
  return signal;
}

const closedError = (): S2Error => sessionClosedError("The follower");

async function decodeTail(response: Response, signal: AbortSignal): Promise<TailResponse> {
  const text = await textOf(response, signal);
  try {
    return tailResponse(parseJson(text) as TailResponse);
  } catch (thrown) {
    if (thrown instanceof S2Error) throw thrown;
    throw protocolError("check_tail was answered with something that is not JSON", thrown);
  }
}

/**
 * The global one is looked up at each call, since tests and monitors replace it, and called without a `this`, which
 * browsers demand.
 */
function fetchOf(own: FetchLike | undefined): FetchLike {
  if (own !== undefined && typeof own !== "function")
    throw invalidArgument(`fetch must be a function, not ${show(own)}`);
  return async (url, init) => (own ?? globalThis.fetch)(url, init);
}

function credentialsOf(
  accessToken: FollowerOptions["accessToken"],
): Pick<FollowerContext, "authorization" | "renewsToken"> {
  const renewsToken = typeof accessToken === "function";
  if (!renewsToken) checked(accessToken);
  return {
    authorization: async () => `Bearer ${checked(renewsToken ? await accessToken() : accessToken)}`,
    renewsToken,
  };
}

/** What cannot stand in a header would fail later, with the token in the runtime's message. */
function checked(token: unknown): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  const got = typeof token === "string" ? "other characters" : show(token);
  throw invalidArgument(`accessToken must be text of visible ASCII characters; got ${got}`);
}
