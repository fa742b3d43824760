import type { ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { S2Error } from "@s2-dev/streamstore-core/transport";
import { http2Module, netModule, tlsModule } from "./builtins.js";
import { dialTimeout, errorFromDial, notHttp2 } from "./map-error.js";
import type { S2sSettings } from "./settings.js";

/** What becomes of a dial: exactly one of the two, never before `dial` returns. */
export interface DialEvents {
  /** The peer has sent its settings, so it does speak HTTP/2. */
  connected(session: ClientHttp2Session): void;
  failed(error: S2Error): void;
}

/**
 * Opens one HTTP/2 connection: TLS with ALPN for `https:`, prior knowledge for `http:`. Waits for the peer's first
 * SETTINGS, so that an endpoint of another protocol is found out before a request is risked, and its limit on
 * concurrent streams is known. Returns a function that gives the dial up without an event.
 */
export function dial(origin: URL, settings: S2sSettings, events: DialEvents): () => void {
  let session: ClientHttp2Session | undefined;
  let settled = false;
  const socket = openSocket(origin, settings, startSession);

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
    socket.destroy();
  };
  const stopTimer = settings.clock.timer(
    settings.connectionTimeoutMillis,
    () => fail(dialTimeout(origin.origin, settings.connectionTimeoutMillis)),
    false,
  );
  const onSocketClose = (): void => fail(new Error("the connection was closed while it was being opened"));
  socket.on("error", fail);
  socket.on("close", onSocketClose);

  function startSession(): void {
    if (settled) return;
    if ("alpnProtocol" in socket && socket.alpnProtocol !== "h2") return fail(notHttp2(origin.origin));
    const opened = http2Module().connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: settings.initialStreamWindowSize },
      // In MB. The default of 10 refuses new requests when a few appends are queued; links bound what they queue.
      maxSessionMemory: 1000,
    });
    session = opened;
    opened.on("error", fail);
    opened.once("connect", () => opened.setLocalWindowSize(settings.connectionWindowSize));
    opened.once("remoteSettings", () => {
      if (!settle()) return;
      socket.off("close", onSocketClose);
      events.connected(opened);
    });
  }

  return () => {
    if (settle()) discard();
  };
}

function openSocket(origin: URL, settings: S2sSettings, onOpen: () => void): Socket {
  const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
  if (origin.protocol === "http:") {
    return netModule().connect({ host, port: Number(origin.port || 80), noDelay: true }, onOpen);
  }
  const servername = netModule().isIP(host) === 0 ? { servername: host } : {};
  const socket = tlsModule().connect(
    { host, port: Number(origin.port || 443), ...servername, ...settings.tls, ALPNProtocols: ["h2"] },
    onOpen,
  );
  socket.setNoDelay(true);
  return socket;
}
