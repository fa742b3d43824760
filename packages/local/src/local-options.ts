import type { LocationInfo } from "@s2-dev/streamstore-core";
import type { Clock } from "@s2-dev/streamstore-core/transport";
import type { FaultRule } from "./faults/rule.js";
import type { Certificate } from "./http/certificate.js";
import type { AnsweredRequest } from "./http/observed.js";
import type { Timeouts } from "./http/timeouts.js";
import type { InitFile } from "./init/init-file.js";
import type { ServiceClock } from "./service/clock.js";
import type { BasinRow, StreamRow } from "./service/rows.js";
import type { LocalState } from "./state.js";
import type { Storage } from "./storage/storage.js";

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
