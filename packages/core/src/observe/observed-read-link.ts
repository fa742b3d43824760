import { s2ErrorFromUnknown } from "../error/make.js";
import type { S2Error } from "../error/s2-error.js";
import type { RecordFormat } from "../model/record.js";
import type { LinkBatch, ReadLink, WireRequest } from "../transport/index.js";
import type { ActivityReport, AttemptReport } from "./activity-report.js";

/** Opens a read link that tells of what passes through it, each event before the session learns of it. */
export function observeRead<F extends RecordFormat>(
  report: ActivityReport,
  request: WireRequest,
  open: () => ReadLink<F>,
): ReadLink<F> {
  const attempt = report.attemptStarted();
  try {
    return new ObservedReadLink(report, attempt, open(), startOf(request));
  } catch (thrown) {
    attempt.ended(s2ErrorFromUnknown(thrown));
    throw thrown;
  }
}

class ObservedReadLink<F extends RecordFormat> implements ReadLink<F> {
  readonly opened: Promise<void>;
  readonly #report: ActivityReport;
  readonly #attempt: AttemptReport;
  readonly #inner: ReadLink<F>;

  constructor(
    report: ActivityReport,
    attempt: AttemptReport,
    inner: ReadLink<F>,
    from: { readonly seq_num: number } | undefined,
  ) {
    this.#report = report;
    this.#attempt = attempt;
    this.#inner = inner;
    this.opened = inner.opened.then(
      () => report.linkOpened(attempt.attempt, from),
      (thrown: unknown) => {
        attempt.ended(s2ErrorFromUnknown(thrown));
        throw thrown;
      },
    );
  }

  get bytesReceived(): number {
    return this.#inner.bytesReceived;
  }

  async next(): Promise<LinkBatch<F> | null> {
    let batch: LinkBatch<F> | null;
    try {
      batch = await this.#inner.next();
    } catch (thrown) {
      this.#attempt.ended(s2ErrorFromUnknown(thrown));
      throw thrown;
    }
    if (batch === null) this.#attempt.ended(undefined);
    else this.#received(batch);
    return batch;
  }

  abort(reason: S2Error): void {
    this.#attempt.ended(reason);
    this.#inner.abort(reason);
  }

  #received({ records, meteredBytes: bytes, tail, reconnectAdvised }: LinkBatch<F>): void {
    const { hooks, activity } = this.#report;
    const { attempt } = this.#attempt;
    const first = records[0];
    if (first === undefined) hooks.heartbeat?.({ activity, attempt, tail });
    else {
      this.#report.count(records.length, bytes);
      hooks.batchReceived?.({
        activity,
        attempt,
        records: records.length,
        bytes,
        seq_num: first.seq_num,
        tail,
      });
    }
    if (reconnectAdvised) hooks.reconnectAdvised?.({ activity, attempt, reason: "advice" });
  }
}

/** Where a read starts, if that is a sequence number. */
function startOf({ url }: WireRequest): { readonly seq_num: number } | undefined {
  const [, seqNum] = /[?&]seq_num=(\d+)/.exec(url) ?? [];
  return seqNum === undefined ? undefined : { seq_num: Number(seqNum) };
}
