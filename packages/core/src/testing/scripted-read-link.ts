import { abortedError } from "../error/make.js";
import type { S2Error } from "../error/s2-error.js";
import type { StreamPosition } from "../model/position.js";
import type { ReadFormat, ReadRecord, RecordFormat } from "../model/record.js";
import type { AttemptOptions, LinkBatch, ReadLink, WireRequest } from "../transport/index.js";
import { createDeferred, type Deferred, ignoreRejection } from "../util/deferred.js";

/** A read link whose every event is fired by a test, and which remembers what was done with it. */
export interface ScriptedReadLink {
  /** What the session asked for. */
  readonly request: WireRequest;
  /** How the session wants its records. */
  readonly format: ReadFormat;
  /** What the attempt was made with. */
  readonly options: AttemptOptions;
  /** How often `next()` was called. */
  readonly pulls: number;
  /** Whether a `next()` is pending. */
  readonly isAwaited: boolean;
  /** What the session has aborted it with. */
  readonly abortedWith: S2Error | undefined;

  /** Answers the request. */
  open(): void;
  /** What the server answered instead of opening. */
  refuse(error: S2Error): void;
  /** Queues a batch; it counts as received at once, and is handed over when it is pulled. */
  batch(records: readonly ReadRecord[], more?: Partial<Omit<LinkBatch, "records">>): void;
  /** Queues a batch without records. */
  heartbeat(tail?: StreamPosition): void;
  /** Queues the clean end. */
  end(): void;
  /** Queues a break. */
  fail(error: S2Error): void;
  /** Bytes arrive that make no batch yet. */
  receive(bytes: number): void;
}

/** Records as read, with consecutive sequence numbers and the body `record <seq_num>`. */
export function readRecords(first: number, count: number, timestamp = 1000): ReadRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    seq_num: first + index,
    timestamp: timestamp + first + index,
    body: `record ${first + index}`,
    headers: {},
    headerList: [],
  }));
}

type Outcome = { readonly value: LinkBatch | null } | { readonly error: S2Error };

export function createScriptedReadLink<F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  violations: string[],
): { readonly link: ReadLink<F>; readonly scripted: ScriptedReadLink } {
  const opened = createDeferred<void>();
  ignoreRejection(opened.promise);
  const queue: Outcome[] = [];
  let waiting: Deferred<LinkBatch | null> | undefined;
  let pulls = 0;
  let bytesReceived = 0;
  let abortedWith: S2Error | undefined;

  const settle = (deferred: Deferred<LinkBatch | null>, outcome: Outcome): void => {
    if ("error" in outcome) deferred.reject(outcome.error);
    else deferred.resolve(outcome.value);
  };
  const deliver = (outcome: Outcome): void => {
    if (abortedWith !== undefined) throw new Error("the link was aborted: nothing can follow");
    const pending = waiting;
    waiting = undefined;
    if (pending === undefined) queue.push(outcome);
    else settle(pending, outcome);
  };

  const link: ReadLink = {
    opened: opened.promise,
    next() {
      pulls += 1;
      if (waiting !== undefined) violations.push("next() while another is pending");
      if (abortedWith !== undefined) violations.push("next() on an aborted link");
      const deferred = createDeferred<LinkBatch | null>();
      const outcome = queue.shift();
      if (outcome === undefined) waiting = deferred;
      else settle(deferred, outcome);
      return deferred.promise;
    },
    get bytesReceived() {
      return bytesReceived;
    },
    abort(reason) {
      abortedWith ??= reason;
      opened.reject(reason);
      waiting?.reject(reason);
      waiting = undefined;
    },
  };

  const scripted: ScriptedReadLink = {
    request,
    format,
    options,
    get pulls() {
      return pulls;
    },
    get isAwaited() {
      return waiting !== undefined;
    },
    get abortedWith() {
      return abortedWith;
    },
    open: () => opened.resolve(),
    refuse: (error) => opened.reject(error),
    batch(records, more) {
      bytesReceived += 1 + records.length;
      deliver({
        value: {
          tail: undefined,
          meteredBytes: records.length * 8,
          failure: undefined,
          reconnectAdvised: false,
          ...more,
          records: [...records],
        },
      });
    },
    heartbeat: (tail) => scripted.batch([], { tail }),
    end: () => deliver({ value: null }),
    fail: (error) => deliver({ error }),
    receive(bytes) {
      bytesReceived += bytes;
    },
  };
  return { link: link as unknown as ReadLink<F>, scripted };
}

/** The reason that a transport gives to links it aborts when it is closed. */
export function transportClosed(): S2Error {
  return abortedError("the transport is closed");
}
