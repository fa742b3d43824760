import { setTimeout as sleep } from "node:timers/promises";
import type { ReadSession } from "@s2-dev/streamstore";

/** How long a follower may take to reach the tail once nothing is written any more, in milliseconds. */
const PATIENCE = 30_000;

export interface Followed {
  readonly seen: readonly number[];
  readonly failure: unknown;
}

/** Notes every sequence number that a session gives. */
export function followAll(session: ReadSession): { stopAt(seqNum: number): Promise<Followed> } {
  const seen: number[] = [];
  let failure: unknown;
  let stopAt = Number.POSITIVE_INFINITY;
  const reading = (async () => {
    for await (const record of session) {
      seen.push(record.seq_num);
      if (record.seq_num + 1 >= stopAt) break;
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  return {
    async stopAt(seqNum) {
      stopAt = seqNum;
      if ((seen[seen.length - 1] ?? -1) + 1 >= seqNum) await session.cancel();
      const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
        failure ??= new Error(`The follower did not reach the tail within ${PATIENCE} ms`);
        return session.cancel();
      });
      await Promise.race([reading, late]);
      return { seen, failure };
    },
  };
}
