import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { createDeferred, S2Error } from "@s2-dev/streamstore-core/transport";
import { dial } from "./dial.js";
import { createKeepAlive, type KeepAlive } from "./keep-alive.js";
import { errorFromRequest } from "./map-error.js";
import type { S2sSettings } from "./settings.js";

/** More streams than this on one connection, and a further connection is opened, whatever the peer allows. */
export const MAX_STREAMS = 100;
/** How long a closing connection may take to say goodbye. */
const CLOSE_MILLIS = 1000;

/** `draining`: takes no new requests, and closes when those it has are done. */
export type ConnectionPhase = "dialing" | "open" | "draining" | "closed";
type ConnectionEvent = "connected" | "retired" | "emptied" | "lost";

/** Every phase answers every event. `emptied` is sent only when no request is open. */
const NEXT: Record<ConnectionPhase, Record<ConnectionEvent, ConnectionPhase>> = {
  dialing: { connected: "open", retired: "closed", emptied: "dialing", lost: "closed" },
  open: { connected: "open", retired: "draining", emptied: "open", lost: "closed" },
  draining: { connected: "draining", retired: "draining", emptied: "closed", lost: "closed" },
  closed: { connected: "closed", retired: "closed", emptied: "closed", lost: "closed" },
};

/** What a pool learns of its connections. */
export interface ConnectionEvents {
  opened(): void;
  /** The dial failed: nothing was sent. */
  failed(error: S2Error): void;
  /** It was open and takes no more requests. */
  retired(): void;
}

/** One HTTP/2 connection and the requests on it. */
export interface Connection {
  readonly phase: ConnectionPhase;
  /** How many more requests it takes now. */
  readonly free: number;
  /** Takes one of the free places; the function returned gives it back. */
  reserve(): () => void;
  /** Opens a request. @throws S2Error when nothing can be sent. */
  request(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream;
  /** Keeps the process alive until the function returned is called. */
  hold(): () => void;
  /** Whether the peer's GOAWAY says that it never looked at this stream. */
  isAboveGoaway(streamId: number | undefined): boolean;
  /** Takes no more requests; closes when those it has are done. */
  retire(): void;
  /** Resolves when its socket is closed. */
  readonly closed: Promise<void>;
}

/** Dials at once. No event before it returns. */
export function createConnection(origin: URL, settings: S2sSettings, events: ConnectionEvents): Connection {
  let phase: ConnectionPhase = "dialing";
  let session: ClientHttp2Session | undefined;
  let keepAlive: KeepAlive | undefined;
  let limit = MAX_STREAMS;
  let streams = 0;
  let holds = 0;
  let lastGoodStream = Number.POSITIVE_INFINITY;
  let stopReaper: (() => void) | undefined;
  const closed = createDeferred<void>();

  const giveUpDial = dial(origin, settings, {
    connected(opened) {
      session = opened;
      keepAlive = createKeepAlive(opened, settings, (error) => opened.destroy(error));
      limit = streamLimit(opened);
      opened.on("remoteSettings", () => {
        limit = streamLimit(opened);
      });
      opened.on("goaway", (_code: number, lastStreamId: number) => {
        lastGoodStream = lastStreamId;
        handle("retired");
      });
      opened.on("close", () => handle("lost"));
      handle("connected");
    },
    failed(error) {
      handle("lost");
      events.failed(error);
    },
  });

  function handle(event: ConnectionEvent): void {
    const before = phase;
    phase = NEXT[before][event];
    if (phase === before) return;
    if (phase === "open") {
      watchIdle();
      applyHolds();
      events.opened();
      return;
    }
    if (phase === "draining" && streams === 0) phase = "closed";
    if (phase === "closed") close();
    if (before === "open") events.retired();
  }

  function close(): void {
    giveUpDial();
    stopReaper?.();
    keepAlive?.stop();
    const closing = session;
    if (closing === undefined || closing.destroyed) return closed.resolve();
    // A peer that does not answer the end of the connection must not keep it open.
    const stopTimer = settings.clock.timer(CLOSE_MILLIS, () => closing.destroy(), false);
    closing.once("close", () => {
      stopTimer();
      closed.resolve();
    });
    closing.close();
  }

  /** Starts the idle reaper when the last request is gone, the keep-alive with the first. */
  function watchIdle(): void {
    if (streams === 0) {
      keepAlive?.stop();
      stopReaper ??= settings.clock.timer(settings.idleTimeoutMillis, () => handle("retired"), false);
    } else {
      stopReaper?.();
      stopReaper = undefined;
      keepAlive?.start();
    }
  }

  function applyHolds(): void {
    if (session === undefined || session.destroyed) return;
    if (holds > 0) session.ref();
    else session.unref();
  }

  return {
    get phase() {
      return phase;
    },
    get free() {
      const usable = phase === "open" && session !== undefined && !session.closed && !session.destroyed;
      return usable ? Math.max(0, limit - streams) : 0;
    },
    reserve() {
      streams += 1;
      watchIdle();
      return once(() => {
        streams -= 1;
        if (phase === "closed") return;
        if (streams === 0) handle("emptied");
        if (phase === "open") watchIdle();
      });
    },
    request(headers, endStream) {
      try {
        if (session === undefined)
          throw new S2Error({ message: "The connection is not open", code: "INTERNAL_ERROR" });
        return session.request(headers, { endStream });
      } catch (thrown) {
        throw errorFromRequest(thrown);
      }
    },
    hold() {
      holds += 1;
      if (holds === 1) applyHolds();
      return once(() => {
        holds -= 1;
        if (holds === 0) applyHolds();
      });
    },
    isAboveGoaway: (streamId) => streamId !== undefined && streamId > lastGoodStream,
    retire: () => handle("retired"),
    closed: closed.promise,
  };
}

function streamLimit(session: ClientHttp2Session): number {
  return Math.min(MAX_STREAMS, session.remoteSettings.maxConcurrentStreams ?? MAX_STREAMS);
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
