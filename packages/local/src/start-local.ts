import type { LocationInfo } from "@s2-dev/streamstore-core";
import type { Clock, Transport } from "@s2-dev/streamstore-core/transport";
import { createFaults, type FaultLayer, type Faults } from "./faults/faults.js";
import type { FaultRule } from "./faults/rule.js";
import { createApplication } from "./http/application.js";
import type { OpenSessions } from "./http/call.js";
import { type Certificate, certificateOf } from "./http/certificate.js";
import { type Listener, listen } from "./http/listener.js";
import type { AnsweredRequest } from "./http/observed.js";
import { type Timeouts, timeoutsOf } from "./http/timeouts.js";
import { createInProcessTransport, type InProcessTransport } from "./in-process/transport.js";
import { applyInit, type InitFile } from "./init/init-file.js";
import { checkOptions } from "./options/check-options.js";
import type { ServiceClock } from "./service/clock.js";
import type { BasinRow, StreamRow } from "./service/rows.js";
import { createService, type Service } from "./service/service.js";
import { dumpState, type LocalState, loadState, requireWhole } from "./state.js";
import { createMemoryStorage } from "./storage/memory-storage.js";
import type { Storage } from "./storage/storage.js";

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_DRAIN_MS = 1_000;
/** The origin of a server that does not listen: the top-level name is reserved for what leads nowhere. */
const NOWHERE = "http://s2-local.invalid";
const NO_LISTENER: Listener = {
  port: 0,
  stop: () => undefined,
  destroy: () => undefined,
  closed: Promise.resolve(),
};

/** How a local server is started. Everything has a default. */
export interface LocalOptions {
  /** TCP port; default 0, which takes a free one. */
  readonly port?: number;
  /**
   * Whether to listen at all; default true. Without a port the server is reached through `LocalServer.transport` alone,
   * and there is no `port`, `host` or `tls`.
   */
  readonly listen?: boolean;
  /** Address to listen on; default `127.0.0.1`. */
  readonly host?: string;
  /**
   * A directory to keep everything in: what is acknowledged survives the process. It is made when it is missing, and one
   * server at a time can have it. Needs the package `lmdb`. Default: in memory.
   */
  readonly dir?: string;
  /** Where everything is kept, instead of `dir`; default in memory. The server closes it. */
  readonly storage?: Storage<BasinRow, StreamRow>;
  /**
   * What another server held, as its `dump` wrote it down: to begin with, before `init`. For an empty storage only, which
   * then has all of it or nothing.
   */
  readonly state?: LocalState;
  /** Time for timestamps, heartbeats, waits, retention and background work; default the runtime's. */
  readonly clock?: Clock | ServiceClock;
  /** Random numbers from 0 to 1, 1 excluded, for heartbeats; default `Math.random`. */
  readonly random?: () => number;
  /** Basins and streams to ensure before the server listens: what an init file of `s2 lite` holds. */
  readonly init?: InitFile;
  /** Whether pages of any origin may use the server; default true. */
  readonly cors?: boolean;
  /** Bytes of appends that may be in flight before the server stops reading more; default 128 MiB, at least 1 MiB. */
  readonly appendInflightBytes?: number;
  /** Milliseconds from a stream's deletion until its name is free again; default 0, before the answer. */
  readonly deletionMs?: number;
  /** Milliseconds that `close` waits for what is open before it cuts it off; default 1000. */
  readonly drainMs?: number;
  /**
   * How long a peer may be silent before its connection is closed, in milliseconds: 10 s to say which protocol it speaks
   * (`helloMs`), 20 s for the head of a request (`headersMs`), 30 s between two pieces of a body (`bodyMs`; sessions are
   * not meant), 120 s for a whole body (`wholeBodyMs`), 20 s between two pings over HTTP/2, of which each has to be answered before the next (`pingMs`).
   */
  readonly timeouts?: Partial<Timeouts>;
  /** Lets the process end although the server listens; default false. */
  readonly unref?: boolean;
  /**
   * Demands an access token of everybody: the root token, which may do everything, or one that was issued, which may do
   * what its scope says. Default: no authentication, and any token or none will do.
   */
  readonly auth?: { readonly rootToken: string };
  /**
   * Speaks TLS: with this certificate and key, in PEM, or with one that is made for this server alone, which clients have
   * to be told to trust (`LocalServer.certificate`). Default: plain text.
   */
  readonly tls?: "self-signed" | Certificate;
  /** Where basins can be, by name; the first is the default. All are this server. */
  readonly locations?: readonly LocationInfo[];
  /** Faults that the server performs from the start; see `LocalServer.faults`. */
  readonly faults?: readonly FaultRule[];
  /** Whether faults can be looked at and changed over HTTP, at `/admin/faults`; default false. */
  readonly admin?: boolean;
  /** Whether there is a page to look at the server, at `/dashboard`; default true. */
  readonly dashboard?: boolean;
  /** Told of every request when it comes. What it throws is a warning of the process, and harms no request. */
  readonly onRequest?: (request: { readonly method: string; readonly path: string }) => void;
  /** Told of every request when its answer begins, for logs; what it throws is a warning. */
  readonly onAnswer?: (request: AnsweredRequest) => void;
}

/** Where an SDK finds the server: what its `endpoints` option takes. */
export interface LocalEndpoints {
  /** For calls of the account. */
  readonly account: string;
  /** For calls of basins. */
  readonly basin: string;
}

/** What an SDK client needs to reach the server. */
export interface LocalClientOptions {
  /** The root token, or any text where none is demanded. */
  readonly accessToken: string;
  /** Where the server is. */
  readonly endpoints: LocalEndpoints;
  /** There when the server does not listen. */
  readonly transport?: Transport;
}

