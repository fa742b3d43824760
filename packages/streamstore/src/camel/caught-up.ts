import * as core from "@s2-dev/streamstore-core";
import { checkInput, type S2Error, toldElsewhere } from "./errors.js";
import { positionFromWire, positionToWire, type StreamPosition } from "./positions.js";

/** What a tracker is told of a batch that was received. */
export interface CaughtUpBatch {
  /** How many records it has. */
  readonly recordCount: number;
  /** Sequence number of its last record. */
  readonly lastSeqNum?: number | undefined;
  /** The tail that came with it. */
  readonly tail?: StreamPosition | undefined;
}

/** The tail that a batch reached; `markDelivered` says that all before it has been handed over. */
export interface CaughtUpBoundary {
  /** Where the stream ended when the reader had everything. */
  readonly tail: StreamPosition;
  /** Says that the last record before the boundary has been handed over. */
  markDelivered(): void;
}

/** Tells when a reader of one's own has caught up. */
export class CaughtUpTracker {
  readonly #engine = new core.CaughtUpTracker();

  /** Takes note of a batch; gives a boundary if it reaches the tail. */
  observeBatch(received: CaughtUpBatch): CaughtUpBoundary | undefined {
    checkInput(received, "batch");
    const { tail, ...batch } = received;
    const boundary = this.#engine.observeBatch({
      ...batch,
      tail: tail === undefined ? undefined : positionToWire(tail),
    });
    if (boundary === undefined || tail === undefined) return undefined;
    return { tail, markDelivered: () => boundary.markDelivered() };
  }

  /** Takes note of a lost connection: the tail is unknown until the next batch. */
  reconnect(): void {
    this.#engine.reconnect();
  }

  /** Ends the waiting: rejects it, with `error` if there is one. */
  end(error?: S2Error): void {
    this.#engine.end(error);
  }

  /** Whether everything up to the last known tail has been handed over. */
  isCaughtUp(): boolean {
    return this.#engine.isCaughtUp();
  }

  /** Resolves with the tail once everything up to it has been handed over. */
  caughtUp(): Promise<StreamPosition> {
    return toldElsewhere(this.#engine.caughtUp(), positionFromWire);
  }
}
