import { RangeNotSatisfiableError, type S2Error } from "../error/s2-error.js";
import type { ReadRecord, RecordFormat } from "../model/record.js";
import type { LinkBatch, ReadLink, WireRequest } from "../transport/index.js";
import { createDeferred, type Deferred, ignoreRejection } from "../util/deferred.js";
import type { ModelLog } from "./model-log.js";

/** What a read asked for. */
export interface ModelReadQuery {
  /** The start, as a sequence number. */
  readonly seq_num?: number;
  /** The start, in milliseconds since the epoch. */
  readonly timestamp?: number;
  /** The start, as records before the tail. */
  readonly tail_offset?: number;
  /** Whether a start beyond the tail is taken for the tail. */
  readonly clamp: boolean;
  /** Most records. */
  readonly count?: number;
  /** Most metered bytes. */
  readonly bytes?: number;
  /** Ends before this time, in milliseconds since the epoch. */
  readonly until?: number;
  /** How long to wait at the tail, in seconds. */
  readonly wait?: number;
}

/** One read attempt at a model server, moved by a schedule. Each action returns whether it could be done. */
export interface ModelReadLink {
  /** What the session asked for. */
  readonly query: ModelReadQuery;
  /** Whether the server has answered. */
  readonly isOpen: boolean;
  /** Ended or aborted. */
  readonly isOver: boolean;
  /** Where it starts, once it is open. */
  readonly start: number | undefined;
  /** Records pulled by the client, but for those after a `rewind()`. */
  readonly pulled: number;
  /** Frames with records pulled by the client after a `rewind()`. */
  readonly repeated: number;
  /** Frames pulled by the client, heartbeats included. */
  readonly frames: number;
  /** Whether everything there is has been sent. */
  readonly isAtTail: boolean;
  /** Whether the client has seen the clean end. */
  readonly hasEndedCleanly: boolean;
  /** What was answered instead of opening. */
  readonly refusal: S2Error | undefined;

  /** Answers with headers, or with a 416. */
  open(): boolean;
  /** Sends at most so many records; at the tail a heartbeat. */
  send(records: number, more?: Partial<Pick<LinkBatch, "reconnectAdvised" | "failure">>): boolean;
  /** Sends a heartbeat; false when that is not possible any more. */
  heartbeat(): boolean;
  /** Goes back to records that it has sent, or that lie before what was asked for: no server should. */
  rewind(records: number): boolean;
  /** Bytes that make no frame. */
  trickle(): boolean;
  /** The clean end, if limits allow or demand one, or the read may stop waiting. */
  end(): boolean;
  /** Breaks, after what was sent. */
  fail(error: S2Error): boolean;
}

type Outcome =
  | { readonly value: LinkBatch | null; readonly isRepetition?: boolean }
  | { readonly error: S2Error };