/** A server that runs in this process. */
export interface LocalServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https://…`; a name that leads nowhere when it does not listen. */
  readonly origin: string;
  /** Where it can be reached, as `endpoints` of a client. */
  readonly endpoints: LocalEndpoints;
  /** 0 when it does not listen. */
  readonly port: number;
  /** What `new S2(…)` takes to reach the server, with all rights. */
  readonly clientOptions: LocalClientOptions;
  /**
   * Leads to the server without a socket, but through the same codecs: what the SDK's `transport` option takes.
   * Closed with the server.
   */
  readonly transport: Transport;
  /** The certificate that it shows, in PEM, when it speaks TLS. */
  readonly certificate: string | undefined;
  /** The rules behind the wire, for tests that want to look. */
  readonly service: Service;
  /**
   * Writes down all that is stored, for the `state` option of another server. It is all in memory at once.
   * @throws Error when more than 256 MiB (metered) are stored.
   */
  dump(): Promise<LocalState>;
  /** What goes wrong on purpose: rules can be added and removed at any time. */
  readonly faults: Faults;
  /**
   * Stops: no more connections; open sessions end with `server_draining`; what is still there after `drainMs` is cut
   * off. May be called again.
   */
  close(): Promise<void>;
}

/**
 * Starts an S2 server in this process, on a port that speaks HTTP/1.1 and HTTP/2 (with prior knowledge, or over TLS). Unless `auth`
 * says otherwise any access token will do.
 *
 * @example
 * ```ts
 * await using local = await startLocal();
 * const s2 = new S2({ accessToken: "any", endpoints: local.endpoints });
 * ```
 * @throws S2Error (`INVALID_ARGUMENT`) for an option that is unknown or wrong: names it, its value and the limit.
 * @throws Error when the port or `dir` cannot be had, or `faults` holds a rule that makes no sense.
 */
export async function startLocal(options: LocalOptions = {}): Promise<LocalServer> {
  checkOptions(options);
  const host = options.host ?? DEFAULT_HOST;
  const storage = await storageOf(options);
  const service = await serviceOn(storage, options);
  const sessions = createSessions();
  try {
    const faults = createFaults(service.clock, options.random ?? Math.random, options.faults);
    if (options.init !== undefined) await applyInit(service, options.init);
    const application = createApplication({
      service,
      sessions,
      faults,
      auth: options.auth,
      admin: options.admin ?? false,
      dashboard: options.dashboard ?? true,
      cors: options.cors ?? true,
      onRequest: options.onRequest,
      onAnswer: options.onAnswer,
    });
    const certificate = await certificateOf(options.tls, host);
    const port = options.port ?? 0;
    const listener =
      options.listen === false
        ? NO_LISTENER
        : await listen(
            {
              host,
              port,
              keepAlive: options.unref !== true,
              certificate,
              timeouts: timeoutsOf(options.timeouts),
            },
            application,
          );
    const transport = createInProcessTransport(application);
    const parts: Parts = {
      storage,
      listener,
      transport,
      service,
      sessions,
      faults,
      certificate,
      rootToken: options.auth?.rootToken,
    };
    return serverOf(parts, host, options.drainMs ?? DEFAULT_DRAIN_MS);
  } catch (error) {
    await service.close();
    throw error;
  }
}

async function storageOf({ dir, storage }: LocalOptions): Promise<Storage<BasinRow, StreamRow>> {
  if (dir === undefined) return storage ?? createMemoryStorage<BasinRow, StreamRow>();
  const { openDurableStorage } = await import("./durable.js");
  return openDurableStorage(dir);
}

async function serviceOn(storage: Storage<BasinRow, StreamRow>, options: LocalOptions): Promise<Service> {
  try {
    if (options.state === undefined) await requireWhole(storage);
    else await loadState(storage, options.state);
    return await createService({
      storage,
      clock: options.clock,
      random: options.random,
      appendInflightBytes: options.appendInflightBytes,
      deletionMs: options.deletionMs,
      locations: options.locations,
    });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

interface Sessions extends OpenSessions {
  drain(): void;
}

function createSessions(): Sessions {
  const open = new Set<() => void>();
  let draining = false;
  return {
    add(drain) {
      if (draining) queueMicrotask(drain);
      open.add(drain);
      return () => void open.delete(drain);
    },
    drain() {
      draining = true;
      for (const drain of [...open]) drain();
    },
  };
}

interface Parts {
  readonly storage: Storage<BasinRow, StreamRow>;
  readonly listener: Listener;
  readonly transport: InProcessTransport;
  readonly service: Service;
  readonly sessions: Sessions;
  readonly faults: FaultLayer;
  readonly certificate: Certificate | undefined;
  readonly rootToken: string | undefined;
}

function serverOf(
  { storage, listener, transport, service, sessions, faults, certificate, rootToken }: Parts,
  host: string,
  drainMs: number,
): LocalServer {
  const scheme = certificate === undefined ? "http" : "https";
  const address = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
  const origin = listener === NO_LISTENER ? NOWHERE : address;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    listener.stop();
    sessions.drain();
    faults.close();
    const timer = setTimeout(() => {
      listener.destroy();
      void transport.close();
    }, drainMs);
    await Promise.all([listener.closed, transport.idle()]);
    clearTimeout(timer);
    await transport.close();
    await service.close();
  }

  const server: LocalServer = {
    origin,
    endpoints: { account: origin, basin: origin },
    port: listener.port,
    clientOptions: {
      accessToken: rootToken ?? "local",
      endpoints: { account: origin, basin: origin },
      ...(listener === NO_LISTENER ? { transport } : {}),
    },
    transport,
    certificate: certificate?.cert,
    service,
    dump: () => dumpState(storage, service.clock.epoch()),
    faults,
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
}
