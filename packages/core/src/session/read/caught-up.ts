import { sessionClosedError } from "../../error/make.js";
import type { S2Error } from "../../error/s2-error.js";
import type { StreamPosition } from "../../model/position.js";
import { createDeferred, type Deferred, ignoreRejection } from "../../util/deferred.js";

/** What a tracker needs to know of a received batch. */
export interface ObservedBatch {
  /** Records in it; 0 for a heartbeat. */
  readonly recordCount: number;
  /** Sequence number of its last record. */
  readonly lastSeqNum?: number | undefined;
  /** The tail that came with it; only live data and heartbeats carry one. */
  readonly tail?: StreamPosition | undefined;
}

/** A batch that reaches the tail. */
export interface CaughtUpBoundary {
  /** Where the stream ended when the reader had everything. */
  readonly tail: StreamPosition;
  /** Says that the batch's last record was handed over. Does nothing once another batch or a reconnect came between. */
  markDelivered(): void;
}

/**
 * Tells when a reader has caught up: the last record of a batch that reaches its own tail was handed over, or a
 * heartbeat came. The next batch and a reconnect clear it.
 */
export class CaughtUpTracker {
  #boundary: CaughtUpBoundary | undefined;
  #tail: StreamPosition | undefined;
  #waiting: Deferred<StreamPosition> | undefined;
  #ended: S2Error | undefined;

  /** Whether everything up to the newest known tail was handed over. */
  isCaughtUp(): boolean {
    return this.#tail !== undefined;
  }

  /** The tail, once it is reached. Rejects with what ended the session, or `SESSION_CLOSED`. */
  caughtUp(): Promise<StreamPosition> {
    if (this.#tail !== undefined) return Promise.resolve(this.#tail);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#waiting === undefined) {
      this.#waiting = createDeferred();
      // Whoever reads the session is told of its end; a promise that nobody kept must not end the process.
      ignoreRejection(this.#waiting.promise);
    }
    return this.#waiting.promise;
  }

  /** Takes note of a batch as it arrives; gives the boundary when it reaches the tail. */
  observeBatch({ recordCount, lastSeqNum, tail }: ObservedBatch): CaughtUpBoundary | undefined {
    this.reconnect();
    if (tail === undefined || (recordCount > 0 && lastSeqNum !== tail.seq_num - 1)) return undefined;
    const boundary = {
      tail,
      markDelivered: () => {
        if (this.#boundary !== boundary) return;
        this.#tail = tail;
        this.#waiting?.resolve(tail);
        this.#waiting = undefined;
      },
    };
    this.#boundary = boundary;
    return boundary;
  }

  /** Takes note of a new connection: what its tail is, the next batch tells. */
  reconnect(): void {
    this.#boundary = undefined;
    this.#tail = undefined;
  }

  /** Takes note of the end: nobody waits any longer. */
  end(failure?: S2Error): void {
    if (this.#ended !== undefined) return;
    this.reconnect();
    this.#ended = failure ?? sessionClosedError("The read session");
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
