import type { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import type { EncodedBatch } from "../model/record.js";
import type { AppendEvents, AppendLink, AttemptOptions, WireRequest } from "../transport/index.js";

/** An append link whose every event is fired by a test, and which remembers what was done with it. */
export interface ScriptedAppendLink {
  /** What the session asked for. */
  readonly request: WireRequest;
  /** What the attempt was made with. */
  readonly options: AttemptOptions;
  /** What was sent on it, in order. */
  readonly sent: readonly EncodedBatch[];
  /** Whether the session has said that no more comes. */
  readonly isFinished: boolean;
  /** What the session has aborted it with. */
  readonly abortedWith: S2Error | undefined;
  /** It has ended, or was aborted: no event can follow. */
  readonly isOver: boolean;
  /** What `send()` answers from now on. Default: true. */
  acceptsMore: boolean;
  /** Whether a byte of a batch leaves as soon as it is sent. Default: true. */
  startsAtOnce: boolean;

  /** Answers the request. */
  open(): void;
  /** A byte of so many batches has left, counted from the first; for links that do not start at once. */
  start(batches: number): void;
  /** The wire has accepted so many batches, counted from the first. Default: all that were sent. */
  take(batches?: number): void;
  /** Acknowledges the next batches with positions that run on from what was acknowledged on this transport. */
  acknowledge(batches?: number): void;
  /** Delivers acks as they are given. */
  ack(...acks: AppendAck[]): void;
  /** Takes more again. */
  becomeWritable(): void;
  /** Says what a server says that is about to leave. */
  adviseReconnect(): void;
  /** Ends it, cleanly with `null`. */
  end(error: S2Error | null): void;
}

/** What the links of one transport share. */
export interface AppendScript {
  /** Sequence number that the next acknowledged record gets. */
  nextSeqNum: number;
  /** Where a session broke the rules of the seam. */
  readonly violations: string[];
}

/** An ack as the service would give it: `count` records from `start` on, with `timestamp` on all of them. */
export function appendAck(start: number, count: number, timestamp = 0): AppendAck {
  return {
    start: { seq_num: start, timestamp },
    end: { seq_num: start + count, timestamp },
    tail: { seq_num: start + count, timestamp },
  };
}

export function createScriptedAppendLink(
  request: WireRequest,
  options: AttemptOptions,
  events: AppendEvents,
  script: AppendScript,
): { readonly link: AppendLink; readonly scripted: ScriptedAppendLink } {
  const sent: EncodedBatch[] = [];
  let isOpen = false;
  let isFinished = false;
  let hasEnded = false;
  let mustWait = false;
  let started = 0;
  let acked = 0;
  let abortedWith: S2Error | undefined;

  const isOver = (): boolean => hasEnded || abortedWith !== undefined;
  const checkAlive = (what: string): void => {
    if (isOver()) throw new Error(`${what}: the link is over, no event can follow`);
  };
  const breach = (what: string): void => {
    script.violations.push(what);
  };

  const link: AppendLink = {
    send(batch) {
      if (!isOpen) breach("send() before opened()");
      if (isFinished) breach("send() after finish()");
      if (isOver()) breach("send() on a link that is over");
      if (mustWait) breach("send() before writable()");
      sent.push(batch);
      if (scripted.startsAtOnce) started = sent.length;
      mustWait = !scripted.acceptsMore;
      return scripted.acceptsMore;
    },
    get started() {
      return started;
    },
    finish() {
      if (!isOpen) breach("finish() before opened()");
      if (isFinished) breach("finish() twice");
      isFinished = true;
    },
    abort(reason) {
      abortedWith ??= reason;
    },
  };

  const scripted: ScriptedAppendLink = {
    request,
    options,
    sent,
    acceptsMore: true,
    startsAtOnce: true,
    get isFinished() {
      return isFinished;
    },
    get abortedWith() {
      return abortedWith;
    },
    get isOver() {
      return isOver();
    },
    open() {
      checkAlive("open()");
      isOpen = true;
      events.opened();
    },
    start(batches) {
      started = batches;
    },
    take(batches = sent.length) {
      checkAlive("take()");
      started = Math.max(started, batches);
      events.taken(batches);
    },
    acknowledge(batches = 1) {
      const acks = sent.slice(acked, acked + batches).map(({ recordCount }) => {
        const ack = appendAck(script.nextSeqNum, recordCount);
        script.nextSeqNum += recordCount;
        return ack;
      });
      if (acks.length < batches) throw new Error(`acknowledge(${batches}): only ${acks.length} were sent`);
      scripted.ack(...acks);
    },
    ack(...acks) {
      checkAlive("ack()");
      acked += acks.length;
      events.acks(acks);
    },
    becomeWritable() {
      checkAlive("becomeWritable()");
      mustWait = false;
      scripted.acceptsMore = true;
      events.writable();
    },
    adviseReconnect() {
      checkAlive("adviseReconnect()");
      events.reconnectAdvised();
    },
    end(error) {
      checkAlive("end()");
      hasEnded = true;
      events.ended(error);
    },
  };
  return { link, scripted };
}
