import { s2ErrorFromUnknown } from "../error/make.js";
import type { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import type { EncodedBatch } from "../model/record.js";
import type { AppendEvents, AppendLink } from "../transport/index.js";
import { Fifo } from "../util/fifo.js";
import type { ActivityReport, AttemptReport } from "./activity-report.js";

/** Opens an append link that tells of what passes through it, each event before the session learns of it. */
export function observeAppend(
  report: ActivityReport,
  sent: WeakSet<EncodedBatch>,
  events: AppendEvents,
  open: (events: AppendEvents) => AppendLink,
): AppendLink {
  const link = new ObservedAppendLink(report, sent, events);
  try {
    link.inner = open(link.events);
  } catch (thrown) {
    link.failed(s2ErrorFromUnknown(thrown));
    throw thrown;
  }
  return link;
}

interface InFlight {
  readonly records: number;
  readonly bytes: number;
  readonly sentAt: number;
}

class ObservedAppendLink implements AppendLink {
  readonly #report: ActivityReport;
  readonly #attempt: AttemptReport;
  readonly #sent: WeakSet<EncodedBatch>;
  readonly #inFlight = new Fifo<InFlight>();
  inner: AppendLink | undefined;
  /** What the link underneath is given. */
  readonly events: AppendEvents;

  constructor(report: ActivityReport, sent: WeakSet<EncodedBatch>, events: AppendEvents) {
    this.#report = report;
    this.#sent = sent;
    this.#attempt = report.attemptStarted();
    const { attempt } = this.#attempt;
    this.events = {
      opened: () => {
        report.linkOpened(attempt, undefined);
        events.opened();
      },
      taken: (batches) => events.taken(batches),
      acks: (acks) => {
        for (const ack of acks) this.#acked(ack);
        events.acks(acks);
      },
      writable: () => events.writable(),
      reconnectAdvised: () => {
        report.hooks.reconnectAdvised?.({ activity: report.activity, attempt, reason: "advice" });
        events.reconnectAdvised();
      },
      ended: (error) => {
        this.#attempt.ended(error ?? undefined);
        events.ended(error);
      },
    };
  }

  get started(): number {
    return this.inner?.started ?? 0;
  }

  send(batch: EncodedBatch): boolean {
    const { hooks, activity } = this.#report;
    const { recordCount: records, meteredBytes: bytes } = batch;
    const resent = this.#sent.has(batch);
    if (!resent) this.#sent.add(batch);
    this.#inFlight.push({ records, bytes, sentAt: this.#report.now() });
    const { attempt } = this.#attempt;
    hooks.batchSent?.({ activity, attempt, records, bytes, resent });
    return (this.inner as AppendLink).send(batch);
  }

  finish(): void {
    this.inner?.finish();
  }

  abort(reason: S2Error): void {
    this.#attempt.ended(reason);
    this.inner?.abort(reason);
  }

  failed(error: S2Error): void {
    this.#attempt.ended(error);
  }

  #acked(ack: AppendAck): void {
    const batch = this.#inFlight.shift();
    // An ack for nothing is a fault, which the session tells by failing.
    if (batch === undefined) return;
    const { records, bytes, sentAt } = batch;
    const { hooks, activity } = this.#report;
    this.#report.count(records, bytes);
    hooks.batchAcked?.({
      activity,
      attempt: this.#attempt.attempt,
      records,
      bytes,
      latencyMillis: this.#report.now() - sentAt,
      seq_num: ack.start.seq_num,
    });
  }
}
