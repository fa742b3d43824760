/** The open sessions of a handle, so that closing the handle closes them (and a finished one is forgotten). */
export class SessionScope {
  readonly #parent: SessionScope | undefined;
  readonly #open = new Set<() => Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(parent?: SessionScope) {
    this.#parent = parent;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined || this.#parent?.isClosed === true;
  }

  /** Number of open sessions. */
  get size(): number {
    return this.#open.size;
  }

  /** Adds a session to this handle and those above it; returns what removes it again. */
  add(close: () => Promise<void>): () => void {
    this.#open.add(close);
    const removeAbove = this.#parent?.add(close);
    return () => {
      this.#open.delete(close);
      removeAbove?.();
    };
  }

  /** Closes every open session; their own failures are reported by themselves. */
  close(): Promise<void> {
    this.#closed ??= Promise.allSettled([...this.#open].map((close) => close())).then(() => undefined);
    return this.#closed;
  }
}