export function createModelReadLink<F extends RecordFormat>(
  log: ModelLog,
  request: WireRequest,
): { readonly link: ReadLink<F>; readonly model: ModelReadLink } {
  const query = queryOf(request);
  const opened = createDeferred<void>();
  ignoreRejection(opened.promise);
  const queue: Outcome[] = [];
  let waiting: Deferred<LinkBatch | null> | undefined;
  let start: number | undefined;
  let isOver = false;
  let position = 0;
  let count = query.count ?? Number.POSITIVE_INFINITY;
  let bytes = query.bytes ?? Number.POSITIVE_INFINITY;
  let bytesReceived = 0;
  let pulled = 0;
  let frames = 0;
  let repeated = 0;
  let hasRewound = false;
  let hasEndedCleanly = false;
  let refusal: S2Error | undefined;

  const isExhausted = (): boolean => {
    const next = log.records[position];
    if (count === 0 || bytes === 0) return true;
    if (next === undefined) return false;
    return next.meteredBytes > bytes || next.timestamp >= (query.until ?? Number.POSITIVE_INFINITY);
  };
  const settle = (deferred: Deferred<LinkBatch | null>, outcome: Outcome): void => {
    if ("error" in outcome) return deferred.reject(outcome.error);
    if (outcome.value === null) hasEndedCleanly = true;
    else if (outcome.isRepetition) repeated += 1;
    else {
      frames += 1;
      pulled += outcome.value.records.length;
    }
    deferred.resolve(outcome.value);
  };
  const give = (outcome: Outcome): void => {
    bytesReceived += 1;
    const pending = waiting;
    waiting = undefined;
    if (pending === undefined) queue.push(outcome);
    else settle(pending, outcome);
  };
  const refuse = (error: S2Error): void => {
    isOver = true;
    refusal = error;
    opened.reject(error);
  };
  const frame = (records: ReadRecord[], meteredBytes: number, more: object): LinkBatch => ({
    records,
    meteredBytes,
    tail: position === log.records.length ? log.tail : undefined,
    failure: undefined,
    reconnectAdvised: false,
    ...more,
  });

  const link: ReadLink = {
    opened: opened.promise,
    next() {
      if (waiting !== undefined) throw new Error("next() while another is pending");
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
      isOver = true;
      queue.length = 0;
      opened.reject(reason);
      waiting?.reject(reason);
      waiting = undefined;
    },
  };

  const model: ModelReadLink = {
    query,
    get isOpen() {
      return start !== undefined;
    },
    get isOver() {
      return isOver;
    },
    get start() {
      return start;
    },
    get pulled() {
      return pulled;
    },
    get repeated() {
      return repeated;
    },
    get frames() {
      return frames;
    },
    get isAtTail() {
      return position === log.records.length;
    },
    get hasEndedCleanly() {
      return hasEndedCleanly;
    },
    get refusal() {
      return refusal;
    },
    open() {
      if (start !== undefined || isOver) return false;
      const resolved = resolveStart(query, log);
      if (resolved === undefined) {
        refuse(new RangeNotSatisfiableError({ tail: log.tail, origin: "server" }));
        return true;
      }
      start = resolved;
      position = resolved;
      opened.resolve();
      return true;
    },
    send(most, more = {}) {
      if (start === undefined || isOver) return false;
      const records: ReadRecord[] = [];
      let size = 0;
      while (records.length < most && !isExhausted()) {
        const record = log.records[position];
        if (record === undefined) break;
        const { seq_num, timestamp, body, meteredBytes } = record;
        records.push({ seq_num, timestamp, body, headers: {}, headerList: [] });
        position += 1;
        count -= 1;
        bytes -= meteredBytes;
        size += meteredBytes;
      }
      if (records.length === 0 && isExhausted()) return false;
      if (records.length === 0 && position < log.records.length) return false;
      give({ value: frame(records, size, more), isRepetition: hasRewound && records.length > 0 });
      return true;
    },
    heartbeat() {
      if (start === undefined || isOver || position < log.records.length) return false;
      give({ value: frame([], 0, {}) });
      return true;
    },
    rewind(most) {
      // Nothing can be said of a start that the server itself chose, before its first record.
      const isKnown = position > (start ?? 0) || (query.seq_num !== undefined && !query.clamp);
      if (start === undefined || isOver || hasRewound || position === 0 || !isKnown) return false;
      position = Math.max(0, position - most);
      hasRewound = true;
      return true;
    },
    trickle() {
      if (start === undefined || isOver) return false;
      bytesReceived += 1;
      return true;
    },
    end() {
      if (start === undefined || isOver) return false;
      const mayStopWaiting =
        position === log.records.length && (query.wait !== undefined || isBounded(query));
      if (!isExhausted() && !mayStopWaiting) return false;
      isOver = true;
      give({ value: null });
      return true;
    },
    fail(error) {
      if (isOver) return false;
      if (start === undefined) refuse(error);
      else {
        isOver = true;
        give({ error });
      }
      return true;
    },
  };
  return { link: link as unknown as ReadLink<F>, model };
}

function isBounded({ count, bytes, until }: ModelReadQuery): boolean {
  return count !== undefined || bytes !== undefined || until !== undefined;
}

/** The position a read starts at, as the service resolves it; `undefined`: 416. */
function resolveStart(query: ModelReadQuery, log: ModelLog): number | undefined {
  const tail = log.records.length;
  if (query.count === 0 || query.bytes === 0) return Math.min(query.seq_num ?? tail, tail);
  const asked = askedStart(query, log);
  if (asked > tail && !query.clamp) return undefined;
  const start = Math.min(asked, tail);
  const mayFollow = (query.wait ?? 0) > 0 || !isBounded(query);
  return start === tail && !mayFollow ? undefined : start;
}

function askedStart(query: ModelReadQuery, log: ModelLog): number {
  const tail = log.records.length;
  if (query.seq_num !== undefined) return query.seq_num;
  const { timestamp } = query;
  if (timestamp !== undefined) {
    if (timestamp > log.tail.timestamp) return tail + 1;
    const found = log.records.findIndex((record) => record.timestamp >= timestamp);
    return found < 0 ? tail : found;
  }
  return Math.max(0, tail - (query.tail_offset ?? 0));
}

function queryOf({ url }: WireRequest): ModelReadQuery {
  const query: Record<string, number | boolean> = { clamp: false };
  for (const [name, value] of new URL(url).searchParams) {
    query[name] = name === "clamp" ? value === "true" : Number(value);
  }
  return query as unknown as ModelReadQuery;
}
