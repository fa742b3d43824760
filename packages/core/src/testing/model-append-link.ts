import { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import type { EncodedBatch } from "../model/record.js";
import type { AppendEvents, AppendLink } from "../transport/index.js";
import type { ModelLog } from "./model-log.js";

/**
 * One append attempt at a model server, moved by a schedule: bytes leave, arrive, are written and acknowledged when it
 * says so. Each action returns whether it could be done. Counts are cumulative on the link.
 */
export interface ModelAppendLink {
  /** Whether the server has answered. */
  readonly isOpen: boolean;
  /** Whether the session has said that no more comes. */
  readonly isFinished: boolean;
  /** Ended or aborted. */
  readonly isOver: boolean;
  /** The batches that were handed over, in order. */
  readonly sent: readonly EncodedBatch[];
  /** How many of them may have left. */
  readonly started: number;
  /** How many of them the wire has accepted. */
  readonly taken: number;
  /** How many of them are in the log. */
  readonly written: number;
  /** How many batches have been acknowledged. */
  readonly acked: number;

  /** Answers the request; false when that is not possible any more. */
  open(): boolean;
  /** A byte of the next batch leaves. */
  leave(): boolean;
  /** The next batch has left as a whole. */
  take(): boolean;
  /** The server writes the next batch that has left, also after the client has lost or reset the link. */
  write(): boolean;
  /** The server acknowledges what it has written, `batches` at most. */
  ack(batches: number): boolean;
  /** From now on `send()` asks to wait. */
  stall(): boolean;
  /** Takes more again; false when nobody waits for that. */
  becomeWritable(): boolean;
  /** Advises to reconnect; false when that is not possible any more. */
  advise(): boolean;
  /** Ends with an error. One that proves no effect comes after the acks of what was written, and nothing is written later. */
  fail(error: S2Error): boolean;
  /** Ends with what the server has refused, or cleanly; that with batches unacknowledged is a fault of the server. */
  end(): boolean;
}

/** Who is told what a modelled link has sent, and what the log has acknowledged. */
export interface ModelAppendHooks {
  /** Called when the session hands over a batch. */
  sent(batch: EncodedBatch): void;
  /** Called when the model acknowledges a batch. */
  acked(ack: AppendAck, batch: EncodedBatch): void;
}

export function createModelAppendLink(
  log: ModelLog,
  events: AppendEvents,
  hooks: ModelAppendHooks,
): { readonly link: AppendLink; readonly model: ModelAppendLink } {
  const sent: EncodedBatch[] = [];
  /** Those that have left as a whole: their bytes are the network's, and the memory may be used again. */
  const left: EncodedBatch[] = [];
  const acks: AppendAck[] = [];
  let isOpen = false;
  let isFinished = false;
  let isOver = false;
  let isDead = false;
  let mayGoOn = true;
  let mustWait = false;
  let started = 0;
  let taken = 0;
  let acked = 0;
  /** Why the server writes nothing more on this link. */
  let refusal: S2Error | undefined;

  const batchAt = (index: number): EncodedBatch => left[index] ?? (sent[index] as EncodedBatch);
  const flushAcks = (batches: number): void => {
    const some = acks.slice(acked, acked + batches);
    if (some.length === 0) return;
    for (const ack of some) {
      hooks.acked(ack, batchAt(acked));
      acked += 1;
    }
    events.acks(some);
  };
  const endWith = (error: S2Error | null): void => {
    isOver = true;
    events.ended(error);
  };

  const link: AppendLink = {
    send(batch) {
      if (!isOpen || isFinished || isOver) throw new Error("send() outside of the open phase of a link");
      if (mustWait) throw new Error("send() although the link asked to wait");
      sent.push(batch);
      hooks.sent(batch);
      mustWait = !mayGoOn;
      return mayGoOn;
    },
    get started() {
      return started;
    },
    finish() {
      if (!isOpen) throw new Error("finish() before the link is open");
      isFinished = true;
    },
    abort() {
      isOver = true;
    },
  };

  const model: ModelAppendLink = {
    get isOpen() {
      return isOpen;
    },
    get isFinished() {
      return isFinished;
    },
    get isOver() {
      return isOver;
    },
    sent,
    get started() {
      return started;
    },
    get taken() {
      return taken;
    },
    get written() {
      return acks.length;
    },
    get acked() {
      return acked;
    },
    open() {
      if (isOpen || isOver) return false;
      isOpen = true;
      events.opened();
      return true;
    },
    leave() {
      if (isOver || started === sent.length) return false;
      started += 1;
      return true;
    },
    take() {
      const next = sent[taken];
      if (isOver || next === undefined) return false;
      left.push({ ...next, frame: next.frame.slice() });
      next.place?.release();
      taken += 1;
      started = Math.max(started, taken);
      events.taken(taken);
      return true;
    },
    write() {
      // What has begun to leave may have left as a whole without the client knowing.
      if (isDead || refusal !== undefined || acks.length === started) return false;
      const result = log.append(batchAt(acks.length));
      if (result instanceof S2Error) refusal = result;
      else acks.push(result);
      return true;
    },
    ack(batches) {
      if (isOver || acked === acks.length) return false;
      flushAcks(batches);
      return true;
    },
    stall() {
      if (isOver || !mayGoOn) return false;
      mayGoOn = false;
      return true;
    },
    becomeWritable() {
      if (isOver || mayGoOn || !isOpen) return false;
      mayGoOn = true;
      mustWait = false;
      events.writable();
      return true;
    },
    advise() {
      if (isOver || !isOpen) return false;
      events.reconnectAdvised();
      return true;
    },
    fail(error) {
      if (isOver) return false;
      if (error.sideEffect === "none") {
        isDead = true;
        flushAcks(acks.length);
        // The last ack may have been what the client was waiting for to let go.
        if (isOver) return true;
      }
      endWith(error);
      return true;
    },
    end() {
      if (isOver || !isOpen) return false;
      if (refusal !== undefined) return model.fail(refusal);
      endWith(null);
      return true;
    },
  };
  return { link, model };
}
