import type { U64 } from "../u64.js";
import { endOf } from "./batch-encoding.js";
import { type Chore, DROP, decodeChore } from "./chore.js";
import { type DurableLog, removalOf } from "./durable-log.js";
import type { DurableLogs } from "./durable-logs.js";
import type { GroupCommit } from "./group-commit.js";
import {
  bucketOf,
  choreKey,
  choreRange,
  expiryKey,
  expiryOf,
  expiryRange,
  logIdOfChore,
  metaKey,
} from "./keys.js";
import type { Change, OrderedStore } from "./ordered-store.js";

/** Batches that one commit removes, so that appends do not wait long behind it. */
const CHUNK = 512;
/** The same while there is little room on the disk: to remove something, pages are written anew. */
const SMALL_CHUNK = 32;
/** Bytes that it takes to remove many. */
const CHUNK_COST = 8 * 1024 * 1024;

/** Gives space back, a chunk at a time and one thing after another, between the commits of everybody else. */
export class Space {
  readonly #store: OrderedStore;
  readonly #commit: GroupCommit;
  readonly #logs: DurableLogs;
  #last: Promise<unknown> = Promise.resolve();
  /** Logs whose chore waits its turn, or is being done. */
  readonly #taken = new Map<string, number>();
  #stopped = false;

  constructor(store: OrderedStore, commit: GroupCommit, logs: DurableLogs) {
    this.#store = store;
    this.#commit = commit;
    this.#logs = logs;
  }

