import {
  AppendRecord,
  type AppendRecordType,
  BatchTransform,
  Producer,
  type ReadSession,
  S2,
  type S2ClientOptions,
  type S2Stream,
} from "@s2-dev/streamstore";
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

/** Does the work through the main entry, with these options besides. */
export function createOurParty(more: S2ClientOptions = {}): Party {
  function client({ endpoint }: Job): S2 {
    const endpoints = { account: endpoint, basin: endpoint };
    return new S2({ accessToken: "ignored", endpoints, requestTimeoutMillis: REQUEST_TIMEOUT, ...more });
  }

  function streamOf(job: Job, s2: S2 = client(job), name: string = job.stream): S2Stream {
    return s2.basin(job.basin).stream(name, { forceTransport: job.transport });
  }

  /** Makes a record of data that the application has, as the documentation shows. */
  function recordMaker(job: Job): (index: number) => AppendRecordType {
    const pool = createPool(job.shape);
    const { length } = pool;
    const isText = job.format === "string";
    if (job.shape.headers === 0) {
      if (isText) return (index) => AppendRecord.make(pool[index % length]!.text);
      return (index) => AppendRecord.make(pool[index % length]!.bytes);
    }
    return (index) => {
      const { text, bytes, textHeaders, bytesHeaders } = pool[index % length]!;
      return isText ? AppendRecord.make(text, textHeaders) : AppendRecord.make(bytes, bytesHeaders);
    };
  }

  function batchMaker(job: Job): (from: number, limit: number) => AppendRecordType[] {
    const record = recordMaker(job);
    return (from, limit) => {
      const length = Math.min(job.shape.batch, limit - from);
      const batch: AppendRecordType[] = [];
      for (let index = from; index < from + length; index++) batch.push(record(index));
      return batch;
    };
  }

  const options = (job: Job): { maxInflightBytes: number } => ({ maxInflightBytes: job.inflightBytes });

  function append(job: Job): Worker {
    const stream = streamOf(job);
    const batch = batchMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      for (let sent = 0; sent < records; sent += job.shape.batch) await session.enqueue(batch(sent, records));
      await session.close();
    };
  }

  function appendWritable(job: Job): Worker {
    const stream = streamOf(job);
    const batch = batchMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const writer = session.writable.getWriter();
      for (let sent = 0; sent < records; sent += job.shape.batch)
        await writer.write({ records: batch(sent, records) });
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
      const writer = new Producer({ maxBatchRecords: job.shape.batch }, session);
      for (let index = 0; index < records; index++) await writer.enqueue(record(index));
      await writer.close();
    };
  }

  function roundTrip(job: Job): Worker {
    const stream = streamOf(job);
    const batch = batchMaker(job);
    return async (records) => {
      const session = await stream.appendSession(options(job));
      const latencies = await timed(records, (index) => session.submit(batch(index, index + 1)));
      await session.close();
      return { latencies };
    };
  }

  function unaryAppend(job: Job): Worker {
    const stream = streamOf(job);
    const batch = batchMaker(job);
    return async (records) => {
      const { batch: size } = job.shape;
      return {
        latencies: await timed(records / size, (index) => stream.append(batch(index * size, records))),
      };
    };
  }

  function unaryRead(job: Job): Worker {
    const stream = streamOf(job);
    return async (records) => {
      const tally = new Tally(job);
      const latencies = await timed(records / job.shape.batch, async () => {
        const seq_num = job.start + tally.count;
        const batch = await stream.read<Format>({ seq_num, count: job.shape.batch, as: job.format });
        for (const record of batch.records) tally.add(record.seq_num, record.body, record.headerList);
      });
      return { latencies, delivered: tally.result() };
    };
  }

  function readSession(job: Job, stream: S2Stream, count: number): Promise<ReadSession<Format>> {
    return stream.readSession<Format>({ seq_num: job.start, count, as: job.format });
  }

  function read(job: Job): Worker {
    const stream = streamOf(job);
    return async (records) => {
      const tally = new Tally(job);
      const session = await readSession(job, stream, records);
      if (job.by === "batch") {
        for await (const batch of session.batches()) {
          for (const record of batch.records) tally.add(record.seq_num, record.body, record.headerList);
        }
      } else {
        for await (const record of session) tally.add(record.seq_num, record.body, record.headerList);
      }
      return { delivered: tally.result() };
    };
  }

  function openAppend(job: Job): Worker {
    const stream = streamOf(job);
    const batch = batchMaker(job);
    return async (sessions) => ({
      latencies: await timed(sessions, async (index) => {
        const session = await stream.appendSession(options(job));
        await session.submit(batch(index, index + 1));
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
      const session = await stream.readSession<Format>({ seq_num: job.start, as: job.format });
      const iterator = session[Symbol.asyncIterator]();
      if ((await iterator.next()).done) throw new Error("the record did not come");
      await sleep(SLOW_READER_PAUSE);
      await iterator.return?.();
    };
  }

  function tails(job: Job): Worker {
    const s2 = client(job);
    return tailsWorker(job, async (index, onRecords, tally) => {
      const session = await streamOf(job, s2, tailOf(job, index)).readSession<Format>({
        seq_num: job.start,
        as: job.format,
      });
      void (async () => {
        for await (const record of session) {
          tally.add(record.seq_num, record.body, record.headerList);
          onRecords(1);
        }
      })();
      return { stop: () => session.cancel() };
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

export const party = createOurParty();
