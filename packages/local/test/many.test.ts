import * as http2 from "node:http2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";

const BASIN = "crowded-basin";
const STREAMS = 10_000;
const TAILS = 1_000;
/** Fewer than a connection may have open at a time. */
const TAILS_PER_CONNECTION = 100;
const MIB = 1024 * 1024;
/** What a stream with one record, and a live tail with its HTTP/2 streams on both sides, may cost; bytes. */
const STREAM_COST = 8 * 1024;
const TAIL_COST = 64 * 1024;

let local: LocalServer;
beforeEach(async () => {
  const config = { create_stream_on_append: true, create_stream_on_read: true };
  local = await startLocal({ init: { basins: [{ name: BASIN, config }] } });
});
afterEach(() => local.close());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function append(stream: string, body: string): Promise<void> {
  const opening = await local.service.records.openAppend({ basin: BASIN, stream });
  await opening.append({
    records: [{ timestamp: undefined, headers: [], body: Buffer.from(body) }],
    match_seq_num: undefined,
    fencing_token: undefined,
  });
}

/** Memory in use; without a collector to call it is an upper bound. */
function used(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("a server with much on it", () => {
  test(`holds ${STREAMS} streams, and lists and reads them`, async () => {
    const before = used();
    for (let index = 0; index < STREAMS; index += 1) await append(`s-${index}`, `body ${index}`);
    const each = (used() - before) / STREAMS;
    console.log(`${STREAMS} streams of a record: ${(each / 1024).toFixed(1)} KiB each`);
    expect(each).toBeLessThan(STREAM_COST);
    const names = new Set<string>();
    for (let startAfter = "", more = true; more; ) {
      const url = `${local.origin}/v1/streams?limit=1000&start_after=${startAfter}`;
      const page = (await (await fetch(url, { headers: { "s2-basin": BASIN } })).json()) as {
        streams: { name: string }[];
        has_more: boolean;
      };
      for (const { name } of page.streams) names.add(name);
      startAfter = page.streams.at(-1)?.name ?? "";
      more = page.has_more;
    }
    expect(names.size).toBe(STREAMS);
    const url = `${local.origin}/v1/streams/s-${STREAMS - 1}/records?seq_num=0`;
    const read = await fetch(url, { headers: { "s2-basin": BASIN } });
    expect(await read.text()).toContain(`body ${STREAMS - 1}`);
  });

  test(`holds ${TAILS} live tails, and gives each what comes`, async () => {
    const before = used();
    const sessions = Array.from({ length: TAILS / TAILS_PER_CONNECTION }, () => http2.connect(local.origin));
    let received = 0;
    const streams = Array.from({ length: TAILS }, (_none, index) => {
      const stream = (sessions[index % sessions.length] as http2.ClientHttp2Session).request({
        ":path": "/v1/streams/tailed/records",
        "s2-basin": BASIN,
        "content-type": "s2s/proto",
      });
      stream.on("error", () => undefined);
      stream.on("data", (chunk: Buffer) => {
        if (chunk.includes("to all")) received += 1;
      });
      return stream;
    });
    while ((local.service.live.peek(BASIN, "tailed")?.followers ?? 0) < TAILS) await turn();
    const each = (used() - before) / TAILS;
    console.log(`${TAILS} live tails, clients included: ${(each / 1024).toFixed(1)} KiB each`);
    expect(each).toBeLessThan(TAIL_COST);
    for (let round = 1; round <= 3; round += 1) {
      await append("tailed", "to all");
      while (received < round * TAILS) await turn();
    }
    expect(received).toBe(3 * TAILS);
    expect(used() - before).toBeLessThan(256 * MIB);
    for (const session of sessions) session.destroy();
    while ((local.service.live.peek(BASIN, "tailed")?.followers ?? 1) > 0) await turn();
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
  });
});
