import { invalidArgument, show } from "../../error/make.js";
import type { S2Error } from "../../error/s2-error.js";
import { MAX_BATCH_BYTES } from "../../model/limits.js";
import { Fifo } from "../../util/fifo.js";
import type { PendingBatch } from "./pending.js";
import type { AppendSessionOptions } from "./types.js";

const DEFAULT_MAX_INFLIGHT_BYTES = 10 * 1024 * 1024;

export interface AdmissionSettings {
  readonly maxInflightBytes: number;
  readonly maxInflightBatches: number;
}

/** Checks the options of an append session and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveAdmissionSettings(options: AppendSessionOptions = {}): AdmissionSettings {
  const { maxInflightBytes = DEFAULT_MAX_INFLIGHT_BYTES, maxInflightBatches } = options;
  if (!Number.isSafeInteger(maxInflightBytes) || maxInflightBytes < MAX_BATCH_BYTES) {
    throw invalidArgument(
      `maxInflightBytes must be an integer of at least ${MAX_BATCH_BYTES}, so that any legal batch fits; got ${show(maxInflightBytes)}`,
    );
  }
  if (
    maxInflightBatches !== undefined &&
    !(Number.isSafeInteger(maxInflightBatches) && maxInflightBatches >= 1)
  ) {
    throw invalidArgument(
      `maxInflightBatches must be an integer of at least 1; got ${show(maxInflightBatches)}`,
    );
  }
  return { maxInflightBytes, maxInflightBatches: maxInflightBatches ?? Number.POSITIVE_INFINITY };
}

interface Waiter {
  readonly pending: PendingBatch;
  /** `undefined` for a batch that was submitted behind waiting ones: it waits for its turn, not for capacity. */
  readonly admitted: (() => void) | undefined;
  /** `undefined`: the batch itself fails. */
  readonly refused: ((error: S2Error) => void) | undefined;
}

/**
 * Lets batches in, in the order they came, while there is capacity. A batch that must not wait for capacity still
 * keeps its place behind those that do.
 */
export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #admit: (pending: PendingBatch) => void;
  readonly #waiters = new Fifo<Waiter>();
  #bytes = 0;
  #batches = 0;

  constructor(settings: AdmissionSettings, admit: (pending: PendingBatch) => void) {
    this.#settings = settings;
    this.#admit = admit;
  }

  get inflightBytes(): number {
    return this.#bytes;
  }

  get inflightBatches(): number {
    return this.#batches;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether a batch would be let in at once. */
  hasRoom(pending: PendingBatch): boolean {
    if (this.#waiters.length > 0) return false;
    return this.#fits(pending);
  }

  /** Lets a batch in at once, or puts it behind those that wait. Without `refused` a refused batch fails by itself. */
  enter(pending: PendingBatch, refused?: (error: S2Error) => void): void {
    if (this.#waiters.length === 0) this.#take(pending);
    else this.#waiters.push({ pending, admitted: undefined, refused });
  }

  /** Lets a batch in when there is room for it. */
  enterWhenRoom(pending: PendingBatch, admitted: () => void, refused: (error: S2Error) => void): void {
    this.#waiters.push({ pending, admitted, refused });
    this.#letIn();
  }

  /** Gives back what settled batches held: the sum of their charges, and their number. Exactly once a batch. */
  release(charge: number, batches: number): void {
    this.#bytes -= charge;
    this.#batches -= batches;
    if (this.#waiters.length > 0) this.#letIn();
  }

  /** Lets in what had been submitted, and refuses those that waited for room. */
  refuseWaiting(error: S2Error): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      if (waiter.admitted === undefined) this.#take(waiter.pending);
      else refuse(waiter, error);
    }
  }

  /** Refuses everybody who waits. */
  refuseAll(error: S2Error): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift())
      refuse(waiter, error);
  }

  #letIn(): void {
    for (let waiter = this.#waiters.peek(); waiter !== undefined; waiter = this.#waiters.peek()) {
      if (waiter.admitted !== undefined && !this.#fits(waiter.pending)) return;
      this.#waiters.shift();
      this.#take(waiter.pending);
      waiter.admitted?.();
    }
  }

  #fits(pending: PendingBatch): boolean {
    if (this.#batches === 0) return true;
    return (
      this.#batches < this.#settings.maxInflightBatches &&
      this.#bytes + pending.charge <= this.#settings.maxInflightBytes
    );
  }

  #take(pending: PendingBatch): void {
    this.#bytes += pending.charge;
    this.#batches += 1;
    this.#admit(pending);
  }
}

function refuse({ pending, refused }: Waiter, error: S2Error): void {
  if (refused === undefined) pending.fail(error);
  else refused(error);
}
