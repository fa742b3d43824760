import { describe, expect, it } from "vitest";
import { PLAIN, UNICODE, useMinimalServer, WITH_HEADERS } from "../../test/minimal-server.js";
import { expectedDigest, expectedTotals } from "../fixture/digest.js";
import { READ_START } from "../fixture/read-batches.js";
import { type Shape, streamName } from "../fixture/shape.js";
import type { ClientResult, Delivered, Job, WorkName } from "../job.js";
import { faultOf } from "../runner/check.js";
import { party as bridge } from "./bridge.js";
import { party as floor } from "./floor.js";
import { party as observed } from "./observed.js";
import { party as ours } from "./ours.js";
import { party as published } from "./published.js";

const PARTIES = { ours, observed, bridge, published, floor };

const { jobOf, faultIn: faultInResult } = useMinimalServer();

/** Does the job here, and says what is wrong with what was delivered. */
async function faultIn(job: Job): Promise<string | undefined> {
  const make = PARTIES[job.party as keyof typeof PARTIES][job.work];
  if (make === undefined) throw new Error(`${job.party} cannot do ${job.work}`);
  const worker = await make(job);
  const rounds: ClientResult["rounds"][number][] = [];
  for (const records of job.rounds) {
    rounds.push({ records, cpuMicros: 1, wallMicros: 1, ...(await worker(records)) });
  }
  return faultInResult(job, { rounds, baseMemory: 0, peakMemory: 0 });
}

describe.each(["ours", "observed", "bridge", "published"] as const)("%s delivers every record", (party) => {
  it.each([
    "append",
    "append-writable",
    "batch-transform",
    "producer",
    "round-trip",
    "unary-append",
  ] as const)("by %s", async (work) => {
    const shape: Shape = work === "round-trip" ? { ...PLAIN, batch: 1 } : PLAIN;
    expect(await faultIn(jobOf(party, work, { shape }))).toBeUndefined();
  });

  it.each([WITH_HEADERS, UNICODE])("appended as a string, of $text with $headers headers", async (shape) => {
    expect(await faultIn(jobOf(party, "append", { shape, format: "string" }))).toBeUndefined();
  });

  it.each(["record", "batch"] as const)("read by %s", async (by) => {
    expect(await faultIn(jobOf(party, "read", { by }))).toBeUndefined();
  });

  it.each(["string", "bytes"] as const)("read over SSE as %s", async (format) => {
    expect(
      await faultIn(jobOf(party, "read", { format, transport: "fetch", shape: WITH_HEADERS })),
    ).toBeUndefined();
  });

  it.each([WITH_HEADERS, UNICODE])("read as a string, of $text with $headers headers", async (shape) => {
    expect(await faultIn(jobOf(party, "read", { shape, format: "string" }))).toBeUndefined();
  });

  it.each(["s2s", "fetch"] as const)("by unary calls over %s", async (transport) => {
    expect(await faultIn(jobOf(party, "unary-read", { transport, format: "string" }))).toBeUndefined();
    expect(await faultIn(jobOf(party, "unary-append", { transport, format: "string" }))).toBeUndefined();
  });

  it("to live tails", async () => {
    expect(
      await faultIn(jobOf(party, "tails", { tails: 3, rounds: [60], shape: { ...PLAIN, batch: 1 } })),
    ).toBeUndefined();
  });

  it("in sessions opened one after the other", async () => {
    const shape = { ...PLAIN, batch: 1 };
    expect(await faultIn(jobOf(party, "open-append", { shape, rounds: [3] }))).toBeUndefined();
    expect(await faultIn(jobOf(party, "open-read", { shape, rounds: [3] }))).toBeUndefined();
  });
});