  /** Takes up what was left undone, by a process that has ended or because it failed. */
  resume(): void {
    const chores: (readonly [string, Chore])[] = [];
    for (const [key, value] of this.#store.entries(choreRange())) {
      const id = logIdOfChore(key);
      if (!this.#taken.has(id)) chores.push([id, decodeChore(value)]);
    }
    for (const [id, chore] of chores) {
      const work =
        chore.kind === "drop"
          ? () => this.#dropRest(id)
          : () => this.#logs.borrow(id, (log) => this.#trimLog(log, chore.before));
      // What fails is taken up again when space is looked for the next time.
      this.#doChore(id, work).catch(() => undefined);
    }
  }

  /** Removes what lies before a sequence number. */
  trim(log: DurableLog, before: U64): Promise<void> {
    return this.#doChore(log.id, () => this.#trimLog(log, before));
  }

  /** Resolves when it is certain that the log goes; its rows go after that. */
  async drop(id: string): Promise<void> {
    this.#logs.forget(id);
    await this.#commit.add([
      { key: metaKey(id), value: undefined },
      { key: choreKey(id), value: DROP },
    ]);
    this.#doChore(id, () => this.#dropRest(id)).catch(() => undefined);
  }

  /** Takes up what has failed before, and removes all that has expired; says which logs had any of it, and how much they hold now. */
  expire(now: number): Promise<ReadonlyMap<string, number>> {
    this.resume();
    return this.#enqueue(() => this.#expireAll(now));
  }

  /** Ends after what is being done now; the rest is taken up at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#last;
  }

  async #doChore<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#taken.set(id, (this.#taken.get(id) ?? 0) + 1);
    try {
      return await this.#enqueue(work);
    } finally {
      const left = (this.#taken.get(id) ?? 0) - 1;
      if (left > 0) this.#taken.set(id, left);
      else this.#taken.delete(id);
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  get #chunk(): number {
    return this.#isTight ? SMALL_CHUNK : CHUNK;
  }

  get #isTight(): boolean {
    return this.#commit.refusal(CHUNK_COST) !== undefined;
  }

  async #trimLog(log: DurableLog, before: U64): Promise<void> {
    while (!this.#stopped && !log.ended) {
      const chunk = this.#chunk;
      const headers = log.headersFrom(0, chunk);
      const trimmed = headers.filter((header) => endOf(header) <= before);
      if (trimmed.length > 0) await log.remove(trimmed);
      if (trimmed.length < headers.length || headers.length < chunk) return this.#finishTrim(log, before);
    }
  }

  async #finishTrim(log: DurableLog, before: U64): Promise<void> {
    if (!log.ended) await log.finishTrim(before);
  }

  async #dropRest(id: string): Promise<void> {
    const log = this.#logs.remains(id);
    while (!this.#stopped) {
      const chunk = this.#chunk;
      const headers = log.headersFrom(0, chunk);
      const changes: Change[] = headers.flatMap((header) => {
        const bucket = bucketOf(header.expiresAt);
        const expiry = bucket === undefined ? [] : [expiryKey(bucket, id, header.firstSeqNum)];
        return [...removalOf(id, header), ...expiry.map((key) => ({ key, value: undefined }))];
      });
      const isLast = headers.length < chunk;
      if (isLast) changes.push({ key: choreKey(id), value: undefined });
      await this.#commit.add(changes);
      if (isLast) return;
    }
  }

  async #expireAll(now: number): Promise<ReadonlyMap<string, number>> {
    const changed = new Map<string, number>();
    const last = bucketOf(now) ?? 0;
    const { to } = expiryRange(last);
    for (let { from } = expiryRange(last); !this.#stopped; ) {
      const chunk = this.#chunk;
      const keys = Array.from(this.#store.entries({ from, to, limit: chunk }), ([key]) => key);
      const expireIn = async (id: string, runs: readonly ExpiryRun[]): Promise<void> => {
        const left = await this.#logs.borrow(id, (log) => this.#expireRuns(log, runs, now));
        if (left !== undefined) changed.set(id, left);
      };
      // Logs go side by side, so that they share commits; the runs of one may touch, so they do not.
      const logs = [...byLog(keys)];
      if (this.#isTight) for (const [id, runs] of logs) await expireIn(id, runs);
      else await Promise.all(logs.map(([id, runs]) => expireIn(id, runs)));
      if (this.#stopped) break;
      // Until the minute is over more may expire in it.
      const over = keys.filter((key) => expiryOf(key).bucket < last);
      if (over.length > 0) await this.#commit.add(over.map((key) => ({ key, value: undefined })));
      const end = keys.at(-1);
      if (end === undefined || keys.length < chunk) break;
      from = Buffer.concat([end, Buffer.alloc(1)]);
    }
    return changed;
  }

  /** The bytes left in the log if anything was removed. */
  async #expireRuns(log: DurableLog, runs: readonly ExpiryRun[], now: number): Promise<number | undefined> {
    let removed = false;
    for (const run of runs) if (await this.#expireRun(log, run, now)) removed = true;
    return removed ? log.storedBytes : undefined;
  }

  /** Removes batches that expire in the same minute, one behind the other; says whether there were any. */
  async #expireRun(log: DurableLog, { bucket, seqNum }: ExpiryRun, now: number): Promise<boolean> {
    let removed = false;
    for (let from = seqNum; !this.#stopped && !log.ended; ) {
      const chunk = this.#chunk;
      const headers = log.headersFrom(from, chunk);
      const end = headers.findIndex((header) => bucketOf(header.expiresAt) !== bucket);
      const run = end === -1 ? headers : headers.slice(0, end);
      const expired = run.filter((header) => header.expiresAt <= now);
      if (expired.length > 0) await log.remove(expired);
      removed ||= expired.length > 0;
      const last = run.at(-1);
      if (last === undefined || run.length < chunk) break;
      from = endOf(last);
    }
    return removed;
  }
}

type ExpiryRun = ReturnType<typeof expiryOf>;

function byLog(keys: readonly Uint8Array[]): ReadonlyMap<string, readonly ExpiryRun[]> {
  const logs = new Map<string, ExpiryRun[]>();
  for (const key of keys) {
    const run = expiryOf(key);
    const runs = logs.get(run.logId);
    if (runs === undefined) logs.set(run.logId, [run]);
    else runs.push(run);
  }
  return logs;
}
