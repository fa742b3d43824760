import {
  AppendRecord,
  type AppendSession,
  commandOf,
  type S2Error,
  type StringReadRecord,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { ignoreRejection, onAbort } from "@s2-dev/streamstore-core/transport";
import { mismatchIn } from "../lease/fencing-token.js";
import type { HeldLease } from "../lease/lease.js";
import { LeaseLostError } from "../lease/lease-errors.js";
import type { AnswerSettings, ConversationStream } from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader, chunkRecords, endRecord, kindOf } from "./answer-record.js";
import { AppendBatcher } from "./append-batcher.js";
import { LeasedAppends } from "./leased-appends.js";
import { sleep } from "./sleep.js";

/** How soon a watch that has ended is opened again, in milliseconds: twice as much each time, up to the second. */
const WATCH_PAUSE = 500;
const MAX_WATCH_PAUSE = 15_000;

/** What happens to an answer while it is written. */
export interface AnswerLogEvents {
  /** Somebody has asked for it to stop. */
  stopRequested(): void;
  /** Another producer has taken over: nothing of ours is appended any more. */
  replaced(): void;
  /** Nothing is stored any more. */
  storeFailed(error: S2Error): void;
}

/** Where the chunks of an answer go. */
export interface AnswerPlace {
  /** Sequence number of the record at which it begins. */
  readonly begin: number;
  /** The number of its next record. */
  readonly nextIndex: number;
  /** From where on requests to stop, and whoever takes over, are news. */
  readonly watchFrom: number;
}

/** What a producer holds of its stream. */
export interface Held {
  readonly session: AppendSession;
  readonly lease: HeldLease;
  /** Lets go of the lease without a word to the service. */
  readonly letGo: AbortController;
}

/** The stored side of one answer: appends its chunks under the lease, hears of stop requests, and writes its end. */
export class AnswerLog {
  readonly #stream: ConversationStream;
  readonly #settings: AnswerSettings;
  readonly #answer: string;
  readonly #held: Held;
  readonly #events: AnswerLogEvents;
  readonly #appends: LeasedAppends;
  readonly #batcher: AppendBatcher;
  readonly #watching = new AbortController();
  /** Where the answer begins. */
  readonly #begin: number;
  #nextIndex: number;
  #isOver = false;
  #isChecking = false;

  constructor(
    stream: ConversationStream,
    settings: AnswerSettings,
    answer: string,
    held: Held,
    { begin, nextIndex, watchFrom }: AnswerPlace,
    events: AnswerLogEvents,
  ) {
    this.#stream = stream;
    this.#settings = settings;
    this.#answer = answer;
    this.#held = held;
    this.#events = events;
    this.#appends = new LeasedAppends(held.lease, held.session, () => stream.appendSession(settings.session));
    this.#batcher = new AppendBatcher({
      ...{
        clock: settings.clock,
        lingerMillis: settings.lingerMillis,
        maxBufferBytes: settings.maxBufferBytes,
      },
      append: (records) => this.#appends.append(records),
      onFailure: (error) => this.#fail(error),
    });
    onAbort(held.lease.signal, (reason) => {
      if (!this.#isOver) this.#fail(reason);
    });
    this.#begin = begin;
    this.#nextIndex = nextIndex;
    void this.#watch(watchFrom);
  }

  /** Stores one chunk, in its own time. */
  write(json: string): void {
    if (this.#isOver) return;
    const records = chunkRecords(this.#begin, this.#nextIndex, json);
    this.#nextIndex += records.length;
    this.#batcher.add(records);
  }

  /** Waits until all chunks are durable, then for the end itself, which gives the lease back. False: they are not. */
  async end(reason: AnswerReason): Promise<boolean> {
    await this.#batcher.flush();
    if (this.#isOver) return false;
    try {
      const ended = this.#appends.append([endRecord(this.#answer, reason), AppendRecord.fence("")]);
      // No renewal may come behind the fence that clears the token.
      this.#letGo();
      await ended;
      return true;
    } catch (error) {
      // Sent again after its acknowledgement was lost, it is refused by its own first copy, which has cleared the token.
      if (mismatchIn(error)?.expectedFencingToken === "") return true;
      this.#report(error);
      return false;
    } finally {
      this.#appends.close();
    }
  }

  /**
   * Hears of requests to stop, and of whoever takes over, while the model is silent too. A read that ends or fails is opened
   * again, behind what was heard: the answer goes on meanwhile.
   */
  async #watch(from: number): Promise<void> {
    const { signal } = this.#watching;
    const { clock, onError } = this.#settings;
    const reader = new AnswerRecordReader();
    let next = from;
    let pause = WATCH_PAUSE;
    while (!signal.aborted) {
      try {
        const session = await this.#stream.readSession({ seq_num: next }, { signal });
        for await (const { records } of session.batches()) {
          pause = WATCH_PAUSE;
          for (const record of records) {
            next = record.seq_num + 1;
            this.#hear(record, reader);
          }
        }
      } catch (error) {
        // The first of several in a row is told.
        if (!signal.aborted && pause === WATCH_PAUSE) onError(s2ErrorFromUnknown(error));
      }
      await sleep(clock, pause, signal);
      pause = Math.min(pause * 2, MAX_WATCH_PAUSE);
    }
  }

  #hear(record: StringReadRecord, reader: AnswerRecordReader): void {
    if (kindOf(record) === "stop") {
      const event = reader.push(record);
      if (event?.kind === "stop" && event.answer === this.#answer) this.#events.stopRequested();
      return;
    }
    const command = commandOf(record);
    if (command?.command !== "fence") return;
    if (this.#isChecking || this.#held.lease.isOwn(command.fencingToken)) return;
    // The lease finds out by itself whether that still holds.
    this.#isChecking = true;
    const checked = this.#held.lease.renew().finally(() => {
      this.#isChecking = false;
    });
    ignoreRejection(checked);
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return;
    this.#letGo();
    this.#batcher.fail(thrown);
    this.#appends.close();
    this.#report(thrown);
  }

  #report(thrown: unknown): void {
    if (this.#isTaken(thrown)) this.#events.replaced();
    else this.#events.storeFailed(s2ErrorFromUnknown(thrown));
  }

  /** Whether somebody else has the stream: a token of one's own lease in the place of another is nobody's. */
  #isTaken(thrown: unknown): boolean {
    if (thrown instanceof LeaseLostError) return thrown.reason === "taken";
    const found = mismatchIn(thrown)?.expectedFencingToken;
    return found !== undefined && !this.#held.lease.isOwn(found);
  }

  #letGo(): void {
    this.#isOver = true;
    this.#watching.abort();
    this.#held.letGo.abort();
  }
}
