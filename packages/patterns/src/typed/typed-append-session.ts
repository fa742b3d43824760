import { type AppendSession, type AppendSessionOptions, invalidArgument } from "@s2-dev/streamstore-core";
import {
  type Clock,
  checkMillis,
  createSystemClock,
  ignoreRejection,
  show,
} from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { writerIdBytes } from "../serialization/dedupe.js";
import type { FramedRecord } from "../serialization/frame.js";
import { MessageQueue } from "../serialization/message-queue.js";
import { toU64 } from "../serialization/u64.js";
import { createWriterId } from "../serialization/writer-id.js";
import { isPromise, type MaybePromise } from "./maybe-promise.js";
import { MessageBatcher, type PlacedMessage, rangeOf } from "./message-batcher.js";
import { type EncodedMessage, fitsRecord, framedRecords, plainRecord } from "./message-records.js";
import type { MessageArgs, OutgoingMessage, WrittenMessage } from "./message-types.js";
import { encodeMessage, type GivenMeta } from "./message-writer.js";
import type { TypedSettings } from "./typed-settings.js";

/** How messages share batches, are numbered, and under which conditions they are appended. */
export interface TypedAppendSessionOptions extends AppendSessionOptions {
  /**
   * Number every record, so that readers drop the copies which retries can leave: each message arrives once. Costs 92
   * bytes a message. Default true, unless `exactlyOnce` makes it needless. Messages larger than a record are numbered in
   * any case.
   */
  readonly dedupe?: boolean | undefined;
  /**
   * Name of this writer in numbered records. Default: 12 random characters. A program that keeps it together with
   * `nextDedupeSeq` can repeat messages after a crash, and readers drop those that had landed.
   */
  readonly writerId?: string | undefined;
  /** Number of the first record. Default 0. */
  readonly dedupeSeq?: bigint | number | undefined;
  /**
   * A session of the same stream that is open already, instead of one that is opened here; it has options of its own, so
   * none for opening one may be given beside it. It is owned from then on. For a lease whose renewals go through it.
   */
  readonly session?: AppendSession | undefined;
  /** Sequence number that the first record must get; each further batch is then appended only directly behind. */
  readonly matchSeqNum?: number | undefined;
  /** Fencing token of every batch, or what gives it when a batch is sent: `() => lease.fencingToken`, with the lease's `session`. */
  readonly fencingToken?: string | (() => string) | undefined;
  /** How long a message may wait for others to share its batch, in milliseconds. Default 5; 0: to the end of the turn. */
  readonly lingerDurationMillis?: number | undefined;
  /** Time for the linger. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/** A message whose place in the order is fixed. */
export interface MessageTicket {
  /** Settles when the message is durable, or has failed. */
  ack(): Promise<WrittenMessage>;
}

const DEFAULT_LINGER = 5;

/**
 * A pipelined writer of typed messages. They are appended in the order of the calls, small ones several to a batch; a
 * message that fits one batch (1 MiB) is appended all or not at all, a larger one is seen by readers when it is whole.
 */
export interface TypedAppendSession<A extends MessageArgs> extends AsyncDisposable {
  /**
   * Appends one message behind all before it; resolves once it is durable with the sequence numbers it got. Never waits
   * for capacity: use `enqueue` or the `writable` to feel it.
   * @throws InvalidMessageError, FrameSizeError or S2Error `INVALID_ARGUMENT` for what cannot be written: only this
   * message is refused. Any other failure ends the session; close() tells it too, so this promise may be left alone.
   */
  submit(...message: A): Promise<WrittenMessage>;
  /** Waits until the session has room, and for the message's place in the order; the ticket tells when it is durable. */
  enqueue(...message: A): Promise<MessageTicket>;
  /** Takes messages as objects, `{ value, key, ... }`; a write waits while the session has no room. Closing it closes the session. */
  readonly writable: WritableStream<OutgoingMessage<A>>;
  /** Sends what was gathered without waiting for the linger, and resolves when everything submitted is durable. */
  flush(): Promise<void>;
  /** The number that the next record will get: what to keep, with the `writerId`, to go on after a restart. */
  readonly nextDedupeSeq: bigint;
  /** Waits until every message is durable, then ends the session. Rejects with what went wrong, if anything did. */
  close(): Promise<void>;
  /** Ends at once; whatever is not durable fails. */
  abort(reason?: unknown): Promise<void>;
}

export class MessageAppendSession<A extends MessageArgs> implements TypedAppendSession<A> {
  readonly #settings: TypedSettings;
  readonly #queue: MessageQueue;
  readonly #batcher: MessageBatcher;
  readonly #isNumbered: boolean;
  readonly #writer: Uint8Array;
  #seq: bigint;
  /** The message before, while its validator is not done: later ones wait, to keep the order. */
  #checking: Promise<unknown> | undefined;
  #writable: WritableStream<OutgoingMessage<A>> | undefined;
  #controller: WritableStreamDefaultController | undefined;

