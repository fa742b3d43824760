import type { ReadSession, S2, S2Basin, SessionTransports } from "@s2-dev/streamstore";

/** How much is written to how many streams. */
export interface Load {
  readonly streams: number;
  /** Batches for each stream. */
  readonly batches: number;
  readonly recordsInBatch: number;
  readonly bodyBytes: number;
  /** Batches of a stream that may be under way at the same time. */
  readonly underWay: number;
  readonly transport: SessionTransports;
}

/** What came of it. */
export interface LoadReport {
  readonly records: number;
  /** From the first batch until the last one was acknowledged, and the last record was with its follower. */
  readonly millis: number;
  /** From giving a batch to its acknowledgement: the middle one, and the one that 99 of 100 beat. */
  readonly ackMillis: { readonly middle: number; readonly p99: number };
}

/**
 * One client, many streams: each is written to by an append session and followed by a read session. Fails unless every
 * follower gets every record of its stream once and in order.
 */
export async function runLoad(client: S2, basin: string, load: Load): Promise<LoadReport> {
  const handle = client.basin(basin);
  const names = Array.from({ length: load.streams }, (_, index) => `many-${index}`);
  const tasks = await inTurn(names, (name) => openStream(handle, name, load));
  const latencies: number[] = [];
  const began = performance.now();
  await Promise.all(tasks.map((run) => run(latencies)));
  const millis = performance.now() - began;
  latencies.sort((one, other) => one - other);
  const at = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] ?? 0;
  return {
    records: load.streams * load.batches * load.recordsInBatch,
    millis,
    ackMillis: { middle: at(0.5), p99: at(0.99) },
  };
}

/** Opens both sessions of a stream; what is returned writes, follows and closes them. */
async function openStream(
  basin: S2Basin,
  name: string,
  load: Load,
): Promise<(latencies: number[]) => Promise<void>> {
  const stream = basin.stream(name, { forceTransport: load.transport });
  const reading = await stream.readSession({ seq_num: 0, as: "bytes" });
  const writing = await stream.appendSession();
  const body = new Uint8Array(load.bodyBytes).fill(120);
  const records = Array.from({ length: load.recordsInBatch }, () => ({ body }));
  const count = load.batches * load.recordsInBatch;
  let left = load.batches;
  let tail = 0;
  const write = async (latencies: number[]): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const given = performance.now();
      const { end } = await writing.submit(records);
      latencies.push(performance.now() - given);
      tail = Math.max(tail, end.seq_num);
    }
  };
  return async (latencies) => {
    const writers = Array.from({ length: load.underWay }, () => write(latencies));
    await Promise.all([follow(name, reading, count), ...writers]);
    await writing.close();
    if (tail !== count) throw new Error(`${name} has ${tail} records, and ${count} were written`);
  };
}

async function follow(name: string, session: ReadSession<"bytes">, count: number): Promise<void> {
  let expected = 0;
  for await (const { records } of session.batches()) {
    for (const { seq_num } of records) {
      if (seq_num !== expected) throw new Error(`record ${expected} of ${name} is ${seq_num}`);
      expected += 1;
    }
    if (expected >= count) return;
  }
  throw new Error(`${name} ended after ${expected} of ${count} records`);
}

/** A few at a time: servers and clients of this machine share its cores. */
async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += OPENED_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + OPENED_AT_ONCE).map(run))));
  }
  return results;
}

const OPENED_AT_ONCE = 50;
