/**
 * Where an append session stands with the wire. Whether it still takes batches is the other half of its state
 * (`Lifecycle`); the two are independent.
 *
 * - `idle`: no link, nothing to send.
 * - `opening`: a link is being opened; batches wait.
 * - `open`: batches flow.
 * - `advised`: the server asked to reconnect; nothing more is sent here, acks still come.
 * - `late`: an ack is overdue; the link is half closed, acks are still taken until the backoff has passed.
 * - `backoff`: no link; waiting to open the next.
 * - `reconciling`: exactly-once mode reads the log to learn where to go on; batches wait.
 * - `finishing`: everything is acknowledged and the session closing; waiting for the link's end.
 * - `ended`: nothing happens any more.
 */
export type Phase =
  | "idle"
  | "opening"
  | "open"
  | "advised"
  | "late"
  | "backoff"
  | "reconciling"
  | "finishing"
  | "ended";

/** Whether a session takes batches. */
export type Lifecycle = "accepting" | "closing" | "closed" | "failed";

/**
 * - `admitted`: a batch joined the queue.
 * - `opened`, `writable`, `advised`, `linkEnded`: of the current link; those of earlier links never arrive here.
 * - `emptied`: the last batch sent on the current link was acknowledged.
 * - `overdue`: the opening or the oldest ack has passed its deadline, judged after a turn of I/O.
 * - `reconciled`: the log has been looked at.
 * - `elapsed`: the backoff, or the bound on finishing, has passed.
 */
export type EventName =
  | "admitted"
  | "opened"
  | "writable"
  | "advised"
  | "emptied"
  | "linkEnded"
  | "overdue"
  | "reconciled"
  | "elapsed";

/** What the driver does about an event. */
export type Action =
  | "ignore"
  | "leaveIdle"
  | "connect"
  | "startSending"
  | "pump"
  | "stopSending"
  | "restOrFinish"
  | "replaceLink"
  | "recover"
  | "dropOpening"
  | "fallLate"
  | "loseLateLink"
  | "dropLateLink"
  | "useFindings"
  | "complete";

/** Every event in every phase; a missing case does not compile. */
export const TRANSITIONS: { readonly [P in Phase]: { readonly [E in EventName]: Action } } = {
  idle: {
    admitted: "leaveIdle",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "ignore",
    overdue: "ignore",
    reconciled: "ignore",
    elapsed: "ignore",
  },
  opening: {
    admitted: "ignore",
    opened: "startSending",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "recover",
    overdue: "dropOpening",
    reconciled: "ignore",
    elapsed: "ignore",
  },
  open: {
    admitted: "pump",
    opened: "ignore",
    writable: "pump",
    advised: "stopSending",
    emptied: "restOrFinish",
    linkEnded: "recover",
    overdue: "fallLate",
    reconciled: "ignore",
    elapsed: "ignore",
  },
  advised: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "replaceLink",
    linkEnded: "recover",
    overdue: "fallLate",
    reconciled: "ignore",
    elapsed: "ignore",
  },
  late: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "dropLateLink",
    linkEnded: "loseLateLink",
    overdue: "ignore",
    reconciled: "ignore",
    elapsed: "dropLateLink",
  },
  backoff: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "ignore",
    overdue: "ignore",
    reconciled: "ignore",
    elapsed: "connect",
  },
  reconciling: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "ignore",
    overdue: "ignore",
    reconciled: "useFindings",
    elapsed: "ignore",
  },
  finishing: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "complete",
    overdue: "ignore",
    reconciled: "ignore",
    elapsed: "complete",
  },
  ended: {
    admitted: "ignore",
    opened: "ignore",
    writable: "ignore",
    advised: "ignore",
    emptied: "ignore",
    linkEnded: "ignore",
    overdue: "ignore",
    reconciled: "ignore",
    elapsed: "ignore",
  },
};
