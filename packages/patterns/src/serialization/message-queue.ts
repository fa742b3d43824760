import {
  type AppendAck,
  type AppendRecordInput,
  type AppendSession,
  type AppendTicket,
  abortedError,
  invalidArgument,
  sessionClosedError,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import type { MessageBatches } from "./message-framer.js";

/** The sequence numbers that a message got: from `start` to before `end`. */
export interface MessageRange {
  /** Sequence number of its first record. */
  readonly start: number;
  /** Sequence number behind its last record. */
  readonly end: number;
}

/** A message on its way. */
export interface SentMessage {
  /** All its batches have their place in the session's order; until then there was no capacity. */
  readonly admitted: Promise<void>;
  /** All its batches are durable. */
  readonly acked: Promise<MessageRange>;
}

/**
 * Hands the batches of messages to an append session: one message after the other, each batch as soon as the session
 * has capacity, without waiting for acks. Owns the session, and ends it.
 */
export class MessageQueue {
  readonly #session: AppendSession;
  /** Held for as long as the session lives: nobody else writes there, and it can be aborted. */
  readonly #writer: WritableStreamDefaultWriter<unknown>;
  readonly #onFailure: (failure: unknown) => void;
  readonly #fencingToken: () => string | undefined;
  /** The sequence number that the next batch must get. */
  #matchSeqNum: number | undefined;
  /** Settled when the last message so far has been admitted or refused. */
  #turn: Promise<unknown> = Promise.resolve();
  #lastAck: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  /** What stops messages that still wait for their turn. A refused message does not: those before it go on. */
  #broken: { readonly error: unknown } | undefined;
  #ended: Promise<void> | undefined;
  #isClosing = false;

  constructor(
    session: AppendSession,
    matchSeqNum: number | undefined,
    onFailure: (failure: unknown) => void,
    fencingToken: () => string | undefined = () => undefined,
  ) {
    if (matchSeqNum !== undefined && !(Number.isSafeInteger(matchSeqNum) && matchSeqNum >= 0)) {
      throw invalidArgument(`matchSeqNum must be a safe non-negative integer; got ${matchSeqNum}`);
    }
    if (typeof session?.enqueue !== "function") {
      throw invalidArgument(`session must be an append session, not a promise of one; got ${show(session)}`);
    }
    if (session.writable.locked) throw invalidArgument("the session's writable is in use by somebody else");
    this.#session = session;
    this.#matchSeqNum = matchSeqNum;
    this.#onFailure = onFailure;
    this.#fencingToken = fencingToken;
    this.#writer = session.writable.getWriter();
    ignoreRejection(this.#writer.ready);
    // The session may fail while no batch of ours is on its way.
    this.#writer.closed.catch((error: unknown) => {
      // A session that is closed beside its writable errors it: here that is only its normal end.
      if (!this.#isClosing || session.failureCause() !== undefined) this.#break(error);
    });
  }

  /** How the queue ended, or is about to: `undefined` while it takes messages. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /** What a message is refused with, once no more are taken. */
  refusal(): unknown {
    if (this.#failure !== undefined) return this.#failure.error;
    return this.#ended === undefined ? undefined : sessionClosedError("The session");
  }

  send(batches: MessageBatches): SentMessage {
    const acks: Promise<AppendAck>[] = [];
    const admitted = this.#turn.then(() => this.#admit(batches, acks));
    const acked = admitted.then(async () => rangeOf(await Promise.all(acks)));
    // close() reports what went wrong, so a message's own promises may be left alone.
    ignoreRejection(acked);
    this.#turn = admitted.catch(() => {});
    return { admitted, acked };
  }

  /** Takes no more messages, waits until all have settled, and ends the session. */
  close(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  /** Takes no more messages because of this error. Those before it go on, then the session is closed. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#onFailure(error);
    this.#ended ??= this.#close();
    ignoreRejection(this.#ended);
  }

  /** Ends at once; whatever is unsettled fails. */
  async abort(reason: unknown): Promise<void> {
    this.#break(abortedError(reason));
    await this.#writer.abort(reason);
  }

  async #admit(batches: MessageBatches, acks: Promise<AppendAck>[]): Promise<void> {
    for (const records of batches) {
      if (this.#broken !== undefined) throw this.#broken.error;
      const ticket = await this.#enqueue(records);
      const ack = ticket.ack();
      this.#lastAck = ack.catch((error: unknown) => this.#break(error));
      acks.push(ack);
    }
  }

  async #enqueue(records: readonly AppendRecordInput[]): Promise<AppendTicket> {
    const expected = this.#matchSeqNum;
    try {
      const ticket = await this.#session.enqueue(records, {
        match_seq_num: expected,
        fencing_token: this.#fencingToken(),
      });
      // Only what has a place in the order moves the condition of the next batch.
      if (expected !== undefined) this.#matchSeqNum = expected + records.length;
      return ticket;
    } catch (error) {
      this.#break(error);
      throw error;
    }
  }

  /** A batch is lost, so nothing may follow it. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    // One batch may be told only of itself; the session knows what ended them all.
    this.fail(this.#session.failureCause() ?? error);
  }

  async #close(): Promise<void> {
    await this.#turn;
    this.#isClosing = true;
    try {
      await this.#session.close();
      await this.#lastAck;
    } catch (error) {
      throw this.#failure?.error ?? error;
    } finally {
      // After the session, so that an abort still gets through while it drains.
      ignoreRejection(this.#writer.close());
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function rangeOf(acks: readonly AppendAck[]): MessageRange {
  const first = acks[0] as AppendAck;
  const last = acks[acks.length - 1] as AppendAck;
  return { start: first.start.seq_num, end: last.end.seq_num };
}

/** Marks a rejection as seen; whoever awaits the promise still gets it. */
function ignoreRejection(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
