import {
  type AppendEvents,
  type AppendLink,
  type AttemptOptions,
  type EncodedBatch,
  Fifo,
  type S2Error,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { postedAppends } from "./append-link.js";
import type { FetchContext } from "./context.js";

/** The rest of an append session by one POST at a time, begun with batches that were sent before. */
export class PostedRest {
  readonly #queue = new Fifo<EncodedBatch>();
  readonly #link: AppendLink;
  readonly #events: AppendEvents;
  #ready = false;
  #finishing = false;

  constructor(
    request: WireRequest,
    events: AppendEvents,
    options: AttemptOptions,
    context: FetchContext,
    batches: readonly EncodedBatch[],
  ) {
    this.#events = events;
    for (const batch of batches) this.#queue.push(batch);
    this.#link = postedAppends.open(
      request,
      {
        opened: () => this.#goOn(),
        taken: (count) => events.taken(count),
        acks: (acks) => events.acks(acks),
        writable: () => this.#goOn(),
        reconnectAdvised: () => events.reconnectAdvised(),
        ended: (error) => events.ended(error),
      },
      options,
      context,
    );
  }

  get started(): number {
    return this.#link.started;
  }

  send(batch: EncodedBatch): boolean {
    this.#queue.push(batch);
    if (this.#ready) this.#sendNext();
    return false;
  }

  finish(): void {
    this.#finishing = true;
    if (this.#queue.length === 0) this.#link.finish();
  }

  abort(reason: S2Error): void {
    this.#link.abort(reason);
  }

  /** The link takes a batch. */
  #goOn(): void {
    this.#ready = true;
    if (this.#queue.length > 0) this.#sendNext();
    else this.#events.writable();
  }

  #sendNext(): void {
    const batch = this.#queue.shift();
    if (batch === undefined) return;
    this.#ready = false;
    this.#link.send(batch);
    if (this.#finishing && this.#queue.length === 0) this.#link.finish();
  }
}
