import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { appendFrames, appendMessages } from "../fixture/append-frames.js";
import type { Job } from "../job.js";
import { connectBare, FrameCounter, recordsRequest } from "./bare-http2.js";
import { tailsWorker } from "./tails.js";
import { type Party, SLOW_READER_PAUSE, sleep, tailOf, timed, type Worker } from "./worker.js";

/** Streams on one connection of the tails. */
const STREAMS_PER_CONNECTION = 100;

/** An append stream that moves frames made beforehand and counts what comes back. */
class BareAppend {
  readonly #stream: ClientHttp2Stream;
  readonly #acks = new FrameCounter();
  readonly #closed: Promise<void>;
  #wake: (() => void) | undefined;

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#acks.take(chunk);
      this.#wake?.();
    });
    this.#closed = new Promise((resolve, reject) => {
      stream.on("close", resolve);
      stream.on("error", reject);
    });
  }

  get acked(): number {
    return this.#acks.frames;
  }

  /** Writes a frame; the promise, if any, is for when the next may be written. */
  write(frame: Uint8Array): Promise<void> | undefined {
    if (this.#stream.write(frame)) return undefined;
    return new Promise((resolve) => this.#stream.once("drain", resolve));
  }

  /** Resolves when so many frames are acknowledged. */
  async ackedAtLeast(count: number): Promise<void> {
    while (this.acked < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#closed;
  }
}

/** A worker on one connection, which is opened in the first round. */
function onSession<R>(
  job: Job,
  work: (session: ClientHttp2Session, records: number) => Promise<R>,
): (records: number) => Promise<R> {
  let opened: Promise<ClientHttp2Session> | undefined;
  return async (records) => {
    opened ??= connectBare(job);
    return work(await opened, records);
  };
}

function append(job: Job): Worker {
  const frames = appendFrames(job.shape);
  const most = Math.max(1, Math.floor(job.inflightBytes / (job.shape.batch * (job.shape.size + 8))));
  return onSession(job, async (session, records) => {
    const link = new BareAppend(recordsRequest(session, job, "POST"));
    const batches = records / job.shape.batch;
    for (let sent = 0; sent < batches; sent++) {
      if (sent - link.acked >= most) await link.ackedAtLeast(sent - most + 1);
      const room = link.write(frames[sent % frames.length]!);
      if (room !== undefined) await room;
    }
    await link.end();
  });
}

function roundTrip(job: Job): Worker {
  const frames = appendFrames(job.shape);
  return onSession(job, async (session, records) => {
    const link = new BareAppend(recordsRequest(session, job, "POST"));
    const latencies = await timed(records, async (index) => {
      link.write(frames[index % frames.length]!);
      await link.ackedAtLeast(index + 1);
    });
    await link.end();
    return { latencies };
  });
}

/** Sends a request with a body, or none, and takes the whole answer. */
function exchange(
  stream: ClientHttp2Stream,
  take: (chunk: Buffer) => void,
  body?: Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on("data", take);
    stream.on("end", resolve);
    stream.on("error", reject);
    if (body !== undefined) stream.end(body);
  });
}

function unaryAppend(job: Job): Worker {
  const messages = appendMessages(job.shape);
  if (job.transport === "fetch") {
    return async (records) => ({
      latencies: await timed(records / job.shape.batch, (index) =>
        fetched(job, "", "POST", messages[index % messages.length]!),
      ),
    });
  }
  return onSession(job, async (session, records) => ({
    latencies: await timed(records / job.shape.batch, (index) =>
      exchange(
        recordsRequest(session, job, "POST", { contentType: "application/protobuf" }),
        () => undefined,
        messages[index % messages.length]!,
      ),
    ),
  }));
}

/** Does a unary call by the runtime's `fetch`; gives how many bytes the answer has. */
async function fetched(job: Job, query: string, method: string, body?: Uint8Array): Promise<number> {
  const type = "application/protobuf";
  const headers = {
    accept: type,
    "content-type": type,
    authorization: "Bearer ignored",
    "s2-basin": job.basin,
  };
  const init = { method, headers, body: (body as Uint8Array<ArrayBuffer> | undefined) ?? null };
  const response = await fetch(`${recordsUrl(job)}${query}`, init);
  return (await response.arrayBuffer()).byteLength;
}

function recordsUrl(job: Job): string {
  return `${job.endpoint}/v1/streams/${encodeURIComponent(job.stream)}/records`;
}

