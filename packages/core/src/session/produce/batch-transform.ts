import type { AppendRecordInput } from "../../model/record.js";
import { type Clock, createSystemClock } from "../../util/clock.js";
import {
  Batcher,
  type BatchOutput,
  type BatchSettings,
  type BatchTransformArgs,
  resolveBatchSettings,
} from "./batcher.js";
import { WriteCounter } from "./write-counter.js";

/** Records that may wait in the writable side while the readable side is not read. */
const QUEUED_RECORDS = 16;

/**
 * Gathers records into batches, for `pipeThrough` and an append session's `writable`:
 * `records.pipeThrough(new BatchTransform()).pipeTo(session.writable)`.
 * A pair of streams of the shape of a `TransformStream`, without its cost a record. Throws `INVALID_ARGUMENT` for bad
 * options; a record that fits no batch errors both sides.
 */
export class BatchTransform implements TransformStream<AppendRecordInput, BatchOutput> {
  readonly readable: ReadableStream<BatchOutput>;
  readonly writable: WritableStream<AppendRecordInput>;
  readonly #settings: BatchSettings;
  /** @internal */
  readonly clock: Clock;
  readonly #writes = new WriteCounter();
  readonly #batcher: Batcher;

  constructor(args?: BatchTransformArgs, clock: Clock = createSystemClock()) {
    this.#settings = resolveBatchSettings(args);
    this.clock = clock;
    const writes = this.#writes;
    let output!: ReadableStreamDefaultController<BatchOutput>;
    let input!: WritableStreamDefaultController;
    let resume: (() => void) | undefined;
    /** Whether the readable side has enough. Looked up once a batch: for each record it is a twentieth of the cost. */
    let isFull = false;
    const batcher = this.createBatcher((batch) => {
      try {
        output.enqueue(batch);
        isFull = (output.desiredSize ?? 0) <= 0;
      } catch (error) {
        // In the linger timer nobody else would hear of it.
        output.error(error);
        input.error(error);
      }
    });
    this.#batcher = batcher;
    const stop = (reason: unknown): void => {
      batcher.stop();
      writes.fail(reason);
      resume?.();
    };
    this.readable = new ReadableStream<BatchOutput>(
      {
        start(controller) {
          output = controller;
        },
        pull() {
          isFull = false;
          resume?.();
          resume = undefined;
        },
        cancel(reason) {
          stop(reason);
          input.error(reason);
        },
      },
      { highWaterMark: 1 },
    );
    this.writable = new WritableStream<AppendRecordInput>(
      {
        start(controller) {
          input = controller;
          // `abort` below is called once a write that waits for a reader has settled, which this lets it do.
          controller.signal.addEventListener("abort", () => stop(controller.signal.reason));
        },
        write(record) {
          try {
            batcher.add(record);
          } catch (error) {
            stop(error);
            output.error(error);
            throw error;
          }
          writes.taken();
          if (!isFull) return;
          return new Promise((resolve) => {
            resume = resolve;
          });
        },
        close() {
          batcher.flush();
          writes.end();
          output.close();
        },
        abort(reason) {
          stop(reason);
          output.error(reason);
        },
      },
      { highWaterMark: QUEUED_RECORDS, size: writes.size },
    );
  }

  /** @internal A batcher of its settings, for a producer, which goes around the streams. */
  createBatcher(emit: (batch: BatchOutput) => void): Batcher {
    return new Batcher(this.#settings, this.clock, emit);
  }

  /**
   * Sends what was written before as a batch, full or not, without waiting for the linger. Resolves when it is in
   * `readable`; whether it is durable, the session that takes it knows. Rejects when the streams have failed before.
   */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.whenTaken((error) => {
        if (error !== undefined) return reject(error);
        this.#batcher.flush();
        resolve();
      });
    });
  }
}
