import type { Storage } from "../storage/storage.js";
import { U64_MAX } from "../storage/u64.js";
import type { ServiceClock } from "./clock.js";
import { streamDeletionPending } from "./errors.js";
import { LiveStream, type StreamObserver } from "./live-stream.js";
import type { BasinRow, StreamRow } from "./rows.js";
import { streamKey } from "./stream-key.js";

/** The streams in use, each loaded once. */
export class LiveStreams {
  readonly #storage: Storage<BasinRow, StreamRow>;
  readonly #clock: ServiceClock;
  readonly #observer: StreamObserver;
  readonly #live = new Map<string, LiveStream>();
  readonly #loading = new Map<string, Promise<LiveStream | undefined>>();

  constructor(storage: Storage<BasinRow, StreamRow>, clock: ServiceClock, observer: StreamObserver) {
    this.#storage = storage;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** A stream that is in use already. */
  peek(basin: string, stream: string): LiveStream | undefined {
    return this.#live.get(streamKey(basin, stream));
  }

  /** @returns `undefined` when there is no such stream. @throws ServiceError while it is being deleted. */
  async get(basin: string, stream: string): Promise<LiveStream | undefined> {
    const id = streamKey(basin, stream);
    const live = this.#live.get(id);
    if (live?.deleted) throw streamDeletionPending();
    if (live !== undefined && !live.gone) return live;
    // A stream whose storage has failed is loaded again, as far as it is durable.
    this.#live.delete(id);
    let loading = this.#loading.get(id);
    if (loading === undefined) {
      loading = this.#load(basin, stream).finally(() => this.#loading.delete(id));
      this.#loading.set(id, loading);
    }
    return loading;
  }

  /** Forgets a stream whose deletion is complete. */
  forget(basin: string, stream: string): void {
    const id = streamKey(basin, stream);
    this.#live.get(id)?.leave();
    this.#live.delete(id);
  }

  all(): IterableIterator<LiveStream> {
    return this.#live.values();
  }

  async #load(basin: string, name: string): Promise<LiveStream | undefined> {
    const row = await this.#storage.streams(basin).get(name);
    if (row === undefined) return undefined;
    if (row.deletedAt !== null) throw streamDeletionPending();
    const log = await this.#storage.openLog(row.logId);
    if (log.state.trimPoint === U64_MAX) throw streamDeletionPending();
    const stream = new LiveStream({
      basin,
      name,
      logId: row.logId,
      cipher: row.cipher,
      settings: row.settings,
      createdAt: row.createdAt,
      log,
      clock: this.#clock,
      observer: this.#observer,
    });
    this.#live.set(streamKey(basin, name), stream);
    return stream;
  }
}
