import type { OperationName } from "@s2-dev/streamstore-core/operations";

/** Which requests a rule concerns. Everything is optional: an empty match is every request. */
export interface FaultMatch {
  /** The operation, or several of them: `append`, `read`, `check_tail`, `create_basin`, ... */
  readonly operation?: OperationName | readonly OperationName[];
  /** Only in the basin of this name. */
  readonly basin?: string;
  /** Only on the stream of this name. */
  readonly stream?: string;
  /** `session`: s2s sessions and event streams; `unary`: everything else. */
  readonly mode?: "unary" | "session";
  /** The first request that is hit, counted from 1 among those that match. Default 1. */
  readonly nth?: number;
  /** How many requests are hit at most. Default: all. */
  readonly times?: number;
  /** How likely a request is hit, from 0 to 1. Default 1. */
  readonly probability?: number;
}

/**
 * When something happens in an answer; exactly one of these. A message is a frame of an s2s session, a server-sent
 * event, or the whole body of any other answer; heartbeats count. Messages are counted from 1.
 */
export type FaultMoment =
  /** Before the operation is done; the default where it is possible. */
  | { readonly at?: "request" }
  /** Right after the headers of the answer; the operation is done, or the session open. */
  | { readonly at: "headers" }
  /** Milliseconds after the headers of the answer. */
  | { readonly afterMs: number }
  /** Right after this many messages. */
  | { readonly after: number }
  /** When this message was to be sent: what it tells of has been done, and the message is lost. */
  | { readonly insteadOf: number };

/** How an answer is broken off. */
export type FaultCut =
  /** RST_STREAM with `code`; over HTTP/1.1 a TCP reset. */
  | "reset"
  /** The connection is closed without a word. */
  | "destroy"
  /** GOAWAY with `code`, then the connection is closed; over HTTP/1.1 it is just closed. */
  | "goaway"
  /** The body ends as if it were complete: END_STREAM, or the last chunk. */
  | "end";

/** What is done to a request that is hit. Lasting forms concern the whole answer; several rules add up. */
export type FaultAction =
  /** Answers this at once; the operation is not done. With `code`, the body is an error in the service's form. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Refuses requests with 503 `server_draining` for `ms` milliseconds from the first one hit. */
  | { readonly kind: "drain"; readonly ms: number }
  /**
   * Sends nothing more, and never ends. At `request`, the default, that is a server that never answers: the operation
   * is not done.
   */
  | ({ readonly kind: "stall" } & FaultMoment)
  /**
   * Breaks the answer off. `part` first sends half of the next message (with `insteadOf`: of that one). `code` is that
   * of RST_STREAM or GOAWAY; default 2, INTERNAL_ERROR, and 0 for GOAWAY.
   */
  | ({
      readonly kind: "cut";
      readonly how: FaultCut;
      readonly code?: number;
      readonly part?: boolean;
    } & FaultMoment)
  /**
   * Ends a session with a terminal frame or an `error` event; an answer that is no session is replaced by the error.
   * Not at `request`: `answer` does that.
   */
  | ({
      readonly kind: "fail";
      readonly status: number;
      readonly code: string;
      readonly message?: string;
    } & FaultMoment)
  /** Puts these bytes, in hexadecimal, into the body. Not at `request`. */
  | ({ readonly kind: "inject"; readonly hex: string } & FaultMoment)
  /** Announces with GOAWAY that the connection will close; what is open goes on. Over HTTP/1.1 it is closed after the answer. */
  | ({ readonly kind: "goaway" } & FaultMoment)
  /** Does the operation, but holds the headers back: for `ms` milliseconds, or for ever. */
  | { readonly kind: "hold-headers"; readonly ms?: number }
  /** Delays every message by `ms` milliseconds, or only heartbeats and what is behind them. */
  | { readonly kind: "delay"; readonly ms: number; readonly only?: "heartbeats" }
  /** Sends no heartbeats. */
  | { readonly kind: "drop-heartbeats" }
  /** Sends the body in pieces of this many bytes, each by itself. Default 1. */
  | { readonly kind: "split"; readonly bytes?: number }
  /** Sends at most so many bytes of the body a second. */
  | { readonly kind: "throttle"; readonly bytesPerSecond: number }
  /** Sets the flag that advises to reconnect on this frame. Event streams have no such flag. */
  | { readonly kind: "advise-reconnect"; readonly onMessage: number };

/** A fault as data: which requests, and what is done to them. */
export interface FaultRule {
  /** What it happens to. Default: every request. */
  readonly on?: FaultMatch;
  /** What happens. */
  readonly do: FaultAction;
}
