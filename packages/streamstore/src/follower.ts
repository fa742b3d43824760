/**
 * Follows one stream, and nothing else: for pages that only read. Made of the same parts as the client, without those
 * that append or manage, it is the smallest way to load S2 into a browser. It uses the runtime's own `fetch`.
 * @packageDocumentation
 */
import type { ReadArgs, RetryConfig, TailResponse } from "@s2-dev/streamstore-core";
import {
  call,
  checkBasinName,
  checkStreamName,
  checkTailRequest,
  createSystemClock,
  DEFAULT_BASIN,
  decodeTailResponse,
  invalidArgument,
  type ReadSession,
  resolveRetrySettings,
  type SessionContext,
  type StreamTarget,
  show,
  templateOf,
} from "@s2-dev/streamstore-core/client";
import {
  openReadSession,
  readFormat,
  readQuery,
  readRequest,
  readSkips,
} from "@s2-dev/streamstore-core/reading";
import { createFetchReader, type FetchLike } from "@s2-dev/streamstore-transport-fetch/read";
import { SessionScope } from "./session-scope.js";

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
export type { ReadSession } from "@s2-dev/streamstore-core/client";
export type { FetchLike } from "@s2-dev/streamstore-transport-fetch/read";

/** The stream to follow, and how to get at it. */
export interface FollowerOptions {
  /**
   * An access token that may read the stream, or a function that gives one: it is called before each attempt, and once
   * more when the service refuses the token.
   */
  readonly accessToken: string | (() => string | Promise<string>);
  readonly basin: string;
  readonly stream: string;
  /** The basin endpoint: a host, host:port or URL, with `{basin}` for the name. Default `https://{basin}.b.s2.dev/v1`. */
  readonly endpoint?: string | undefined;
  readonly retry?: RetryConfig | undefined;
  /** A `fetch` of your own. Default: the runtime's. */
  readonly fetch?: FetchLike | undefined;
}

/** What ends a request or a session from outside: rejects with code `ABORTED`. */
export interface FollowerRequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A handle of one stream that can only be read. */
export interface Follower extends AsyncDisposable {
  /**
   * Reads from a position on and follows the stream live, across broken connections; with `count`, `bytes`, `until` or
   * `wait` it ends there. Resolves when the session is open; a stream that does not exist or a start beyond the tail
   * rejects.
   */
  readSession<F extends "string" | "bytes" = "string">(
    args?: Omit<ReadArgs<F>, "streamConfig">,
    options?: FollowerRequestOptions,
  ): Promise<ReadSession<F>>;
  /** The stream's tail: the sequence number of the next record, and the timestamp of the last. */
  checkTail(options?: FollowerRequestOptions): Promise<TailResponse>;
  /** Ends the open sessions. Later calls reject with code `SESSION_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Creates a follower of one stream; touches no network.
 * @throws S2Error `INVALID_ARGUMENT` naming the option that is wrong.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { accessToken, basin, stream, endpoint, retry, fetch } = options;
  checkBasinName(basin);
  checkStreamName(stream);
  const template = templateOf(endpoint ?? DEFAULT_BASIN, "endpoint");
  const target: StreamTarget = {
    basin,
    stream,
    endpoints: {
      accountBaseUrl: "",
      basinBaseUrl: template,
      sendBasinHeader: endpoint !== undefined,
    },
  };
  const transport = createFetchReader(fetch === undefined ? {} : { fetch });
  const context: SessionContext = {
    transport,
    clock: createSystemClock(),
    random: Math.random,
    retry: resolveRetrySettings(retry),
    credentials: credentialsOf(accessToken),
  };
  const scope = new SessionScope("The follower");
  const close = async (): Promise<void> => {
    await scope.close();
    await transport.close();
  };
  return {
    async readSession<F extends "string" | "bytes" = "string">(
      args: Omit<ReadArgs<F>, "streamConfig"> = {},
      { signal }: FollowerRequestOptions = {},
    ) {
      scope.checkOpen();
      return openReadSession<F>(context, {
        range: readQuery(args),
        format: readFormat<F>(args),
        skips: readSkips(args),
        request: (query) => readRequest(target, query),
        signal,
        track: (end) => scope.add(end),
      });
    },
    async checkTail({ signal } = {}) {
      scope.checkOpen();
      return call(context, { request: checkTailRequest(target), decode: decodeTailResponse, signal });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function credentialsOf(accessToken: FollowerOptions["accessToken"]): SessionContext["credentials"] {
  if (typeof accessToken === "function") {
    return {
      authorization: async () => `Bearer ${checked(await accessToken())}`,
      renew: () => true,
    };
  }
  const authorization = `Bearer ${checked(accessToken)}`;
  return { authorization: () => authorization, renew: () => false };
}

/** What cannot stand in a header would fail later, with the token in the runtime's message. */
function checked(token: unknown): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  const got = typeof token === "string" ? "other characters" : show(token);
  throw invalidArgument(`accessToken must be text of visible ASCII characters; got ${got}`);
}
