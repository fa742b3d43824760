import { Fifo } from "@s2-dev/streamstore-core/transport";
import { encodeRecords, type RecordData } from "../storage/record-encoding.js";
import type { LogEntry, Position, StoredBatch, StreamLog } from "../storage/storage.js";
import { maxU64, type U64, U64_MAX } from "../storage/u64.js";
import type { CheckedAppend } from "./append-input.js";
import type { ServiceClock } from "./clock.js";
import { CommandStates } from "./command-states.js";
import type { Cipher, StreamSettings } from "./configs.js";
import {
  fencingTokenMismatch,
  invalid,
  type ServiceError,
  seqNumMismatch,
  serviceErrorFrom,
  streamDeletionPending,
  streamGone,
} from "./errors.js";
import { Follower } from "./follower.js";
import { type AppendReply, PendingReplies, type SessionOrder } from "./pending-replies.js";
import type { RecordCipher } from "./record-cipher.js";
import { TERMINAL_TRIM } from "./terminal-trim.js";
import { assignTimestamps } from "./timestamps.js";

/** AES-GCM nonces bound how many records one key may seal. */
const AES_MAX_SEQ_NUM = 0xffff_ffff;

/** Bytes of an append that trims, which is let in when there is no space. */
const MAX_TRIM_BYTES = 4096;

export interface LiveStreamOptions {
  readonly basin: string;
  readonly name: string;
  readonly logId: string;
  readonly cipher: Cipher | null;
  readonly settings: StreamSettings;
  readonly createdAt: number;
  readonly log: StreamLog;
  readonly clock: ServiceClock;
  readonly observer: StreamObserver;
}

/** What others want to know of a stream in use. */
export interface StreamObserver {
  /** A batch of this metered size has become durable. */
  appended(stream: LiveStream, meteredBytes: number): void;
  /** A trim has become durable, and what it concerns is gone. */
  trimmed(stream: LiveStream): void;
}

/**
 * A stream in use: gives out sequence numbers, keeps what is in flight, and tells followers what has become durable.
 * Sequencing is synchronous, so appends take effect in the order of the calls.
 */
export class LiveStream {
  readonly basin: string;
  readonly name: string;
  readonly logId: string;
  readonly cipher: Cipher | null;
  readonly createdAt: number;
  readonly log: StreamLog;
  settings: StreamSettings;
  readonly #clock: ServiceClock;
  readonly #observer: StreamObserver;
  readonly #pending = new PendingReplies();
  readonly #inflight = new Fifo<LogEntry>();
  readonly #followers = new Set<Follower>();
  readonly #goneListeners = new Set<() => void>();
  /** Where the next record goes, in-flight appends included. */
  #next: Position;
  #durable: Position;
  readonly #commands: CommandStates;
  #visibleFrom: U64;
  #lastWriteAt: number;
  #gone = false;

  constructor(options: LiveStreamOptions) {
    const { log } = options;
    const { tail } = log.state;
    this.basin = options.basin;
    this.name = options.name;
    this.logId = options.logId;
    this.cipher = options.cipher;
    this.createdAt = options.createdAt;
    this.settings = options.settings;
    this.log = log;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#next = tail;
    this.#durable = tail;
    this.#commands = new CommandStates(log.state.fencingToken, log.state.trimPoint, tail.seq_num);
    this.#visibleFrom = log.state.trimPoint;
    this.#lastWriteAt = Math.max(log.state.lastWriteAt, options.createdAt);
  }

  /** The durable tail. */
  get tail(): Position {
    return this.#durable;
  }

  /** First sequence number that reads may see; everything below is trimmed. */
  get visibleFrom(): U64 {
    return this.#visibleFrom;
  }

  /** When the last append was sequenced, or the stream created; milliseconds since the epoch. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  /** Readers at the live end. */
  get followers(): number {
    return this.#followers.size;
  }

  /** Whether appends are on their way. */
  get busy(): boolean {
    return this.#inflight.length > 0;
  }

  /** Whether the stream has left this server's hands: deleted, or the server closed. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Whether it has gone because it was deleted, and not because its storage failed. */
  get deleted(): boolean {
    return this.#gone && this.#visibleFrom === U64_MAX;
  }

