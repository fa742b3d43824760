/**
 * Where a read session stands.
 *
 * - `opening`: a link is being opened.
 * - `open`: batches are pulled as the consumer asks for them.
 * - `backoff`: no link; waiting to open the next.
 * - `ended`: cleanly, by a failure, or by the consumer.
 */
export type Phase = "opening" | "open" | "backoff" | "ended";

/**
 * - `opened`, `frame`, `linkEnded`, `broke`: of the current link; those of earlier links never arrive here.
 * - `silent`: the opening or the next byte has passed its deadline, judged after a turn of I/O.
 * - `elapsed`: the backoff has passed.
 * - `demanded`: the consumer waits for a batch.
 */
export type EventName = "opened" | "frame" | "linkEnded" | "broke" | "silent" | "elapsed" | "demanded";

/** What the driver does about an event. */
export type Action =
  | "ignore"
  | "startReading"
  | "accept"
  | "finish"
  | "recover"
  | "dropSilent"
  | "connect"
  | "pull"
  | "holdBackoff";

/** Every event in every phase; a missing case does not compile. */
export const TRANSITIONS: { readonly [P in Phase]: { readonly [E in EventName]: Action } } = {
  opening: {
    opened: "startReading",
    frame: "ignore",
    linkEnded: "ignore",
    broke: "recover",
    silent: "dropSilent",
    elapsed: "ignore",
    demanded: "ignore",
  },
  open: {
    opened: "ignore",
    frame: "accept",
    linkEnded: "finish",
    broke: "recover",
    silent: "dropSilent",
    elapsed: "ignore",
    demanded: "pull",
  },
  backoff: {
    opened: "ignore",
    frame: "ignore",
    linkEnded: "ignore",
    broke: "ignore",
    silent: "ignore",
    elapsed: "connect",
    demanded: "holdBackoff",
  },
  ended: {
    opened: "ignore",
    frame: "ignore",
    linkEnded: "ignore",
    broke: "ignore",
    silent: "ignore",
    elapsed: "ignore",
    demanded: "ignore",
  },
};
