import { randomBytes } from "node:crypto";
import type { LogSummary } from "../storage.js";
import type { U64 } from "../u64.js";
import { DurableLog } from "./durable-log.js";
import type { GroupCommit } from "./group-commit.js";
import { metaKey } from "./keys.js";
import { decodeMeta, EMPTY_META, type LogMeta } from "./log-meta.js";
import type { OrderedStore } from "./ordered-store.js";

interface Held {
  readonly log: DurableLog;
  /** Whether somebody uses it for good. */
  opened: boolean;
  borrowers: number;
}

/** The logs in use, each of them one object. */
export class DurableLogs {
  readonly #store: OrderedStore;
  readonly #commit: GroupCommit;
  readonly #trim: (log: DurableLog, before: U64) => Promise<void>;
  readonly #held = new Map<string, Held>();

  constructor(
    store: OrderedStore,
    commit: GroupCommit,
    trim: (log: DurableLog, before: U64) => Promise<void>,
  ) {
    this.#store = store;
    this.#commit = commit;
    this.#trim = trim;
  }

  /** Random, so that nothing needs to be remembered of ids that are gone. */
  newId(): string {
    return randomBytes(8).toString("hex");
  }

  open(id: string): DurableLog {
    const held = this.#hold(id);
    held.opened = true;
    return held.log;
  }

  inspect(id: string): LogSummary | undefined {
    const held = this.#held.get(id);
    if (held !== undefined) return { state: held.log.state, storedBytes: held.log.storedBytes };
    const meta = this.#metaOf(id);
    return meta && { state: meta.state, storedBytes: meta.storedBytes };
  }

  /** Uses a log for a while; `undefined` when there is none. */
  async borrow<T>(id: string, use: (log: DurableLog) => Promise<T>): Promise<T | undefined> {
    if (!this.#held.has(id) && this.#metaOf(id) === undefined) return undefined;
    const held = this.#hold(id);
    held.borrowers += 1;
    try {
      return await use(held.log);
    } finally {
      held.borrowers -= 1;
      if (!held.opened && held.borrowers === 0 && this.#held.get(id) === held) this.#held.delete(id);
    }
  }

  /** A log that is to be removed: nothing is written to it any more. */
  forget(id: string): void {
    this.#held.get(id)?.log.end(new Error("the log is dropped"));
    this.#held.delete(id);
  }

  /** What is left of a log that nobody uses. */
  remains(id: string): DurableLog {
    return this.#create(id, EMPTY_META);
  }

  #hold(id: string): Held {
    let held = this.#held.get(id);
    if (held === undefined) {
      held = { log: this.#create(id, this.#metaOf(id) ?? EMPTY_META), opened: false, borrowers: 0 };
      this.#held.set(id, held);
    }
    return held;
  }

  #create(id: string, meta: LogMeta): DurableLog {
    return new DurableLog({
      id,
      store: this.#store,
      commit: this.#commit,
      meta,
      trim: this.#trim,
      onFailed: (log) => {
        // Whoever opens it again gets what is durable.
        if (this.#held.get(log.id)?.log === log) this.#held.delete(log.id);
      },
    });
  }

  #metaOf(id: string): LogMeta | undefined {
    const value = this.#store.get(metaKey(id));
    return value === undefined ? undefined : decodeMeta(value);
  }
}
