import {
  amendError,
  type CallSpec,
  type Credentials,
  call,
  type Endpoints,
  invalidArgument,
  isS2Error,
  type RetrySettings,
  refused,
  resolveEndpoints,
  resolveRetrySettings,
  type SessionContext,
  s2ErrorFromUnknown,
  sessionClosedError,
} from "@s2-dev/streamstore-core/client";
import type { ArgsOf, OperationName, ResultOf, TargetOf } from "@s2-dev/streamstore-core/operations";
import { createCredentials } from "./credentials.js";
import {
  type CreateOptions,
  checkClientOptions,
  type DeleteOptions,
  deadlineOf,
  type Runtime,
  type S2ClientOptions,
  type S2RequestOptions,
  type SessionTransports,
  signalOf,
  type TransportOptions,
} from "./options.js";
import type { Parts } from "./parts.js";
import { SessionScope } from "./session-scope.js";

/** A handle, as far as its calls are concerned: what closes with it, and where its requests go. */
export interface Place {
  readonly scope: SessionScope;
  readonly endpoints: Endpoints;
  readonly basin?: string;
  readonly forceTransport?: SessionTransports | undefined;
}

/** A handle of a basin, or of a stream in it. */
export interface BasinPlace extends Place {
  readonly basin: string;
}

/** A call, but for what its caller says of every call. */
type CallDescription<T> = Omit<CallSpec<T>, "signal" | "deadlineMillis">;

/** What all handles of one client share: endpoints, token, retry settings, transports, open sessions. */
export class ClientCore {
  /** Where account calls go. */
  readonly account: Place;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retry: RetrySettings;
  readonly parts: Parts;
  readonly checkNames: Runtime["checkNames"];
  readonly #runtime: Runtime;
  readonly #shared: Omit<SessionContext, "transport">;
  readonly #context: SessionContext;
  readonly #transportOptions: TransportOptions;
  /** Of the built-in transports. One object each: a copy for every session would be a hidden class each. */
  readonly #builtIn = new Map<SessionTransports, SessionContext>();
  #closed: Promise<void> | undefined;
  #hasEnded = false;

  constructor(options: S2ClientOptions, runtime: Runtime) {
    checkClientOptions(options);
    runtime.checkNames(options, "client");
    const credentials = credentialsOf(options, runtime, () => this.#checkNotEnded());
    const endpoints = resolveEndpoints(options, {
      S2_ACCOUNT_ENDPOINT: runtime.environment("S2_ACCOUNT_ENDPOINT"),
      S2_BASIN_ENDPOINT: runtime.environment("S2_BASIN_ENDPOINT"),
    });
    this.account = { scope: new SessionScope("The client"), endpoints };
    this.headers = runtime.userAgent === undefined ? {} : { "user-agent": runtime.userAgent };
    this.retry = resolveRetrySettings(options.retry, options.requestTimeoutMillis);
    this.parts = runtime.parts;
    this.checkNames = runtime.checkNames;
    this.#runtime = runtime;
    this.#shared = {
      clock: runtime.clock,
      random: runtime.random,
      retry: this.retry,
      credentials,
      observer: options.observer,
    };
    const { connectionTimeoutMillis, fetch, connect, observer, logger, compression, http2 } = options;
    this.#transportOptions = {
      connectionTimeoutMillis,
      fetch,
      connect,
      observer,
      logger,
      compression,
      http2,
    };
    const { forceTransport, transport } = options;
    this.#context =
      !forceTransport && transport
        ? { ...this.#shared, transport }
        : this.#builtInContext(forceTransport ?? (fetch ? "fetch" : runtime.defaultTransport));
  }

  /** What calls and sessions need, over the client's transport or a forced one. */
  context(forced?: SessionTransports): SessionContext {
    return forced === undefined ? this.#context : this.#builtInContext(forced);
  }

