import type * as core from "@s2-dev/streamstore-core";
import type { StreamConfig } from "./configs.js";
import { errorFrom, rethrow, type S2Error, toldElsewhere } from "./errors.js";
import { type IterableStream, mappedReadable, mappedWritable } from "./mapped-streams.js";
import { type AppendAck, ackFromWire } from "./positions.js";
import { type AppendInput, conditionsToWire, recordsToWire } from "./records.js";

/** What an append session may have in flight. */
export interface AppendSessionOptions {
  /** Bytes that may be unacknowledged before writers wait: at least 1 MiB. Default 10 MiB. */
  readonly maxInflightBytes?: number | undefined;
  /** Batches that may be unacknowledged before writers wait; below 1 counts as 1. Default: no bound of its own. */
  readonly maxInflightBatches?: number | undefined;
  /** Configuration of the stream, in case the session creates it. */
  readonly streamConfig?: StreamConfig | undefined;
}

/** A batch whose place in the order is fixed. */
export class BatchSubmitTicket {
  readonly #ticket: core.AppendTicket;

  /** @internal Made by `AppendSession.submit`. */
  constructor(ticket: core.AppendTicket) {
    this.#ticket = ticket;
  }

  /** Metered size of the batch. */
  get bytes(): number {
    return this.#ticket.bytes;
  }

  /** How many records the batch has. */
  get numRecords(): number {
    return this.#ticket.numRecords;
  }

  /** Settles when the batch is durable, or has failed. */
  ack(): Promise<AppendAck> {
    return toldElsewhere(this.#ticket.ack(), ackFromWire);
  }
}

/** A stream of acknowledgements that can also be iterated. */
export interface AcksStream extends IterableStream<AppendAck> {}

/** A pipelined writer of one stream. */
export interface AppendSession extends AsyncDisposable {
  /** Acknowledgements in order, recorded from the first access of `readable` or `acks()`. */
  readonly readable: ReadableStream<AppendAck>;
  /** Takes batches; closing it closes the session. */
  readonly writable: WritableStream<AppendInput>;
  /** Waits for capacity, then fixes the batch's place in the order and resolves with its ticket. */
  submit(input: AppendInput): Promise<BatchSubmitTicket>;
  /** Refuses further batches, waits until all have settled, and ends. */
  close(): Promise<void>;
  /** Acknowledgements as a stream, recorded from the first call on. */
  acks(): AcksStream;
  /** The newest acknowledgement. */
  lastAckedPosition(): AppendAck | undefined;
  /** Why it has failed, if it has. */
  failureCause(): S2Error | undefined;
}

/** The engine's session behind one of this entry, for a producer. */
const ENGINES = new WeakMap<AppendSession, core.AppendSession>();

export function engineOf(session: AppendSession): core.AppendSession | undefined {
  return ENGINES.get(session);
}

export function createAppendSession(engine: core.AppendSession): AppendSession {
  const session = new TicketedSession(engine);
  ENGINES.set(session, engine);
  return session;
}

class TicketedSession implements AppendSession {
  readonly #engine: core.AppendSession;
  #acks: AcksStream | undefined;
  #writable: WritableStream<AppendInput> | undefined;

  constructor(engine: core.AppendSession) {
    this.#engine = engine;
  }

  get readable(): ReadableStream<AppendAck> {
    return this.acks();
  }

  get writable(): WritableStream<AppendInput> {
    this.#writable ??= mappedWritable(this.#engine.writable, (input: AppendInput) => ({
      records: recordsToWire(input),
      ...conditionsToWire(input),
    }));
    return this.#writable;
  }

  async submit(input: AppendInput): Promise<BatchSubmitTicket> {
    const ticket = await this.#engine.enqueue(recordsToWire(input), conditionsToWire(input)).catch(rethrow);
    return new BatchSubmitTicket(ticket);
  }

  close(): Promise<void> {
    return this.#engine.close().catch(rethrow);
  }

  acks(): AcksStream {
    this.#acks ??= mappedReadable(this.#engine.acks(), ackFromWire);
    return this.#acks;
  }

  lastAckedPosition(): AppendAck | undefined {
    const ack = this.#engine.lastAckedPosition();
    return ack === undefined ? undefined : ackFromWire(ack);
  }

  failureCause(): S2Error | undefined {
    const cause = this.#engine.failureCause();
    return cause === undefined ? undefined : errorFrom(cause);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
