import type { S2Stream } from "@s2-dev/streamstore";
import { type ResumePosition, typed } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";
import type { Snapshots } from "./snapshots.js";

/** What happens to a key. The key itself travels in a header. */
const changes = { set: z.unknown(), deleted: z.null() };

/** The changes of a key-value store, as a typed stream. */
export const changesOf = (stream: S2Stream) => typed(stream, { union: changes });

/** The present values of a stream of changes, kept in memory. */
export class KeyValueView {
  readonly #stream: S2Stream;
  readonly #snapshots: Snapshots;
  #entries = new Map<string, unknown>();
  #position: ResumePosition | undefined;
  /** Changes that were read, to see what a snapshot saves. */
  changesRead = 0;

  private constructor(stream: S2Stream, snapshots: Snapshots) {
    this.#stream = stream;
    this.#snapshots = snapshots;
  }

  /** A view that holds everything up to the tail of now. */
  static async open(stream: S2Stream, snapshots: Snapshots): Promise<KeyValueView> {
    const view = new KeyValueView(stream, snapshots);
    // Only what a newer snapshot holds is ever trimmed: as long as ours is the newest, nothing was missing.
    for (let used = await view.#restore(); ; used = await view.#restore()) {
      await view.catchUp();
      const newest = await snapshots.load();
      if (newest?.position.after === used?.after) return view;
    }
  }

  get(key: string): unknown {
    return this.#entries.get(key);
  }

  entries(): [string, unknown][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Where the view is in the stream. */
  get position(): ResumePosition | undefined {
    return this.#position;
  }

  /** Applies what has come since, up to the tail. */
  async catchUp(): Promise<void> {
    const stream = changesOf(this.#stream);
    for (;;) {
      const messages = await stream.read({ resume: this.#position });
      if (messages.length === 0) return;
      for (const message of messages) this.#apply(message);
    }
  }

  /** Applies changes as they come, until the loop over them is left; gives the key of each. */
  async *follow(): AsyncGenerator<string> {
    for await (const message of changesOf(this.#stream).follow(
      this.#position === undefined ? { seq_num: 0 } : { resume: this.#position },
    )) {
      this.#apply(message);
      if (message.key !== undefined) yield message.key;
    }
  }

  /** Stores everything as a new snapshot, which then covers the stream up to here. */
  async snapshot(): Promise<ResumePosition | undefined> {
    if (this.#position !== undefined) {
      await this.#snapshots.save({ position: this.#position, entries: this.entries() });
    }
    return this.#position;
  }

  async #restore(): Promise<ResumePosition | undefined> {
    const snapshot = await this.#snapshots.load();
    this.#entries = new Map(snapshot?.entries);
    this.#position = snapshot?.position;
    return this.#position;
  }

  #apply(message: {
    readonly type: "set" | "deleted";
    readonly key: string | undefined;
    readonly value: unknown;
    readonly resume: ResumePosition;
  }): void {
    const { type, key, value, resume } = message;
    this.changesRead += 1;
    this.#position = resume;
    if (key === undefined) return;
    if (type === "set") this.#entries.set(key, value);
    else this.#entries.delete(key);
  }
}
