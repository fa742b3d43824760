import type { ReadSession, StringReadRecord } from "@s2-dev/streamstore-core";
import { S2Error } from "@s2-dev/streamstore-core";
import { checkMillis, onAbort } from "@s2-dev/streamstore-core/transport";
import { acquireLease } from "../lease/acquire-lease.js";
import { currentFencingToken } from "../lease/fencing-token.js";
import { LeaseHeldError } from "../lease/lease-errors.js";
import type { OptionNames } from "../options/check-options.js";
import {
  type ConversationStream,
  PRODUCER_NAMES,
  type ProducerOptions,
  type ProducerSettings,
  resolveProducer,
} from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader, endRecord, stopRecord } from "./answer-record.js";
import { type FoundAnswer, lookForAnswer } from "./find-answer.js";
import { expiryOf, LeaseWatch } from "./lease-watch.js";
import { readLeft } from "./left-answer.js";

/** How an answer is stopped. */
export interface StopOptions extends ProducerOptions {
  /** Stop only the answer of this id, as the page that asks knows it: not one that has begun since. Default: any. */
  readonly answer?: string | undefined;
  /** How long to wait for the end, in milliseconds; 0: not at all. Default 10,000. */
  readonly waitMillis?: number | undefined;
}

/** What has become of an answer that was asked to stop. */
export interface StoppedAnswer {
  /** Id of the answer. */
  readonly answer: string;
  /** How it has ended; `"requested"`: it has not yet, within the time. */
  readonly reason: AnswerReason | "requested";
}

const NAMES: OptionNames<StopOptions> = { ...PRODUCER_NAMES, answer: true, waitMillis: true };
const DEFAULT_WAIT = 10_000;
/** Least time between two tries to end the answer of a producer that has gone, in milliseconds. */
const TRY_PAUSE = 1_000;

/**
 * Asks whoever writes the conversation's answer to stop, wherever that runs, and waits for its end: the model call is
 * aborted, what has come until then is durable, and every reader sees the end. The answer of a producer that has gone is
 * ended here. One that comes to its end by itself meanwhile gives the reason which that has. Gives `undefined` when no
 * answer is active.
 *
 * Needs the rights to append, to read and to check the tail; to fence, too, where the producer has gone.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range, and whatever the service answers.
 */
export async function stopAnswer(
  stream: ConversationStream,
  options: StopOptions = {},
): Promise<StoppedAnswer | undefined> {
  const settings = resolveProducer(options, "stopAnswer", NAMES);
  const { waitMillis = DEFAULT_WAIT } = options;
  checkMillis(waitMillis, "waitMillis", 0);
  const { signal } = settings;
  const active = await lookForAnswer(stream, { signal });
  if (active === undefined) return undefined;
  const { answer } = active;
  if (options.answer !== undefined && options.answer !== answer) return undefined;
  await stream.append(stopRecord(answer), {}, { signal });
  if (waitMillis === 0) return { answer, reason: "requested" };
  const reason = await new StopWait(stream, active, settings).untilEnd(waitMillis);
  return { answer, reason: reason ?? "requested" };
}

class StopWait {
  readonly #stream: ConversationStream;
  readonly #active: FoundAnswer;
  readonly #settings: ProducerSettings;
  /** When the answer may be ended in its producer's place, for what that concerns. */
  #nextTry = 0;

  constructor(stream: ConversationStream, active: FoundAnswer, settings: ProducerSettings) {
    this.#stream = stream;
    this.#active = active;
    this.#settings = settings;
  }

  /** How the answer has ended; `undefined` when it has not in time. */
  async untilEnd(waitMillis: number): Promise<AnswerReason | undefined> {
    const { clock, signal } = this.#settings;
    const waiting = new AbortController();
    let isLate = false;
    const removeListener = onAbort(signal, (reason) => waiting.abort(reason));
    const late = (): void => {
      isLate = true;
      waiting.abort();
    };
    const cancelTimer = clock.timer(waitMillis, late, true);
    try {
      return await this.#follow(waiting.signal);
    } catch (error) {
      if (isLate) return undefined;
      throw error;
    } finally {
      cancelTimer();
      removeListener();
      waiting.abort();
    }
  }

  /** From the place on up to which there was no end: it may have come before the request. */
  async #follow(signal: AbortSignal): Promise<AnswerReason | undefined> {
    const { clockSkewMillis } = this.#settings;
    const token = await currentFencingToken(this.#stream, { signal });
    const lease = new LeaseWatch(expiryOf(token, clockSkewMillis), clockSkewMillis);
    const session = await this.#stream.readSession({ seq_num: this.#active.next }, { signal });
    try {
      return await this.#read(session, lease);
    } finally {
      await session.cancel("done").catch(() => {});
    }
  }

  async #read(session: ReadSession<"string">, lease: LeaseWatch): Promise<AnswerReason | undefined> {
    const { clock } = this.#settings;
    const reader = new AnswerRecordReader();
    const batches = session.batches({ heartbeats: true });
    let pending = batches.next();
    // Handled where it is awaited; a try to end the answer may lie in between.
    pending.catch(() => {});
    for (;;) {
      let cancel = (): void => {};
      const expired = new Promise<"expired">((resolve) => {
        // Judged only by who has read everything.
        const left = session.isCaughtUp() ? lease.left(clock.now()) : undefined;
        if (left === undefined) return;
        const pause = Math.max(left, this.#nextTry - clock.now());
        cancel = clock.timer(pause, () => resolve("expired"), true);
      });
      const next = await Promise.race([pending, expired]).finally(() => cancel());
      if (next === "expired") {
        const ended = await this.#endForIt(lease);
        if (ended !== undefined) return ended;
        continue;
      }
      if (next.done === true) return undefined;
      const reason = this.#reasonIn(next.value.records, reader, lease);
      if (reason !== undefined) return reason;
      pending = batches.next();
      pending.catch(() => {});
    }
  }

  #reasonIn(
    records: readonly StringReadRecord[],
    reader: AnswerRecordReader,
    lease: LeaseWatch,
  ): AnswerReason | undefined {
    for (const record of records) {
      lease.observe(record);
      const event = reader.push(record);
      if (event?.kind === "end" && event.answer === this.#active.answer) return event.reason;
    }
    return undefined;
  }

  /** The producer has gone: its answer is ended in its place, unless somebody else is at it. */
  async #endForIt(watch: LeaseWatch): Promise<AnswerReason | undefined> {
    const { ttlMillis, clockSkewMillis, owner, clock, signal } = this.#settings;
    this.#nextTry = clock.now() + TRY_PAUSE;
    try {
      const lease = await acquireLease(this.#stream, { ttlMillis, clockSkewMillis, owner, clock, signal });
      try {
        const left = await lookForAnswer(this.#stream, { signal });
        if (left?.answer === this.#active.answer) {
          const { reason = "stopped" } = await readLeft(this.#stream, left, signal);
          await lease.append(endRecord(left.answer, reason));
          return reason;
        }
      } finally {
        await lease[Symbol.asyncDispose]();
      }
    } catch (error) {
      const isHeld = error instanceof LeaseHeldError;
      if (!isHeld && !(error instanceof S2Error && error.code === "LEASE_LOST")) throw error;
      if (isHeld) watch.extend(expiryOf(error.fencingToken, clockSkewMillis));
    }
    // It has ended, and the record of that is on its way; or somebody goes on with it, and is heard of.
    return undefined;
  }
}
