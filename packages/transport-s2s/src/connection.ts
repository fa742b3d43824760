import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import {
  type ConnectionReport,
  createDeferred,
  isSilence,
  S2Error,
} from "@s2-dev/streamstore-core/transport";
import { dial } from "./dial.js";
import { createKeepAlive, type KeepAlive } from "./keep-alive.js";
import { errorFromRequest } from "./map-error.js";
import type { S2sSettings } from "./settings.js";

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
  /** It takes requests, for the first time or again. */
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
  /** A request was given up. If that was for silence, none is taken until the peer answers a ping. */
  gaveUp(reason: unknown): void;
  /** Resolves when its socket is closed. */
  readonly closed: Promise<void>;
}

/** Dials at once. No event before it returns. */
export function createConnection(origin: URL, settings: S2sSettings, events: ConnectionEvents): Connection {
  return new PooledConnection(origin, settings, events);
}

class PooledConnection implements Connection {
  readonly #settings: S2sSettings;
  readonly #events: ConnectionEvents;
  readonly #giveUpDial: () => void;
  readonly #closed = createDeferred<void>();
  readonly #report: ConnectionReport | undefined;
  #phase: ConnectionPhase = "dialing";
  #session: ClientHttp2Session | undefined;
  #socket: Socket | undefined;
  #keepAlive: KeepAlive | undefined;
  #stopReaper: (() => void) | undefined;
  /** How many requests it takes at a time. */
  #limit = 0;
  #streams = 0;
  #holds = 0;
  #lastGoodStream = Number.POSITIVE_INFINITY;
  /** Whether the peer is there has to be seen first. */
  #isDoubted = false;

  constructor(origin: URL, settings: S2sSettings, events: ConnectionEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#report = settings.report?.(origin.origin);
    this.#giveUpDial = dial(origin, settings, {
      connected: (session, socket) => this.#adopt(session, socket),
      failed: (error) => {
        this.#handle("lost");
        this.#report?.failed(error);
        events.failed(error);
      },
    });
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  get free(): number {
    const session = this.#session;
    // A session that is about to close says so before its event comes.
    if (this.#phase !== "open" || session === undefined || session.closed || session.destroyed) return 0;
    if (this.#isDoubted) return 0;
    return Math.max(0, this.#limit - this.#streams);
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  reserve(): () => void {
    this.#streams += 1;
    this.#watchIdle();
    return once(() => {
      this.#streams -= 1;
      if (this.#streams === 0) this.#handle("emptied");
      if (this.#phase === "open") this.#watchIdle();
    });
  }

  request(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    if (this.#session === undefined) {
      throw new S2Error({ message: "The connection is not open", code: "INTERNAL_ERROR" });
    }
    try {
      return this.#session.request(headers, { endStream });
    } catch (thrown) {
      throw errorFromRequest(thrown);
    }
  }

  hold(): () => void {
    this.#holds += 1;
    if (this.#holds === 1) this.#applyHolds();
    return once(() => {
      this.#holds -= 1;
      if (this.#holds === 0) this.#applyHolds();
    });
  }

  isAboveGoaway(streamId: number | undefined): boolean {
    return streamId !== undefined && streamId > this.#lastGoodStream;
  }

  retire(): void {
    this.#handle("retired");
  }

  gaveUp(reason: unknown): void {
    const session = this.#session;
    if (!isSilence(reason) || this.#isDoubted || session === undefined || session.destroyed) return;
    this.#isDoubted = true;
    session.ping((error) => {
      if (error !== null) return;
      this.#isDoubted = false;
      this.#events.opened();
    });
  }

  #handle(event: ConnectionEvent): void {
    const before = this.#phase;
    this.#phase = NEXT[before][event];
    if (this.#phase === before) return;
    if (this.#phase === "open") this.#begin();
    if (this.#phase === "closed") this.#close();
    if (before === "open") this.#events.retired();
    if (this.#phase === "draining" && this.#streams === 0) this.#handle("emptied");
  }

  #adopt(session: ClientHttp2Session, socket: Socket): void {
    this.#session = session;
    this.#socket = socket;
    this.#keepAlive = createKeepAlive(session, this.#settings, (error) => session.destroy(error));
    this.#limit = streamLimit(session, this.#settings.maxStreamsPerConnection);
    session.on("remoteSettings", () => {
      this.#limit = streamLimit(session, this.#settings.maxStreamsPerConnection);
    });
    session.on("goaway", (_code: number, lastStreamId: number) => {
      this.#lastGoodStream = lastStreamId;
      this.#handle("retired");
    });
    session.on("close", () => this.#handle("lost"));
    this.#handle("connected");
  }

  #begin(): void {
    this.#watchIdle();
    this.#applyHolds();
    this.#report?.opened();
    this.#session?.once("close", () => this.#report?.closed());
    this.#events.opened();
  }

  #close(): void {
    this.#giveUpDial();
    this.#stopReaper?.();
    this.#keepAlive?.stop();
    const session = this.#session;
    if (session === undefined || session.destroyed) return this.#closed.resolve();
    // A peer that does not answer the end of the connection must not keep it open.
    // Destroying a session that is closing already only ends its socket, which waits for the peer again.
    const cutOff = (): void => {
      session.destroy();
      this.#socket?.destroy();
    };
    const stopTimer = this.#settings.clock.timer(CLOSE_MILLIS, cutOff, false);
    session.once("close", () => {
      stopTimer();
      this.#closed.resolve();
      this.#endSocket();
    });
    session.close();
  }

  /** Bun closes a session whose socket still waits for the peer, and lives as long as that. */
  #endSocket(): void {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    this.#settings.clock.timer(CLOSE_MILLIS, () => socket.destroy(), false);
  }

  /** Starts the idle reaper when the last request is gone, the keep-alive with the first. */
  #watchIdle(): void {
    if (this.#streams > 0) {
      this.#stopReaper?.();
      this.#stopReaper = undefined;
      this.#keepAlive?.start();
      return;
    }
    const { clock, idleTimeoutMillis } = this.#settings;
    this.#keepAlive?.stop();
    this.#stopReaper ??= clock.timer(idleTimeoutMillis, () => this.#handle("retired"), false);
  }

  #applyHolds(): void {
    const session = this.#session;
    if (session === undefined || session.destroyed) return;
    if (this.#holds > 0) session.ref();
    else session.unref();
  }
}

/** At least one: a peer that allows none would have its clients dial for ever. */
function streamLimit(session: ClientHttp2Session, most: number): number {
  return Math.max(1, Math.min(most, session.remoteSettings.maxConcurrentStreams ?? most));
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
