import * as core from "@s2-dev/streamstore-core";
import { type S2Error, toldElsewhere } from "./errors.js";
import { positionFromWire, positionToWire, type StreamPosition } from "./positions.js";

/** What a tracker is told of a batch that was received. */
export interface CaughtUpBatch {
  readonly recordCount: number;
  readonly lastSeqNum?: number | undefined;
  readonly tail?: StreamPosition | undefined;
}

/** The tail that a batch reached; `markDelivered` says that all before it has been handed over. */
export interface CaughtUpBoundary {
  readonly tail: StreamPosition;
  markDelivered(): void;
}

/** Tells when a reader of one's own has caught up. */
export class CaughtUpTracker {
  readonly #engine = new core.CaughtUpTracker();

  observeBatch({ tail, ...batch }: CaughtUpBatch): CaughtUpBoundary | undefined {
    const boundary = this.#engine.observeBatch({
      ...batch,
      tail: tail === undefined ? undefined : positionToWire(tail),
    });
    if (boundary === undefined || tail === undefined) return undefined;
    return { tail, markDelivered: () => boundary.markDelivered() };
  }

  reconnect(): void {
    this.#engine.reconnect();
  }

  end(error?: S2Error): void {
    this.#engine.end(error);
  }

  isCaughtUp(): boolean {
    return this.#engine.isCaughtUp();
  }

  caughtUp(): Promise<StreamPosition> {
    return toldElsewhere(this.#engine.caughtUp(), positionFromWire);
  }
}
