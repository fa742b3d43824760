import type { ReadSession, StringReadRecord } from "@s2-dev/streamstore-core";
import { S2Error } from "@s2-dev/streamstore-core";
import { checkMillis } from "@s2-dev/streamstore-core/transport";
import { acquireLease } from "../lease/acquire-lease.js";
import { currentFencingToken } from "../lease/fencing-token.js";
import { LeaseHeldError } from "../lease/lease-errors.js";
import { type ConversationStream, type ProducerOptions, resolveProducer } from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader, endRecord, stopRecord } from "./answer-record.js";
import { type ActiveAnswer, findAnswer } from "./find-answer.js";
import { expiryOf, LeaseWatch } from "./lease-watch.js";

/** How an answer is stopped. */
export interface StopOptions extends ProducerOptions {
  /** Stop only the answer of this id, as the page that asks knows it: not one that has begun since. Default: any. */
  readonly answer?: string | undefined;
  /** How long to wait for the end, in milliseconds; 0: not at all. Default 10,000. */
  readonly waitMillis?: number | undefined;
}

/** What has become of an answer that was asked to stop. */
export interface StoppedAnswer {
  readonly answer: string;
  /** How it has ended; `"requested"`: it has not yet, within the time. */
  readonly reason: AnswerReason | "requested";
}

const DEFAULT_WAIT = 10_000;

/**
 * Asks whoever writes the conversation's answer to stop, wherever that runs, and waits for its end: the model call is
 * aborted, what has come until then is durable, and every reader sees the end. The answer of a producer that has gone is
 * ended here. Gives `undefined` when no answer is active.
 *
 * Needs the rights to append, to read and to check the tail; to fence, too, where the producer has gone.
 */
export async function stopAnswer(
  stream: ConversationStream,
  options: StopOptions = {},
): Promise<StoppedAnswer | undefined> {
  const { waitMillis = DEFAULT_WAIT } = options;
  checkMillis(waitMillis, "waitMillis", 0);
  const { signal } = options;
  const active = await findAnswer(stream, { signal });
  if (active === undefined) return undefined;
  if (options.answer !== undefined && options.answer !== active.answer) return undefined;
  const { answer } = active;
  const { end } = await stream.append(stopRecord(answer), {}, { signal });
  if (waitMillis === 0) return { answer, reason: "requested" };
  return new StopWait(stream, active, options, waitMillis).untilEnd(end.seq_num);
}

class StopWait {
  readonly #stream: ConversationStream;
  readonly #active: ActiveAnswer;
  readonly #options: ProducerOptions;
  readonly #settings: ReturnType<typeof resolveProducer>;
  readonly #waitMillis: number;

  constructor(
    stream: ConversationStream,
    active: ActiveAnswer,
    options: ProducerOptions,
    waitMillis: number,
  ) {
    this.#stream = stream;
    this.#active = active;
    this.#options = options;
    this.#settings = resolveProducer(options);
    this.#waitMillis = waitMillis;
  }

  /** Follows the stream from behind the request on. */
  async untilEnd(from: number): Promise<StoppedAnswer> {
    const { answer } = this.#active;
    const { clock, clockSkewMillis, signal } = this.#settings;
    const token = await currentFencingToken(this.#stream, { signal });
    const lease = new LeaseWatch(expiryOf(token, clockSkewMillis), clockSkewMillis);
    const session = await this.#stream.readSession({ seq_num: from }, { signal });
    let isLate = false;
    const cancelTimer = clock.timer(
      this.#waitMillis,
      () => {
        isLate = true;
        void session.cancel("waited long enough").catch(() => {});
      },
      true,
    );
    try {
      const reason = await this.#read(session, lease);
      return { answer, reason: reason ?? "requested" };
    } catch (error) {
      if (isLate) return { answer, reason: "requested" };
      throw error;
    } finally {
      cancelTimer();
      await session.cancel("done").catch(() => {});
    }
  }

  async #read(session: ReadSession<"string">, lease: LeaseWatch): Promise<AnswerReason | undefined> {
    const { clock } = this.#settings;
    const reader = new AnswerRecordReader();
    const batches = session.batches({ heartbeats: true });
    let pending = batches.next();
    for (;;) {
      let cancel = (): void => {};
      const expired = new Promise<"expired">((resolve) => {
        const left = lease.deadline - clock.now();
        if (Number.isFinite(left)) cancel = clock.timer(Math.max(0, left), () => resolve("expired"), true);
      });
      const next = await Promise.race([pending, expired]);
      cancel();
      if (next === "expired") {
        if (await this.#endForIt()) return "stopped";
        // Somebody goes on with it, and is heard of.
        lease.extend(clock.now());
        continue;
      }
      if (next.done === true) return undefined;
      const reason = this.#reasonIn(next.value.records, reader, lease);
      if (reason !== undefined) return reason;
      pending = batches.next();
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

  /** The producer has gone: its answer is ended in its place. */
  async #endForIt(): Promise<boolean> {
    const { ttlMillis, clockSkewMillis, owner, clock, signal } = { ...this.#options, ...this.#settings };
    try {
      const lease = await acquireLease(this.#stream, { ttlMillis, clockSkewMillis, owner, clock, signal });
      try {
        const active = await findAnswer(this.#stream, { signal });
        if (active?.answer !== this.#active.answer) return false;
        await lease.append(endRecord(this.#active.answer, "stopped"));
        return true;
      } finally {
        await lease[Symbol.asyncDispose]();
      }
    } catch (error) {
      if (error instanceof LeaseHeldError || (error instanceof S2Error && error.code === "LEASE_LOST")) {
        return false;
      }
      throw error;
    }
  }
}