  constructor(settings: TypedSettings, session: AppendSession, options: TypedAppendSessionOptions) {
    const { exactlyOnce = false, dedupe = exactlyOnce === false, dedupeSeq = 0n } = options;
    const { writerId = createWriterId(), matchSeqNum, fencingToken } = options;
    const { lingerDurationMillis = DEFAULT_LINGER, clock = createSystemClock() } = options;
    this.#settings = settings;
    this.#isNumbered = dedupe;
    this.#writer = writerIdBytes(writerId);
    this.#seq = toU64(dedupeSeq, "dedupeSeq");
    const fence = typeof fencingToken === "function" ? fencingToken : () => fencingToken;
    this.#queue = new MessageQueue(session, matchSeqNum, (failure) => this.#fail(failure), fence);
    this.#batcher = new MessageBatcher(this.#queue, lingerDurationMillis, clock);
  }

  submit(...message: A): Promise<WrittenMessage> {
    // One promise a message: what its batch becomes is awaited once for all of them.
    let acked: Promise<WrittenMessage>;
    try {
      const placed = this.#add(message[0], message[1]);
      acked = isPromise(placed) ? placed.then(rangeOf) : rangeOf(placed);
    } catch (error) {
      return Promise.reject(error);
    }
    ignoreRejection(acked);
    return acked;
  }

