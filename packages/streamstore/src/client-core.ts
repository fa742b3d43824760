import { invalidArgument, sessionClosedError } from "@s2-dev/streamstore-core";
import {
  type CallSpec,
  call,
  createSystemClock,
  resolveRetrySettings,
  type SessionContext,
  staticCredentials,
} from "@s2-dev/streamstore-core/session";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import {
  type ArgsOf,
  buildRequest,
  decodeResponse,
  type Endpoints,
  type OperationName,
  operations,
  type ResultOf,
  resolveEndpoints,
  type TargetOf,
} from "@s2-dev/streamstore-core/wire";
import type { Runtime, S2ClientOptions, S2RequestOptions, SessionTransports } from "./options.js";
import { redact, reveal } from "./redacted.js";
import { SessionScope } from "./session-scope.js";

/** What all handles of one client share: endpoints, token, retry settings, transports, open sessions. */
export class ClientCore {
  readonly endpoints: Endpoints;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly scope = new SessionScope();
  readonly #options: S2ClientOptions;
  readonly #runtime: Runtime;
  readonly #shared: Omit<SessionContext, "transport">;
  readonly #builtIn = new Map<SessionTransports, Transport>();

  constructor(options: S2ClientOptions, runtime: Runtime) {
    this.#options = options;
    this.#runtime = runtime;
    const token = redact(accessTokenOf(options, runtime));
    this.endpoints = resolveEndpoints(options, {
      S2_ACCOUNT_ENDPOINT: runtime.environment("S2_ACCOUNT_ENDPOINT"),
      S2_BASIN_ENDPOINT: runtime.environment("S2_BASIN_ENDPOINT"),
    });
    this.headers = runtime.userAgent === undefined ? {} : { "user-agent": runtime.userAgent };
    this.#shared = {
      clock: createSystemClock(),
      random: Math.random,
      retry: resolveRetrySettings(options.retry, options.requestTimeoutMillis),
      credentials: staticCredentials(() => reveal(token)),
    };
  }

  /** What calls and sessions need, over the client's transport or a forced one. */
  context(forced?: SessionTransports): SessionContext {
    return { ...this.#shared, transport: this.#transport(forced) };
  }

  /** Makes a call whose request and answer the operations table describes. */
  perform<N extends OperationName>(
    name: N,
    args: ArgsOf<N>,
    target: Omit<TargetOf<N>, "endpoints" | "headers" | "randomBytes">,
    options: (S2RequestOptions & { readonly forceTransport?: SessionTransports | undefined }) | undefined,
  ): Promise<ResultOf<N>> {
    return this.run(options?.forceTransport, () => {
      const request = buildRequest(name, args, {
        ...target,
        endpoints: this.endpoints,
        headers: this.headers,
        randomBytes,
      } as unknown as TargetOf<N>);
      return {
        request,
        signal: options?.signal,
        decode: (response) => decodeResponse(name, response),
        settleUncertain: (error) => {
          // An earlier attempt took effect: there is nothing left to do.
          if (operations[name].goneMeansDone && error.status === 404) return undefined as ResultOf<N>;
          throw error;
        },
      };
    });
  }

  /** Makes a call; what is wrong with its arguments rejects like any other failure. */
  async run<T>(forced: SessionTransports | undefined, spec: () => CallSpec<T>): Promise<T> {
    if (this.scope.isClosed) throw sessionClosedError("The client");
    return call(this.context(forced), spec());
  }

  async close(): Promise<void> {
    await this.scope.close();
    const transports = [...this.#builtIn.values()];
    this.#builtIn.clear();
    await Promise.all(transports.map((transport) => transport.close()));
  }

  #transport(forced: SessionTransports | undefined): Transport {
    if (forced === undefined && this.#options.transport !== undefined) return this.#options.transport;
    const kind = forced ?? (this.#options.fetch === undefined ? this.#runtime.defaultTransport : "fetch");
    if (kind !== "fetch" && kind !== "s2s") {
      throw invalidArgument(`forceTransport must be "fetch" or "s2s"; got ${String(kind)}`);
    }
    let transport = this.#builtIn.get(kind);
    if (transport === undefined) {
      transport = this.#createTransport(kind);
      this.#builtIn.set(kind, transport);
    }
    return transport;
  }

  #createTransport(kind: SessionTransports): Transport {
    const { connectionTimeoutMillis, fetch, connect } = this.#options;
    const options = { clock: this.#shared.clock, connectionTimeoutMillis, fetch, connect };
    return kind === "fetch" ? this.#runtime.createFetchTransport(options) : this.#runtime.createS2sTransport(options);
  }
}

function accessTokenOf(options: S2ClientOptions, runtime: Runtime): string {
  const token: unknown = options.accessToken ?? runtime.environment("S2_ACCESS_TOKEN");
  if (token === undefined || token === "") {
    throw invalidArgument("accessToken is missing: pass it, or set S2_ACCESS_TOKEN");
  }
  if (typeof token !== "string") throw invalidArgument(`accessToken must be a string; got a ${typeof token}`);
  // What cannot stand in a header would fail later, with the token in the runtime's message.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw invalidArgument("accessToken must consist of visible ASCII characters, without spaces");
  }
  return token;
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
