import type * as published from "published-streamstore";
import type { AppendInput, AppendRecord, ReadSession, S2, S2Stream } from "published-streamstore";
import { createPool } from "../fixture/records.js";
import type { Job } from "../job.js";
import { tailsWorker } from "./tails.js";
import { Tally } from "./tally.js";
import {
  type Party,
  REQUEST_TIMEOUT,
  SLOW_READER_PAUSE,
  sleep,
  tailOf,
  timed,
  type Worker,
} from "./worker.js";

type Format = "string" | "bytes";

/** What a package of this shape is made of: the published one, and the bridge that stands in for it. */
export type NewerShape = Pick<
  typeof published,
  "AppendInput" | "AppendRecord" | "BatchTransform" | "Producer" | "S2"
>;

/** Does the work through the API of 0.21 and later. */
export function createNewerParty({
  AppendInput,
  AppendRecord,
  BatchTransform,
  Producer,
  S2,
}: NewerShape): Party {
  function client({ endpoint }: Job): S2 {
    const endpoints = { account: endpoint, basin: endpoint };
    return new S2({ accessToken: "ignored", endpoints, requestTimeoutMillis: REQUEST_TIMEOUT });
  }

  function streamOf(job: Job, s2: S2 = client(job), name: string = job.stream): S2Stream {
    return s2.basin(job.basin).stream(name, { forceTransport: job.transport });
  }

  function recordMaker(job: Job): (index: number) => AppendRecord {
    const pool = createPool(job.shape);
    const { length } = pool;
    const isText = job.format === "string";
    if (job.shape.headers === 0) {
      if (isText) return (index) => AppendRecord.string({ body: pool[index % length]!.text });
      return (index) => AppendRecord.bytes({ body: pool[index % length]!.bytes });
    }
    return (index) => {
      const { text, bytes, textHeaders, bytesHeaders } = pool[index % length]!;
      return isText
        ? AppendRecord.string({ body: text, headers: textHeaders })
        : AppendRecord.bytes({ body: bytes, headers: bytesHeaders });
    };
  }

  function inputMaker(job: Job): (from: number, limit: number) => AppendInput {
    const record = recordMaker(job);
    return (from, limit) => {
      const length = Math.min(job.shape.batch, limit - from);
      const batch: AppendRecord[] = [];
      for (let index = from; index < from + length; index++) batch.push(record(index));
      return AppendInput.create(batch);
    };
  }

  const options = (job: Job): { maxInflightBytes: number } => ({ maxInflightBytes: job.inflightBytes });

  function append(job: Job): Worker {
    const stream = streamOf(job);
    const input = inputMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      for (let sent = 0; sent < records; sent += job.shape.batch) await session.submit(input(sent, records));
      await session.close();
    };
  }

  function appendWritable(job: Job): Worker {
    const stream = streamOf(job);
    const input = inputMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const writer = session.writable.getWriter();
      for (let sent = 0; sent < records; sent += job.shape.batch) await writer.write(input(sent, records));
      await writer.close();
    };
  }

  function batchTransform(job: Job): Worker {
    const stream = streamOf(job);
    const record = recordMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const transform = new BatchTransform({ maxBatchRecords: job.shape.batch });
      const piped = transform.readable.pipeTo(session.writable);
      const writer = transform.writable.getWriter();
      for (let index = 0; index < records; index++) await writer.write(record(index));
      await writer.close();
      await piped;
    };
  }

  function producer(job: Job): Worker {
    const stream = streamOf(job);
    const record = recordMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const writer = new Producer(new BatchTransform({ maxBatchRecords: job.shape.batch }), session);
      for (let index = 0; index < records; index++) await writer.submit(record(index));
      await writer.close();
    };
  }

  function roundTrip(job: Job): Worker {
    const stream = streamOf(job);
    const input = inputMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const latencies = await timed(records, async (index) =>
        (await session.submit(input(index, index + 1))).ack(),
      );
      await session.close();
      return { latencies };
    };
  }

  function unaryAppend(job: Job): Worker {
    const stream = streamOf(job);
    const input = inputMaker(job);
    return async (records) => {
      const { batch: size } = job.shape;
      return {
        latencies: await timed(records / size, (index) => stream.append(input(index * size, records))),
      };
    };
  }

  function unaryRead(job: Job): Worker {
    const stream = streamOf(job);
    return async (records) => {
      const tally = new Tally(job);
      const latencies = await timed(records / job.shape.batch, async () => {
        const from = { seqNum: job.start + tally.count };
        const batch = await stream.read<Format>(
          { start: { from }, stop: { limits: { count: job.shape.batch } } },
          { as: job.format },
        );
        for (const record of batch.records) tally.add(record.seqNum, record.body, record.headers);
      });
      return { latencies, delivered: tally.result() };
    };
  }

  function readSession(job: Job, stream: S2Stream, count: number): Promise<ReadSession<Format>> {
    return stream.readSession<Format>(
      { start: { from: { seqNum: job.start } }, stop: { limits: { count } } },
      { as: job.format },
    );
  }

  /** By record in any case: it has no other way. */
  function read(job: Job): Worker {
    const stream = streamOf(job);
    return async (records) => {
      const tally = new Tally(job);
      const session = await readSession(job, stream, records);
      for await (const record of session) tally.add(record.seqNum, record.body, record.headers);
      return { delivered: tally.result() };
    };
  }

  function openAppend(job: Job): Worker {
    const stream = streamOf(job);
    const input = inputMaker(job);
    return async (sessions) => ({
      latencies: await timed(sessions, async (index) => {
        const session = await stream.appendSession(options(job));
        await (await session.submit(input(index, index + 1))).ack();
        await session.close();
      }),
    });
  }

  function openRead(job: Job): Worker {
    const stream = streamOf(job);
    return async (sessions) => ({
      latencies: await timed(sessions, async () => {
        let count = 0;
        for await (const record of await readSession(job, stream, 1)) count += record.body.length;
        if (count !== job.shape.size) throw new Error("the record did not come");
      }),
    });
  }

  function slowReader(job: Job): Worker {
    const stream = streamOf(job);
    return async () => {
      const session = await stream.readSession<Format>(
        { start: { from: { seqNum: job.start } } },
        { as: job.format },
      );
      const iterator = session[Symbol.asyncIterator]();
      if ((await iterator.next()).done) throw new Error("the record did not come");
      await sleep(SLOW_READER_PAUSE);
      await iterator.return?.();
    };
  }

  function tails(job: Job): Worker {
    const s2 = client(job);
    return tailsWorker(job, async (index, onRecords, tally) => {
      const stream = streamOf(job, s2, tailOf(job, index));
      const session = await stream.readSession<Format>(
        { start: { from: { seqNum: job.start } } },
        { as: job.format },
      );
      const reader = session.getReader();
      void (async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          tally.add(next.value.seqNum, next.value.body, next.value.headers);
          onRecords(1);
        }
      })();
      return { stop: () => reader.cancel() };
    });
  }

  return {
    append,
    "append-writable": appendWritable,
    "batch-transform": batchTransform,
    producer,
    "round-trip": roundTrip,
    "unary-append": unaryAppend,
    "unary-read": unaryRead,
    read,
    "open-append": openAppend,
    "open-read": openRead,
    "slow-reader": slowReader,
    tails,
  };
}
