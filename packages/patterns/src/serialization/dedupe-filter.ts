import { invalidArgument } from "@s2-dev/streamstore-core";
import { type HeaderList, readReservedHeaders } from "./reserved-headers.js";

/** Writers that a reader remembers by default. */
export const DEFAULT_MAX_WRITERS = 1024;

/** What a filter remembers. */
export interface DedupeFilterOptions {
  /** Writers to remember; the one unheard of for longest is forgotten first. An integer of at least 1, default 1024. */
  readonly maxWriters?: number | undefined;
}

/**
 * Tells new records from copies that a writer's retries left behind: a writer's numbers only rise, so one that is not
 * higher than the last was seen before. Each writer has a window of its own, however they interleave.
 */
export class DedupeFilter {
  /** The last number of each writer, the longest unheard of first. */
  readonly #last = new Map<string, bigint>();
  readonly #maxWriters: number;

  constructor(options: DedupeFilterOptions = {}) {
    const { maxWriters = DEFAULT_MAX_WRITERS } = options;
    checkMaxWriters(maxWriters);
    this.#maxWriters = maxWriters;
  }

  /** Whether a record with these headers is new. A record without dedupe headers always is. */
  shouldAccept(headers?: HeaderList | undefined): boolean {
    const dedupe = readReservedHeaders(headers).dedupe;
    return dedupe === undefined || this.accepts(dedupe[0], dedupe[1]);
  }

  /** The same for a record whose writer and number are known. */
  accepts(writerId: string, seq: bigint): boolean {
    const last = this.#last.get(writerId);
    const isNew = last === undefined || seq > last;
    // Writing a key again does not move it: the order is that of the last time each writer was heard of.
    if (last !== undefined && this.#last.size > 1) this.#last.delete(writerId);
    this.#last.set(writerId, isNew ? seq : last);
    if (this.#last.size > this.#maxWriters) this.#forgetOldest();
    return isNew;
  }

  #forgetOldest(): void {
    for (const writerId of this.#last.keys()) {
      this.#last.delete(writerId);
      return;
    }
  }
}

export function checkMaxWriters(value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw invalidArgument(`maxWriters must be an integer of at least 1; got ${value}`);
}
