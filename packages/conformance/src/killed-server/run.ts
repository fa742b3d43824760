import { setTimeout as sleep } from "node:timers/promises";
import {
  type AppendAck,
  type AppendSessionOptions,
  type ReadSession,
  S2,
  type SessionTransports,
} from "@s2-dev/streamstore";
import { startDelayingProxy } from "./delaying-proxy.js";
import type { MortalServer } from "./mortal-server.js";

export interface RunOptions {
  readonly transport: SessionTransports;
  readonly kills: number;
  /** How long acknowledgements are held back, in milliseconds. */
  readonly ackDelay: number;
  readonly session?: AppendSessionOptions;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** What was seen in a run. */
export interface RunReport {
  readonly kills: number;
  readonly submitted: number;
  readonly acknowledged: number;
  /** Records acknowledged that the log does not have where the acknowledgement says. */
  readonly lost: number;
  /** Records that the log has more than once. */
  readonly duplicated: number;
  /** Records in the log before one that was submitted earlier, duplicates apart. */
  readonly outOfOrder: number;
  /** Sequence numbers that the follower saw twice, or not at all. */
  readonly followerFaults: number;
  readonly failure: unknown;
}

const BATCH_RECORDS = 5;
/** Batches in flight are bounded, so that a run that is away for a second does not pile up work. */
const IN_FLIGHT = 64;
const KILL_AFTER_MS = { least: 300, most: 2200 } as const;

/** Writes and follows a stream while its server is killed and started again. */
export async function runAgainstKills(server: MortalServer, options: RunOptions): Promise<RunReport> {
  const proxy = options.ackDelay > 0 ? await startDelayingProxy(server.port, options.ackDelay) : undefined;
  const endpoint = `http://127.0.0.1:${proxy?.port ?? server.port}`;
  await server.start();
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: endpoint, basin: endpoint } });
  try {
    const basin = `mortal-${Math.floor(options.random() * 1e9)}`;
    await s2.basins.create({ basin });
    await s2.basin(basin).streams.create({ stream: "log" });
    const stream = s2.basin(basin).stream("log", { forceTransport: options.transport });
    const follower = followAll(await stream.readSession({ tail_offset: 0, as: "string" }));
    // The start is fixed, although no record was there: killed now, nothing may be skipped.
    await server.kill();
    await server.start();

    const session = await stream.appendSession({ maxInflightBatches: IN_FLIGHT, ...options.session });
    const writer = startWriter(session);
    for (let kill = 1; kill < options.kills; kill += 1) {
      await sleep(KILL_AFTER_MS.least + options.random() * (KILL_AFTER_MS.most - KILL_AFTER_MS.least));
      await server.kill();
      await server.start();
    }
    await sleep(KILL_AFTER_MS.most);
    const written = await writer.stop();
    const { tail } = await stream.checkTail();
    const seen = await follower.stopAt(tail.seq_num);
    const log = await readAll(await stream.readSession({ seq_num: 0, wait: 0, as: "string" }));
    return judge(written, log, seen, tail.seq_num, options.kills);
  } finally {
    await s2.close();
    await proxy?.close();
    await server.kill();
  }
}

interface Written {
  readonly submitted: number;
  readonly acks: readonly { readonly first: number; readonly ack: AppendAck }[];
  readonly failure: unknown;
}

function startWriter(
  session: Awaited<ReturnType<ReturnType<ReturnType<S2["basin"]>["stream"]>["appendSession"]>>,
): {
  stop(): Promise<Written>;
} {
  let running = true;
  let next = 0;
  let failure: unknown;
  const acks: { first: number; ack: AppendAck }[] = [];
  const settled: Promise<unknown>[] = [];
  const writing = (async () => {
    while (running) {
      const first = next;
      next += BATCH_RECORDS;
      const records = Array.from({ length: BATCH_RECORDS }, (_, index) => ({ body: `${first + index}` }));
      const ticket = await session.enqueue(records);
      settled.push(ticket.ack().then((ack) => acks.push({ first, ack })));
      if (settled.length % 16 === 0) await sleep(1);
    }
  })();
  return {
    async stop() {
      running = false;
      await writing.catch((error: unknown) => {
        failure = error;
      });
      await session.close().catch((error: unknown) => {
        failure ??= error;
      });
      await Promise.allSettled(settled);
      return { submitted: next, acks, failure };
    },
  };
}

function followAll(session: ReadSession): {
  stopAt(seqNum: number): Promise<{ seen: number[]; failure: unknown }>;
} {
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
      const late = sleep(30_000, undefined, { ref: false }).then(() => {
        failure ??= new Error("The follower did not reach the tail within 30 s");
        return session.cancel();
      });
      await Promise.race([reading, late]);
      return { seen, failure };
    },
  };
}

async function readAll(session: ReadSession): Promise<Map<number, string>> {
  const log = new Map<number, string>();
  for await (const { seq_num, body } of session) log.set(seq_num, body);
  return log;
}

function judge(
  written: Written,
  log: ReadonlyMap<number, string>,
  follower: { seen: readonly number[]; failure: unknown },
  tail: number,
  kills: number,
): RunReport {
  let lost = 0;
  for (const { first, ack } of written.acks) {
    for (let index = 0; index < BATCH_RECORDS; index += 1) {
      if (log.get(ack.start.seq_num + index) !== `${first + index}`) lost += 1;
    }
  }
  const met = new Set<number>();
  let duplicated = 0;
  let outOfOrder = 0;
  let highest = -1;
  for (const body of log.values()) {
    const number = Number(body);
    if (met.has(number)) duplicated += 1;
    else if (number < highest) outOfOrder += 1;
    met.add(number);
    highest = Math.max(highest, number);
  }
  const followerFaults = Array.from({ length: tail }, (_, seqNum) => seqNum).filter(
    (seqNum, index) => follower.seen[index] !== seqNum,
  ).length;
  return {
    kills,
    submitted: written.submitted,
    acknowledged: written.acks.length * BATCH_RECORDS,
    lost,
    duplicated,
    outOfOrder,
    followerFaults: followerFaults + Math.max(0, follower.seen.length - tail),
    failure: written.failure ?? follower.failure,
  };
}