describe("the floor", () => {
  it.each(["append", "append-writable", "batch-transform", "producer"] as const)(
    "delivers every record by %s",
    async (work) => {
      expect(await faultIn(jobOf("floor", work))).toBeUndefined();
    },
  );

  it.each(["s2s", "fetch"] as const)("delivers every record by unary appends over %s", async (transport) => {
    expect(await faultIn(jobOf("floor", "unary-append", { transport }))).toBeUndefined();
  });

  it.each(["s2s", "fetch"] as const)("gets every byte of a read over %s", async (transport) => {
    expect(await faultIn(jobOf("floor", "read", { transport, rounds: [200, 400] }))).toBeUndefined();
  });

  it.each(["s2s", "fetch"] as const)("gets every byte of unary reads over %s", async (transport) => {
    expect(await faultIn(jobOf("floor", "unary-read", { transport, rounds: [20, 40] }))).toBeUndefined();
  });

  it("gets every record of live tails, and the one of each session that it opens", async () => {
    const shape = { ...PLAIN, batch: 1 };
    expect(await faultIn(jobOf("floor", "tails", { tails: 3, rounds: [60], shape }))).toBeUndefined();
    expect(await faultIn(jobOf("floor", "open-read", { rounds: [3], shape }))).toBeUndefined();
  });
});

it("a party that loses a record is found out", async () => {
  const job = jobOf("ours", "append");
  await faultIn(job);
  const stream = streamName(PLAIN, "short-verify");
  const lost = { ...job, stream, rounds: [190] };
  expect(await faultIn(lost)).toBeUndefined();
  const seen = { appended: { count: 190, bytes: 19_000, digest: 1 } };
  const nothing = { rounds: [], baseMemory: 0, peakMemory: 0 };
  expect(faultOf({ ...lost, rounds: [200] }, nothing, seen)).toMatch("appended records: 190, not 200");
  expect(faultOf(lost, nothing, seen)).toMatch("checksum");
});

describe("a reader is found out", () => {
  const COUNT = 20;
  const { bytes, seqSum } = expectedTotals(PLAIN, COUNT);
  const whole = { count: COUNT, bytes, seqSum, digest: expectedDigest(PLAIN, READ_START, COUNT) };
  const faultWith = (work: WorkName, delivered: Delivered, more: Partial<Job> = {}): string | undefined =>
    faultOf(
      jobOf("ours", work, { rounds: [COUNT], ...more }),
      { rounds: [{ records: COUNT, cpuMicros: 1, wallMicros: 1, delivered }], baseMemory: 0, peakMemory: 0 },
      { appended: {}, served: 5000 },
    );

  it.each(["read", "unary-read"] as const)("that loses, repeats or garbles a record, by %s", (work) => {
    expect(faultWith(work, whole)).toBeUndefined();
    expect(faultWith(work, { ...whole, count: COUNT - 1 })).toMatch("read records");
    expect(faultWith(work, { ...whole, bytes: bytes - 1 })).toMatch("read lengths");
    expect(faultWith(work, { ...whole, seqSum: seqSum + 1 })).toMatch("read positions");
    expect(faultWith(work, { ...whole, digest: 1 })).toMatch("checksum");
  });

  it("that does so on live tails", () => {
    const more = { tails: 2, rounds: [2 * COUNT] };
    const both = { ...whole, count: 2 * COUNT, bytes: 2 * bytes, seqSum: 2 * seqSum };
    expect(faultWith("tails", both, more)).toBeUndefined();
    expect(faultWith("tails", { ...both, count: COUNT }, more)).toMatch("live records");
    expect(faultWith("tails", { ...both, seqSum: 2 * seqSum + 1 }, more)).toMatch("read positions");
    expect(faultWith("tails", { ...both, digest: 1 }, more)).toMatch("checksum");
    const { digest: _, ...apart } = both;
    expect(faultWith("tails", apart, more)).toMatch("checksum");
  });

  it.each(["read", "unary-read"] as const)("that moves bytes only, when some did not come, by %s", (work) => {
    const moved = { count: COUNT, bytes: 0, seqSum: 0, raw: 5000 };
    expect(faultWith(work, moved, { party: "floor" })).toBeUndefined();
    expect(faultWith(work, { ...moved, raw: 4999 }, { party: "floor" })).toMatch("received bytes");
  });
});
