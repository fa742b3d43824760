import type { S2Error } from "../error/s2-error.js";
import type { StreamPosition } from "../model/position.js";
import type { ConnectionEventMap } from "../transport/connection-hooks.js";
import type { HooksOf } from "../util/hooks.js";

/** A call or a session. The same object in every event that tells of it, so it can be the key of a map. */
export interface Activity {
  /** Unique in its observer, from 1 on. */
  readonly id: number;
  /** A single call, or a session of many attempts. */
  readonly kind: "call" | "append_session" | "read_session";
  /** What is done, by its name in the service: `append`, `read`, `check_tail`, `create_stream`, ... */
  readonly operation: string;
  /** Name of the basin; none where the call is one of the account. */
  readonly basin: string | undefined;
  /** Name of the stream, if it is about one. */
  readonly stream: string | undefined;
  /** Name of the transport, such as `fetch` or `s2s`. */
  readonly transport: string;
  /** Such as `https://my-basin.b.s2.dev`. */
  readonly origin: string;
}

interface OfActivity {
  readonly activity: Activity;
}

interface OfAttempt extends OfActivity {
  /** 1 for the first of the call or session, one more for each further one: with the activity it names the attempt. */
  readonly attempt: number;
}

/** A batch, by its size; never its contents. */
interface BatchSize {
  readonly records: number;
  /** Sum of the records' metered sizes. */
  readonly bytes: number;
}

/** How much passed through a whole session: acknowledged for appends, received for reads. */
export interface SessionTotals {
  /** Batches acknowledged, or received. */
  readonly batches: number;
  /** Records acknowledged, or received. */
  readonly records: number;
  /** Metered. */
  readonly bytes: number;
}

/**
 * Every event with its facts. Times are in milliseconds. No event holds an access token, a key, a header, or any part
 * of a record.
 */
export interface EventMap extends ConnectionEventMap {
  /** A call was made; comes before its first attempt. */
  callStarted: OfActivity;
  /** A call has resolved or rejected; comes once, after its last attempt. */
  callFinished: OfActivity & {
    readonly durationMillis: number;
    /** Attempts made; 0 when the call ended before the first. */
    readonly attempts: number;
    /** Size of the request's body, before any compression. */
    readonly requestBytes: number;
    /** Size of the last answer's body. */
    readonly responseBytes: number;
    /** Records of an append or a read that succeeded. */
    readonly records: number | undefined;
    /** What the call rejects with. */
    readonly error: S2Error | undefined;
  };
  /** A session exists. An append session opens with its first batch. */
  sessionStarted: OfActivity;
  /** The first link of a session is open; comes once. */
  sessionOpened: OfAttempt & { readonly latencyMillis: number };
  /** A later link is open: the session goes on after a break, or an append session after being idle. */
  resumed: OfAttempt & {
    /** Where a read goes on. */
    readonly from: { readonly seq_num: number } | undefined;
  };
  /** A session is over, by whatever; comes once. */
  sessionEnded: OfActivity & {
    readonly durationMillis: number;
    readonly totals: SessionTotals;
    /** What the session failed with. */
    readonly error: S2Error | undefined;
  };
  /** The transport is asked for one attempt: a request of a call, or a link of a session. */
  attemptStarted: OfAttempt;
  /** One attempt is over: its answer is there, or its link has ended. */
  attemptEnded: OfAttempt & {
    readonly durationMillis: number;
    /** HTTP status of a call's answer. */
    readonly status: number | undefined;
    /** Why a link ended other than by itself, or a call got no answer. */
    readonly error: S2Error | undefined;
  };
  /** Another attempt follows after a delay. */
  retryScheduled: OfAttempt & { readonly delayMillis: number; readonly error: S2Error };
  /** The server refused the access token, and another one is to be had: the next attempt uses it, at once. */
  tokenRenewed: OfAttempt;
  /** The server wants its clients elsewhere: it advised so on a link (`advice`), or refused with `server_draining`. */
  reconnectAdvised: OfAttempt & { readonly reason: "advice" | "draining" };
  /** A batch of an append session was handed to the link. */
  batchSent: OfAttempt &
    BatchSize & {
      /** It was on an earlier link, which broke before it was acknowledged. */
      readonly resent: boolean;
    };
  /** A batch of an append session was acknowledged, so long after it was handed to this link. */
  batchAcked: OfAttempt &
    BatchSize & {
      readonly latencyMillis: number;
      /** Sequence number of its first record. */
      readonly seq_num: number;
    };
  /** A read session received records. */
  batchReceived: OfAttempt &
    BatchSize & {
      /** Sequence number of its first record. */
      readonly seq_num: number;
      readonly tail: StreamPosition | undefined;
    };
  /** A read session received a batch without records: the server is alive, and there is nothing new. */
  heartbeat: OfAttempt & { readonly tail: StreamPosition | undefined };
  /** A hook has thrown, or the promise of an async one was rejected. What this one throws is ignored. */
  hookFailed: { readonly hook: EventName; readonly error: unknown };
}

/** The name of an event, and of the hook that is told of it. */
export type EventName = keyof EventMap;

/**
 * Functions that are told what happens, at once and in order; each is optional. They must be quick, since sessions wait
 * for them, but cannot do harm otherwise: what they throw goes to `hookFailed`, if there is one, and nowhere else.
 */
export type Hooks = HooksOf<EventMap>;

/** The names of all events. Written out, since a bundler keeps what it would have to run. */
export const EVENT_NAMES = [
  "callStarted",
  "callFinished",
  "sessionStarted",
  "sessionOpened",
  "resumed",
  "sessionEnded",
  "attemptStarted",
  "attemptEnded",
  "retryScheduled",
  "tokenRenewed",
  "reconnectAdvised",
  "batchSent",
  "batchAcked",
  "batchReceived",
  "heartbeat",
  "hookFailed",
  "connectionOpened",
  "connectionFailed",
  "connectionClosed",
] as const satisfies readonly EventName[];