  async enqueue(...message: A): Promise<MessageTicket> {
    const acked = rangeOf(await this.#add(message[0], message[1]));
    ignoreRejection(acked);
    await this.#batcher.room();
    return { ack: () => acked };
  }

  get writable(): WritableStream<OutgoingMessage<A>> {
    this.#writable ??= this.#openWritable();
    return this.#writable;
  }

  async flush(): Promise<void> {
    if (this.#checking !== undefined) await this.#checking.catch(() => {});
    this.#batcher.flush();
    await this.#batcher.durable();
  }

  get nextDedupeSeq(): bigint {
    return this.#seq;
  }

  async close(): Promise<void> {
    if (this.#queue.ended === undefined) {
      if (this.#checking !== undefined) await this.#checking.catch(() => {});
      this.#batcher.flush();
    }
    await this.#queue.close();
  }

  abort(reason?: unknown): Promise<void> {
    return this.#queue.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Places a message behind those before it, at once where its validator answers at once. */
  #add(value: unknown, meta: GivenMeta | undefined): MaybePromise<PlacedMessage> {
    const refusal = this.#queue.refusal();
    if (refusal !== undefined) throw refusal;
    const encoded = encodeMessage(this.#settings, value, meta);
    if (this.#checking === undefined && !isPromise(encoded)) return this.#place(encoded);
    return this.#inTurn(encoded);
  }

  #inTurn(encoded: MaybePromise<EncodedMessage>): Promise<PlacedMessage> {
    const before = this.#checking?.catch(() => {}) ?? Promise.resolve();
    if (isPromise(encoded)) ignoreRejection(encoded);
    const placed = before.then(() => encoded).then((message) => this.#place(message));
    this.#checking = placed;
    const done = (): void => {
      if (this.#checking === placed) this.#checking = undefined;
    };
    placed.then(done, done);
    return placed;
  }

  #place(message: EncodedMessage): PlacedMessage {
    const refusal = this.#queue.refusal();
    if (refusal !== undefined) throw refusal;
    return this.#batcher.add(this.#recordsOf(message));
  }

  #recordsOf(message: EncodedMessage): FramedRecord[] {
    if (!this.#isNumbered) {
      const plain = plainRecord(message);
      if (fitsRecord(plain)) return [plain];
    }
    const records = framedRecords(message, { writer: this.#writer, seq: this.#seq });
    // Numbers are used up even if the message then fails: one that may have landed must never name other content.
    this.#seq += BigInt(records.length);
    return records;
  }

  #openWritable(): WritableStream<OutgoingMessage<A>> {
    return new WritableStream<OutgoingMessage<A>>({
      start: (controller) => {
        this.#controller = controller;
        const refusal = this.#queue.refusal();
        if (refusal !== undefined) controller.error(refusal);
        controller.signal.addEventListener("abort", () =>
          ignoreRejection(this.#queue.abort(controller.signal.reason)),
        );
      },
      write: async (message) => {
        const { value, ...meta } = message as { readonly value: unknown };
        try {
          await this.#add(value, meta);
        } catch (error) {
          // The stream fails with its write, so no later message is taken on any way.
          this.#batcher.flush();
          this.#queue.fail(error);
          throw error;
        }
        await this.#batcher.room();
      },
      close: () => this.close(),
      abort: (reason) => this.#queue.abort(reason),
    });
  }

  #fail(failure: unknown): void {
    if (this.#controller?.signal.aborted === false) this.#controller.error(failure);
    // What was gathered is told now, and not when its linger has passed.
    this.#batcher.flush();
  }
}

const NAMES: OptionNames<TypedAppendSessionOptions> = {
  dedupe: true,
  writerId: true,
  dedupeSeq: true,
  session: true,
  matchSeqNum: true,
  fencingToken: true,
  lingerDurationMillis: true,
  clock: true,
  exactlyOnce: true,
  maxInflightBatches: true,
  maxInflightBytes: true,
  retry: true,
  streamConfig: true,
};

/** Options of a session that is opened here: one that is given has its own. */
const OF_OPENED = [
  "exactlyOnce",
  "maxInflightBatches",
  "maxInflightBytes",
  "retry",
  "streamConfig",
] as const satisfies readonly (keyof AppendSessionOptions)[];

function checkNothingOpens(options: TypedAppendSessionOptions): void {
  const other = OF_OPENED.find((name) => options[name] !== undefined);
  if (other === undefined) return;
  throw invalidArgument(`${other} cannot be given beside a session that is open already: open that with it`);
}

/** Refuses options out of range before a session is opened. Throws `INVALID_ARGUMENT`. */
export function checkTypedSessionOptions(options: TypedAppendSessionOptions): void {
  checkOptions(options, "a typed append session", NAMES);
  const { dedupe, writerId, dedupeSeq, matchSeqNum, fencingToken, lingerDurationMillis } = options;
  if (options.session !== undefined) checkNothingOpens(options);
  if (dedupe !== undefined && typeof dedupe !== "boolean") {
    throw invalidArgument(`dedupe must be true or false; got ${show(dedupe)}`);
  }
  if (writerId !== undefined) {
    if (typeof writerId !== "string") throw invalidArgument(`writerId must be text; got ${show(writerId)}`);
    writerIdBytes(writerId);
  }
  if (dedupeSeq !== undefined) toU64(dedupeSeq, "dedupeSeq");
  if (matchSeqNum !== undefined && !(Number.isSafeInteger(matchSeqNum) && matchSeqNum >= 0)) {
    throw invalidArgument(`matchSeqNum must be a safe non-negative integer; got ${show(matchSeqNum)}`);
  }
  if (fencingToken !== undefined && typeof fencingToken !== "string" && typeof fencingToken !== "function") {
    throw invalidArgument(`fencingToken must be text or a function; got ${show(fencingToken)}`);
  }
  if (lingerDurationMillis !== undefined) checkMillis(lingerDurationMillis, "lingerDurationMillis");
}
