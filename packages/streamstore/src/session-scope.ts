import { sessionClosedError } from "@s2-dev/streamstore-core/client";

/** The open sessions of a handle, so that closing the handle closes them (and a finished one is forgotten). */
export class SessionScope {
  readonly #owner: string;
  readonly #parent: SessionScope | undefined;
  readonly #open = new Set<() => Promise<void>>();
  #isClosed = false;
  #closed: Promise<void> | undefined;

  /** `owner` is what error messages call the handle, such as `The stream`. */
  constructor(owner: string, parent?: SessionScope) {
    this.#owner = owner;
    this.#parent = parent;
  }

  /** Number of open sessions. */
  get size(): number {
    return this.#open.size;
  }

  /** Throws `SESSION_CLOSED` once this handle, or one above it, was closed. */
  checkOpen(): void {
    if (this.#isClosed) throw sessionClosedError(this.#owner);
    this.#parent?.checkOpen();
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
    this.#isClosed = true;
    this.#closed ??= Promise.allSettled([...this.#open].map((close) => close())).then(() => undefined);
    return this.#closed;
  }
}
