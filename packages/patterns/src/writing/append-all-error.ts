import { S2Error } from "@s2-dev/streamstore-core";
import type { AppendProgress } from "./append-all.js";

/**
 * `appendAll` has failed; `cause` is why, and `code`, `status` and `data` are those of the cause. The records of the
 * source fall into three parts, in this order: the first `progress.records` are durable; of the next `uncertain` it is
 * not known, since they were sent and not acknowledged; the rest is not in the stream. Nothing of it goes on: no batch is
 * sent any more once this is thrown, but those of a session that was handed in may still be on their way.
 */
export class AppendAllError extends S2Error {
  /** What is durable. */
  readonly progress: AppendProgress;
  /** Records behind the durable ones that may be in the stream as well, or in part: a batch is there whole or not at all. */
  readonly uncertain: number;

  constructor(cause: S2Error, progress: AppendProgress, uncertain: number) {
    const durable = `${progress.records} ${progress.records === 1 ? "record is" : "records are"} durable`;
    const rest = uncertain === 0 ? "and no other" : `and the next ${uncertain} may be`;
    super({
      message: `Not everything was appended: ${durable}, ${rest}. ${cause.message}`,
      code: cause.code,
      status: cause.status,
      data: cause.data,
      origin: cause.origin,
      cause,
      sideEffect: progress.records > 0 || uncertain > 0 ? "possible" : "none",
      retryable: false,
    });
    this.name = "AppendAllError";
    this.progress = progress;
    this.uncertain = uncertain;
  }
}
