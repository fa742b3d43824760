import type { Clock } from "@s2-dev/streamstore-core/transport";

/** A comment: readers of events skip it. */
export const HEARTBEAT = ":\n\n";

/** The text of a stream of events, with a comment in each silence, so that nothing on its way takes it for dead. */
export class EventOutput {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #clock: Clock;
  readonly #heartbeatMillis: number;
  readonly #encoder = new TextEncoder();
  #lastSentAt = 0;
  #cancelTimer: () => void = () => {};

  /** Sends this at once, and heartbeats from then on until `stop`. */
  constructor(
    controller: ReadableStreamDefaultController<Uint8Array>,
    { clock, heartbeatMillis }: { readonly clock: Clock; readonly heartbeatMillis: number },
    first: string,
  ) {
    this.#controller = controller;
    this.#clock = clock;
    this.#heartbeatMillis = heartbeatMillis;
    this.send(first);
    this.#arm(heartbeatMillis);
  }

  send(text: string): void {
    this.#lastSentAt = this.#clock.now();
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  /** No heartbeat any more. */
  stop(): void {
    this.#cancelTimer();
  }

  #arm(pause: number): void {
    this.#cancelTimer = this.#clock.timer(
      pause,
      () => {
        const silence = this.#clock.now() - this.#lastSentAt;
        const isDue = silence >= this.#heartbeatMillis;
        // What a reader has not taken yet is sign of life enough.
        if (isDue && (this.#controller.desiredSize ?? 0) >= 0) this.send(HEARTBEAT);
        this.#arm(isDue ? this.#heartbeatMillis : this.#heartbeatMillis - silence);
      },
      false,
    );
  }
}