  /** Makes a call whose request and answer the operations table describes; the first one loads the table. */
  perform<N extends OperationName>(
    name: N,
    args: ArgsOf<N>,
    options: (CreateOptions & DeleteOptions) | undefined,
    place: Place = this.account,
  ): Promise<ResultOf<N>> {
    return this.run(place, options, async () => {
      this.checkNames(args, name);
      const { buildRequest, decodeResponse, operationRow } = await this.parts.control();
      return {
        request: buildRequest(name, args, {
          endpoints: place.endpoints,
          basin: place.basin,
          headers:
            options?.requestToken === undefined
              ? this.headers
              : { ...this.headers, "s2-request-token": options.requestToken },
          randomBytes,
        } as unknown as TargetOf<N>),
        decode: (response) => decodeResponse(name, response, options),
        settleUncertain: (error) => {
          // An earlier attempt took effect: there is nothing left to do.
          if (operationRow(name).goneMeansDone && error.status === 404) return undefined as ResultOf<N>;
          throw error;
        },
      };
    });
  }

  /** Makes a call; what is wrong with its arguments rejects like any other failure. */
  async run<T>(
    place: Place,
    options: S2RequestOptions | undefined,
    describe: () => CallDescription<T> | Promise<CallDescription<T>>,
  ): Promise<T> {
    place.scope.checkOpen();
    this.checkNames(options, "call");
    const signal = signalOf(options);
    const deadlineMillis = deadlineOf(options);
    // Without a turn in between where the description is at hand: the request leaves in the caller's turn.
    const described = beforeSending(describe);
    const description = described instanceof Promise ? await described : described;
    const spec = { ...description, signal, deadlineMillis };
    const done = call(this.context(place.forceTransport), spec);
    // What only asks changes nothing, however it fails.
    return spec.request.method === "GET" ? done.catch(withoutSideEffect) : done;
  }

  /** Closes the open sessions, then the connections; a transport that was passed in is left alone. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.account.scope.close();
    this.#hasEnded = true;
    await Promise.all(Array.from(this.#builtIn.values(), ({ transport }) => transport.close()));
  }

  /** Asked for before each attempt, so this also ends the retries of calls that outlive the client. */
  #checkNotEnded(): void {
    if (this.#hasEnded) throw sessionClosedError("The client");
  }

  #builtInContext(kind: SessionTransports): SessionContext {
    if (kind !== "fetch" && kind !== "s2s") {
      throw refused("forceTransport", 'be "fetch" or "s2s"', kind);
    }
    let context = this.#builtIn.get(kind);
    if (context === undefined) {
      const options = this.#transportOptions;
      const transport =
        kind === "fetch"
          ? this.#runtime.createFetchTransport(options)
          : this.#runtime.createS2sTransport(options);
      context = { ...this.#shared, transport };
      this.#builtIn.set(kind, context);
    }
    return context;
  }
}

/** Does what comes before the first byte: whatever is thrown there is an `S2Error`, and has changed nothing. */
export function beforeSending<T>(prepare: () => T): T {
  try {
    const prepared = prepare();
    return prepared instanceof Promise ? (prepared.catch(refuseUnsent) as T) : prepared;
  } catch (thrown) {
    return refuseUnsent(thrown);
  }
}

function refuseUnsent(thrown: unknown): never {
  if (isS2Error(thrown)) throw thrown;
  throw amendError(s2ErrorFromUnknown(thrown, "The request could not be made"), { sideEffect: "none" });
}

function withoutSideEffect(thrown: unknown): never {
  throw isS2Error(thrown) && thrown.sideEffect !== "none"
    ? amendError(thrown, { sideEffect: "none" })
    : thrown;
}

function credentialsOf(options: S2ClientOptions, runtime: Runtime, checkOpen: () => void): Credentials {
  const { accessToken } = options;
  const source = accessToken ?? runtime.environment("S2_ACCESS_TOKEN");
  if (source === undefined || source === "") {
    throw invalidArgument("accessToken is missing: pass it, or set S2_ACCESS_TOKEN");
  }
  const name = accessToken === undefined ? "S2_ACCESS_TOKEN" : "accessToken";
  return createCredentials(source, name, checkOpen, runtime.parts.refreshing);
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
