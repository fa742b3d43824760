import type { ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { S2Error } from "@s2-dev/streamstore-core/transport";
import { http2Module, netModule, tlsModule } from "./builtins.js";
import { dialTimeout, errorFromDial, notHttp2 } from "./map-error.js";
import type { S2sSettings } from "./settings.js";

/** What becomes of a dial: exactly one of the two, never before `dial` returns. */
export interface DialEvents {
  /** The peer has sent its settings, so it does speak HTTP/2. The socket is what the session cannot let go of by force. */
  connected(session: ClientHttp2Session, socket: Socket): void;
  failed(error: S2Error): void;
}

/**
 * Opens one HTTP/2 connection: TLS with ALPN for `https:`, prior knowledge for `http:`. Waits for the peer's first
 * SETTINGS, so that an endpoint of another protocol is found out before a request is risked, and its limit on
 * concurrent streams is known. Returns a function that gives the dial up without an event.
 */
export function dial(origin: URL, settings: S2sSettings, events: DialEvents): () => void {
  let session: ClientHttp2Session | undefined;
  let socket: Socket | undefined;
  let settled = false;

  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    stopTimer();
    return true;
  };
  const fail = (thrown: unknown): void => {
    if (!settle()) return;
    discard();
    events.failed(errorFromDial(thrown, origin.origin));
  };
  const discard = (): void => {
    session?.destroy();
    socket?.destroy();
  };
  const stopTimer = settings.clock.timer(
    settings.connectionTimeoutMillis,
    () => fail(dialTimeout(origin.origin, settings.connectionTimeoutMillis)),
    false,
  );
  const onSocketClose = (): void => fail(new Error("the connection was closed while it was being opened"));

  function adopt(opened: Socket): void {
    socket = opened;
    opened.on("error", fail);
    opened.on("close", onSocketClose);
  }

  function startSession(): void {
    if (settled || socket === undefined) return;
    const open = socket;
    if ("alpnProtocol" in open && open.alpnProtocol !== "h2") return fail(notHttp2(origin.origin));
    const opened = http2Module().connect(origin, {
      createConnection: () => open,
      settings: { enablePush: false, initialWindowSize: settings.initialStreamWindowSize },
      // In MB. The default of 10 refuses new requests when a few appends are queued; links bound what they queue.
      maxSessionMemory: 1000,
    });
    session = opened;
    opened.on("error", fail);
    opened.once("connect", () => opened.setLocalWindowSize(settings.connectionWindowSize));
    opened.once("remoteSettings", () => {
      if (!settle()) return;
      open.off("close", onSocketClose);
      events.connected(opened, open);
    });
  }

  const { hostname, port } = addressOf(origin);
  const open = (way?: Socket): void => adopt(openSocket(origin, settings, way, startSession));
  if (settings.tunnel === undefined) {
    try {
      open();
    } catch (thrown) {
      // TLS options that are none; no event comes before this function has returned.
      queueMicrotask(() => fail(thrown));
    }
  } else {
    settings
      .tunnel(hostname, port)
      .then((way) => {
        if (settled) way.destroy();
        else open(way);
      })
      .catch(fail);
  }
  return () => {
    if (settle()) discard();
  };
}

function addressOf({ hostname, port, protocol }: URL): { hostname: string; port: number } {
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port || (protocol === "http:" ? 80 : 443)),
  };
}

/** @param way - Where the connection goes through, if not directly. */
function openSocket(origin: URL, settings: S2sSettings, way: Socket | undefined, onOpen: () => void): Socket {
  const { hostname: host, port } = addressOf(origin);
  if (origin.protocol === "http:") {
    if (way === undefined) return netModule().connect({ host, port, noDelay: true }, onOpen);
    // The caller has to have it first.
    queueMicrotask(onOpen);
    return way;
  }
  const servername = netModule().isIP(host) === 0 ? { servername: host } : {};
  const to = way === undefined ? { host, port } : { host, socket: way };
  const socket = tlsModule().connect(
    { ...to, ...servername, ...settings.tls, ALPNProtocols: ["h2"] },
    onOpen,
  );
  socket.setNoDelay(true);
  return socket;
}