  /**
   * Sequences a batch, or decides why not; the reply comes when that is durable. A batch of a session that has failed
   * is not applied and gets no reply.
   */
  submit(
    append: CheckedAppend,
    seal: RecordCipher | undefined,
    session: SessionOrder | undefined,
    reply: AppendReply,
  ): void {
    if (session?.poisoned) return;
    if (this.#gone) {
      if (session !== undefined) session.poisoned = true;
      reply(streamGone(), undefined);
      return;
    }
    const refusal = this.#refusal(append);
    if (refusal !== undefined) {
      this.#pending.reject(refusal.error, refusal.dependsOn, this.#durable, session, reply);
      return;
    }
    const full = givesSpaceBack(append) ? undefined : this.log.refusal?.(append.meteredBytes);
    if (full !== undefined) {
      this.#pending.reject(serviceErrorFrom(full), 0, this.#durable, session, reply);
      return;
    }
    const arrival = Math.floor(this.#clock.epoch());
    let timestamps: U64[];
    try {
      timestamps = assignTimestamps(append.records, this.settings, arrival, this.#next.timestamp);
    } catch (error) {
      this.#pending.reject(error as ServiceError, 0, this.#durable, session, reply);
      return;
    }
    this.#accept(append, timestamps, arrival, seal, session, reply);
  }

  /** Ends the stream: a trim of everything, after which nothing is appended. The reply comes when it is durable. */
  submitTerminalTrim(reply: AppendReply): void {
    if (this.#gone) {
      reply(streamGone(), undefined);
      return;
    }
    const { trim } = this.#commands;
    if (trim.value === U64_MAX) {
      this.#pending.reject(streamDeletionPending(), trim.appliedAt, this.#durable, undefined, reply);
      return;
    }
    const arrival = Math.floor(this.#clock.epoch());
    const { mode, uncapped } = this.settings;
    const given = mode !== "arrival" && uncapped ? U64_MAX : arrival;
    this.#accept(TERMINAL_TRIM, [maxU64(given, this.#next.timestamp)], arrival, undefined, undefined, reply);
  }

  /** Follows from the durable tail. */
  follow(): Follower {
    const follower = new Follower((left) => this.#followers.delete(left));
    if (this.#gone) follower.close();
    else this.#followers.add(follower);
    return follower;
  }

  /** Calls back when the stream goes; returns a function that stops this. */
  onGone(listener: () => void): () => void {
    this.#goneListeners.add(listener);
    return () => this.#goneListeners.delete(listener);
  }

  /** Lets go of everybody: nothing more is sequenced, followers end, waiting replies fail. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const follower of this.#followers) follower.close();
    this.#followers.clear();
    this.#pending.failAll(streamGone());
    for (const listener of this.#goneListeners) listener();
    this.#goneListeners.clear();
  }

  #refusal(append: CheckedAppend): { error: ServiceError; dependsOn: U64 } | undefined {
    const { fencing, trim } = this.#commands;
    if (trim.value === U64_MAX) return { error: streamDeletionPending(), dependsOn: trim.appliedAt };
    if (append.fencingToken !== undefined && append.fencingToken !== fencing.value) {
      return { error: fencingTokenMismatch(fencing.value), dependsOn: fencing.appliedAt };
    }
    const first = this.#next.seq_num;
    if (append.matchSeqNum !== undefined && append.matchSeqNum !== first) {
      return { error: seqNumMismatch(first), dependsOn: first };
    }
    const last = first + append.records.length - 1;
    if (this.cipher === "aes-256-gcm" && last > AES_MAX_SEQ_NUM) {
      const attempted = Math.max(first, AES_MAX_SEQ_NUM + 1);
      const message = `max assignable sequence number is ${AES_MAX_SEQ_NUM}; attempted ${attempted}`;
      return { error: invalid(message), dependsOn: first };
    }
    return undefined;
  }

  #accept(
    append: CheckedAppend,
    timestamps: readonly U64[],
    arrival: number,
    seal: RecordCipher | undefined,
    session: SessionOrder | undefined,
    reply: AppendReply,
  ): void {
    const firstSeqNum = this.#next.seq_num;
    const records: readonly RecordData[] =
      seal === undefined ? append.records : append.records.map(seal.seal);
    const { retention } = this.settings;
    const batch: StoredBatch = {
      firstSeqNum,
      count: records.length,
      firstTimestamp: timestamps[0] as U64,
      lastTimestamp: timestamps[timestamps.length - 1] as U64,
      meteredBytes: append.meteredBytes,
      expiresAt:
        retention === "infinite" ? Number.POSITIVE_INFINITY : arrival + Number(retention.ageSecs) * 1000,
      sealed: seal !== undefined,
      bytes: encodeRecords(records, firstSeqNum, timestamps),
    };
    const start: Position = { seq_num: firstSeqNum, timestamp: batch.firstTimestamp };
    const end: Position = { seq_num: firstSeqNum + batch.count, timestamp: batch.lastTimestamp };
    const { commands } = append;
    const entry: LogEntry =
      commands.length === 0
        ? { batch }
        : { batch, ...this.#commands.apply(commands, firstSeqNum, append === TERMINAL_TRIM) };
    this.#next = end;
    this.#lastWriteAt = arrival;
    this.#inflight.push(entry);
    this.#pending.accept(start, end, session, reply);
    this.log.append(entry, arrival).then(this.#onDurable, this.#onFailed);
  }

  readonly #onDurable = (): void => {
    const entry = this.#inflight.shift();
    if (entry === undefined || this.#gone) return;
    const { batch } = entry;
    this.#durable = { seq_num: batch.firstSeqNum + batch.count, timestamp: batch.lastTimestamp };
    if (entry.trimPoint !== undefined) this.#visibleFrom = entry.trimPoint;
    this.#observer.appended(this, batch.meteredBytes);
    this.#pending.durable(this.#durable);
    for (const follower of this.#followers) follower.deliver(batch);
    if (entry.trimPoint === undefined) return;
    if (entry.trimPoint === U64_MAX) this.leave();
    else {
      // The trim is in force. What it leaves behind when it fails, the storage takes up again.
      const trimmed = (): void => this.#observer.trimmed(this);
      void this.log.trim(entry.trimPoint).then(trimmed, trimmed);
    }
  };

  readonly #onFailed = (reason: unknown): void => {
    this.#pending.failAll(serviceErrorFrom(reason));
    this.leave();
  };
}

/** Whether it is what is needed when there is no space: a trim, and little else. */
function givesSpaceBack({ commands, meteredBytes }: CheckedAppend): boolean {
  return meteredBytes <= MAX_TRIM_BYTES && commands.some(({ op }) => op === "trim");
}
