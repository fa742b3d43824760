interface Entry {
  /** Positive: shared holders; -1: an exclusive one. */
  held: number;
  readonly waiting: { readonly exclusive: boolean; readonly start: () => void }[];
}

/** Locks by key, first come first served: many may share one, or one may have it alone. */
export class KeyedLock {
  readonly #entries = new Map<string, Entry>();

  async shared<T>(key: string, run: () => Promise<T>): Promise<T> {
    return this.#run(key, false, run);
  }

  async exclusive<T>(key: string, run: () => Promise<T>): Promise<T> {
    return this.#run(key, true, run);
  }

  async #run<T>(key: string, exclusive: boolean, run: () => Promise<T>): Promise<T> {
    await this.#acquire(key, exclusive);
    try {
      return await run();
    } finally {
      this.#release(key);
    }
  }

  #acquire(key: string, exclusive: boolean): Promise<void> | undefined {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { held: 0, waiting: [] };
      this.#entries.set(key, entry);
    }
    const free = exclusive ? entry.held === 0 : entry.held >= 0;
    if (free && entry.waiting.length === 0) {
      entry.held = exclusive ? -1 : entry.held + 1;
      return undefined;
    }
    const { waiting } = entry;
    return new Promise((start) => waiting.push({ exclusive, start }));
  }

  #release(key: string): void {
    const entry = this.#entries.get(key) as Entry;
    entry.held = entry.held < 0 ? 0 : entry.held - 1;
    for (let next = entry.waiting[0]; next !== undefined; next = entry.waiting[0]) {
      if (next.exclusive ? entry.held !== 0 : entry.held < 0) return;
      entry.waiting.shift();
      entry.held = next.exclusive ? -1 : entry.held + 1;
      next.start();
    }
    if (entry.held === 0) this.#entries.delete(key);
  }
}
