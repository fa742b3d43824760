import { afterAll, beforeAll } from "vitest";
import { READ_START } from "../src/fixture/read-batches.js";
import { type Shape, streamName } from "../src/fixture/shape.js";
import type { ClientResult, Job, PartyName, WorkName } from "../src/job.js";
import { faultOf } from "../src/runner/check.js";
import { BASIN } from "../src/runner/servers.js";
import { createHandler } from "../src/server/handle.js";
import { listen } from "../src/server/listen.js";
import { createStreams, type Streams } from "../src/server/streams.js";

export const PLAIN: Shape = { size: 100, headers: 0, batch: 10, text: "ascii" };
export const WITH_HEADERS: Shape = { ...PLAIN, headers: 2 };
export const UNICODE: Shape = { ...PLAIN, text: "unicode" };

/** The minimal server in the process of a test. */
export interface MinimalServer {
  /** A job for it that is verified, on a stream of its own. */
  jobOf(party: PartyName, work: WorkName, more?: Partial<Job>): Job;
  /** What is wrong with what was delivered. */
  faultIn(job: Job, result: ClientResult): string | undefined;
}

/** Runs it while the tests of this file do. */
export function useMinimalServer(): MinimalServer {
  let streams: Streams;
  let server: { port: number; close(): void };
  let runs = 0;

  beforeAll(async () => {
    streams = createStreams();
    server = await listen(createHandler(streams));
  });
  afterAll(() => server.close());

  return {
    jobOf(party, work, more = {}) {
      const shape = more.shape ?? PLAIN;
      return {
        party,
        work,
        endpoint: `http://127.0.0.1:${server.port}`,
        basin: BASIN,
        stream: streamName(shape, `${++runs}verify`),
        format: "bytes",
        shape,
        rounds: [200],
        start: READ_START,
        verify: true,
        inflightBytes: 1 << 20,
        inflightBatches: 0,
        by: "record",
        transport: "s2s",
        tails: 0,
        ...more,
      };
    },
    faultIn(job, result) {
      const { appended, served } = streams.take(job.stream);
      return faultOf(job, result, { appended: appended.result(), served });
    },
  };
}
