import type { AppendRecordInput } from "../../model/record.js";
import { type Clock, createSystemClock } from "../../util/clock.js";
import { Batcher, type BatchOutput, type BatchTransformArgs, resolveBatchSettings } from "./batcher.js";

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

  constructor(args?: BatchTransformArgs, clock: Clock = createSystemClock()) {
    let output!: ReadableStreamDefaultController<BatchOutput>;
    let input!: WritableStreamDefaultController;
    let resume: (() => void) | undefined;
    const batcher = new Batcher(resolveBatchSettings(args), clock, (batch) => output.enqueue(batch));
    const stop = (): void => {
      batcher.stop();
      resume?.();
    };
    this.readable = new ReadableStream<BatchOutput>(
      {
        start(controller) {
          output = controller;
        },
        pull() {
          resume?.();
          resume = undefined;
        },
        cancel(reason) {
          stop();
          input.error(reason);
        },
      },
      { highWaterMark: 1 },
    );
    this.writable = new WritableStream<AppendRecordInput>(
      {
        start(controller) {
          input = controller;
        },
        write(record) {
          try {
            batcher.add(record);
          } catch (error) {
            stop();
            output.error(error);
            throw error;
          }
          if ((output.desiredSize ?? 0) > 0) return;
          return new Promise((resolve) => {
            resume = resolve;
          });
        },
        close() {
          batcher.flush();
          output.close();
        },
        abort(reason) {
          stop();
          output.error(reason);
        },
      },
      { highWaterMark: QUEUED_RECORDS },
    );
  }
}
