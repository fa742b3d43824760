import { createFaults, type FaultLayer } from "./faults/faults.js";
import { createApplication } from "./http/application.js";
import type { OpenSessions } from "./http/call.js";
import { type Certificate, certificateOf } from "./http/certificate.js";
import { type Listener, listen } from "./http/listener.js";
import { timeoutsOf } from "./http/timeouts.js";
import { createInProcessTransport, type InProcessTransport } from "./in-process/transport.js";
import { applyInit } from "./init/init-file.js";
import type { LocalOptions } from "./local-options.js";
import type { LocalServer } from "./local-server.js";
import { checkOptions } from "./options/check-options.js";
import type { BasinRow, StreamRow } from "./service/rows.js";
import { createService, type Service } from "./service/service.js";
import { dumpState, loadState, requireWhole } from "./state.js";
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
