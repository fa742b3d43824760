import { setTimeout as sleep } from "node:timers/promises";
import { type AppendAck, type AppendSession, isS2Error, type S2Error } from "@s2-dev/streamstore";

/** A batch that was given to a session, and how it came out. Its records are numbered from `first` on. */
export interface WrittenBatch {
  readonly first: number;
  readonly count: number;
  ack?: AppendAck;
  error?: S2Error;
  /** From being let in to being settled, in milliseconds. */
  took: number;
  /** By `performance.now()`. */
  settledAt?: number;
}

export interface Written {
  readonly batches: readonly WrittenBatch[];
  /** Sessions that ended by a failure. */
  readonly failures: readonly S2Error[];
}

export interface Writer {
  /** Batches given to a session so far. */
  readonly given: number;
  /** Batches before this one are settled. */
  readonly settled: number;
  stop(): Promise<Written>;
}

/** After a session has failed, in milliseconds. */
const PAUSE = 20;
const MOST_RECORDS = 8;
const LONGEST_PADDING = 600;

/**
 * Writes numbered records in batches of drawn sizes until it is stopped; when its session fails, it goes on with
 * another, and does not repeat what has failed.
 */
export function startWriter(open: () => Promise<AppendSession>, random: () => number): Writer {
  const batches: WrittenBatch[] = [];
  const failures: S2Error[] = [];
  const acks: Promise<unknown>[] = [];
  let running = true;
  let next = 0;
  let settled = 0;

  const write = async (session: AppendSession): Promise<void> => {
    const count = 1 + Math.floor(random() * MOST_RECORDS);
    const records = Array.from({ length: count }, (_, index) => ({
      body: `${next + index} ${"x".repeat(Math.floor(random() * LONGEST_PADDING))}`,
    }));
    const batch: WrittenBatch = { first: next, count, took: 0 };
    next += count;
    batches.push(batch);
    const since = performance.now();
    const note = (outcome: Pick<WrittenBatch, "ack"> | Pick<WrittenBatch, "error">): void => {
      const settledAt = performance.now();
      Object.assign(batch, outcome, { took: settledAt - since, settledAt });
      while (settled < batches.length && isSettled(batches[settled])) settled += 1;
    };
    try {
      const ticket = await session.enqueue(records);
      const ack = ticket.ack().then(
        (value) => note({ ack: value }),
        (error: unknown) => note({ error: asS2Error(error) }),
      );
      acks.push(ack);
    } catch (error) {
      note({ error: asS2Error(error) });
      throw error;
    }
  };
  const writing = (async () => {
    while (running) {
      const session = await open();
      try {
        while (running) {
          await write(session);
          if (batches.length % 16 === 0) await sleep(1);
        }
        await session.close();
      } catch (error) {
        failures.push(asS2Error(error));
        await sleep(PAUSE);
      }
    }
  })();
  return {
    get given() {
      return batches.length;
    },
    get settled() {
      return settled;
    },
    async stop() {
      running = false;
      await writing;
      await Promise.all(acks);
      return { batches, failures };
    },
  };
}

function isSettled(batch: WrittenBatch | undefined): boolean {
  return batch?.ack !== undefined || batch?.error !== undefined;
}

function asS2Error(error: unknown): S2Error {
  if (isS2Error(error)) return error;
  throw error;
}
