import type { StorageFullError } from "../storage.js";
import type { Change, OrderedStore } from "./ordered-store.js";

/** Something with a row of its own that many appends change: it is written once for each commit. */
export interface Participant {
  /** Its row after all that it has handed over; `undefined` when it needs none. */
  row(): Change | undefined;
  /** That row is durable, and so is everything handed over before it was asked for. */
  committed(): void;
  /** Something it handed over will never be durable. */
  failed(reason: Error): void;
}

/** Bytes of pages that a change may write anew, besides its own. */
const CHANGE_COST = 8 * 1024;

interface Waiting {
  readonly changes: readonly Change[];
  readonly participant: Participant | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Shares commits: what is handed over while one is under way goes into the next, all of it, whoever it is from. So a
 * commit costs each of many writers a part of itself, and a lone one waits for nobody.
 */
export class GroupCommit {
  readonly #store: OrderedStore;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;
  /** Bytes that what is handed over and not committed may need. */
  #bytes = 0;

  constructor(store: OrderedStore) {
    this.#store = store;
  }

  /** Makes the changes, all or none; resolves when they are durable, in the order of the calls. */
  add(changes: readonly Change[], participant?: Participant): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the storage is closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, participant, resolve, reject });
      this.#bytes += bytesOf(changes);
      this.#running ??= this.#run();
    });
  }

  /** Why so many bytes more should not be handed over now, if they give nothing back. */
  refusal(bytes: number): StorageFullError | undefined {
    return this.#store.refusal(this.#bytes + bytes);
  }

  /** Commits what has been handed over, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What else comes in this turn of the event loop goes along.
      await new Promise((resolve) => setImmediate(resolve));
      const group = this.#waiting;
      this.#waiting = [];
      const participants = participantsOf(group);
      try {
        await this.#store.commit(changesOf(group, participants));
      } catch (error) {
        this.#fail(group, error instanceof Error ? error : new Error(String(error)));
        continue;
      }
      this.#subtract(group);
      for (const participant of participants) participant.committed();
      for (const { resolve } of group) resolve();
    }
    this.#running = undefined;
  }

  #subtract(group: readonly Waiting[]): void {
    for (const { changes } of group) this.#bytes -= bytesOf(changes);
  }

  /** What waits was handed over on top of what has failed: it fails too. */
  #fail(group: readonly Waiting[], reason: Error): void {
    const all = [...group, ...this.#waiting];
    this.#waiting = [];
    this.#subtract(all);
    for (const participant of participantsOf(all)) participant.failed(reason);
    for (const { reject } of all) reject(reason);
  }
}

function bytesOf(changes: readonly Change[]): number {
  let bytes = 0;
  for (const { value } of changes) bytes += CHANGE_COST + (value?.length ?? 0);
  return bytes;
}

function participantsOf(group: readonly Waiting[]): ReadonlySet<Participant> {
  const participants = new Set<Participant>();
  for (const { participant } of group) if (participant !== undefined) participants.add(participant);
  return participants;
}

function changesOf(group: readonly Waiting[], participants: ReadonlySet<Participant>): readonly Change[] {
  const all: Change[] = [];
  for (const { changes } of group) all.push(...changes);
  for (const participant of participants) {
    const row = participant.row();
    if (row !== undefined) all.push(row);
  }
  return all;
}