function unaryRead(job: Job): Worker {
  const queryAt = (index: number): string =>
    `?seq_num=${job.start + index * job.shape.batch}&count=${job.shape.batch}`;
  if (job.transport === "fetch") {
    return async (records) => {
      let raw = 0;
      const latencies = await timed(records / job.shape.batch, async (index) => {
        raw += await fetched(job, queryAt(index), "GET");
      });
      return { latencies, delivered: { count: records, bytes: 0, seqSum: 0, raw } };
    };
  }
  return onSession(job, async (session, records) => {
    const counter = { raw: 0 };
    const latencies = await timed(records / job.shape.batch, (index) => {
      const query = queryAt(index);
      const stream = recordsRequest(session, job, "GET", { query, contentType: "application/protobuf" });
      return exchange(stream, (chunk) => {
        counter.raw += chunk.length;
      });
    });
    return { latencies, delivered: { count: records, bytes: 0, seqSum: 0, ...counter } };
  });
}

function read(job: Job): Worker {
  return job.transport === "fetch" ? readEvents(job) : readFrames(job);
}

function readFrames(job: Job): Worker {
  return onSession(job, async (session, records) => {
    const counter = new FrameCounter();
    const query = `?seq_num=${job.start}&count=${records}`;
    await exchange(recordsRequest(session, job, "GET", { query }), (chunk) => counter.take(chunk));
    return {
      delivered: { count: counter.frames * job.shape.batch, bytes: 0, seqSum: 0, raw: counter.bytes },
    };
  });
}

function readEvents(job: Job): Worker {
  const url = recordsUrl(job);
  const headers = {
    accept: "text/event-stream",
    authorization: "Bearer ignored",
    "s2-basin": job.basin,
    "s2-format": job.format === "bytes" ? "base64" : "raw",
  };
  return async (records) => {
    const response = await fetch(`${url}?seq_num=${job.start}&count=${records}`, { headers });
    let raw = 0;
    for await (const chunk of response.body!) raw += (chunk as Uint8Array).length;
    return { delivered: { count: records, bytes: 0, seqSum: 0, raw } };
  };
}

function openAppend(job: Job): Worker {
  const frames = appendFrames(job.shape);
  return onSession(job, async (session, records) => ({
    latencies: await timed(records, async (index) => {
      const link = new BareAppend(recordsRequest(session, job, "POST"));
      link.write(frames[index % frames.length]!);
      await link.ackedAtLeast(1);
      await link.end();
    }),
  }));
}

function openRead(job: Job): Worker {
  return onSession(job, async (session, records) => ({
    latencies: await timed(records, async () => {
      const counter = new FrameCounter();
      const query = `?seq_num=${job.start}&count=1`;
      await exchange(recordsRequest(session, job, "GET", { query }), (chunk) => counter.take(chunk));
      if (counter.frames !== 1) throw new Error("the record did not come");
    }),
  }));
}

function slowReader(job: Job): Worker {
  return onSession(job, async (session) => {
    const stream = recordsRequest(session, job, "GET", { query: `?seq_num=${job.start}` });
    await new Promise<void>((resolve) => stream.once("data", () => resolve()));
    stream.pause();
    await sleep(SLOW_READER_PAUSE);
    stream.close();
  });
}

function tails(job: Job): Worker {
  const sessions: Promise<ClientHttp2Session>[] = [];
  return tailsWorker(job, async (index, onRecords) => {
    const at = Math.floor(index / STREAMS_PER_CONNECTION);
    sessions[at] ??= connectBare(job);
    const stream = recordsRequest(await sessions[at], job, "GET", {
      query: `?seq_num=${job.start}`,
      stream: tailOf(job, index),
    });
    const counter = new FrameCounter();
    let told = 0;
    await new Promise<void>((resolve) => {
      stream.on("data", (chunk: Buffer) => {
        counter.take(chunk);
        // The first frame is the heartbeat.
        const records = (counter.frames - 1) * job.shape.batch;
        if (records > told) onRecords(records - told);
        told = records;
        resolve();
      });
    });
    return { stop: () => stream.close() };
  });
}

export const party: Party = {
  append,
  // However records are gathered, what is moved is the same.
  "append-writable": append,
  "batch-transform": append,
  producer: append,
  "round-trip": roundTrip,
  "unary-append": unaryAppend,
  "unary-read": unaryRead,
  read,
  "open-append": openAppend,
  "open-read": openRead,
  "slow-reader": slowReader,
  tails,
};
