import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";

/**
 * What durability costs in the embedded server: rounds of writers that each wait for an acknowledgement before they
 * append again, and the start on a directory with a million records.
 */
const BASIN = "durable-bench";
const WRITERS = [1, 8, 64];
const BODY = Buffer.alloc(1024, "x");
const ROUND_MS = 4_000;
const MILLION = 1_000_000;
const MILLION_BATCH = 1_000;
const MILLION_BODY = Buffer.alloc(100, "x");

const { values } = parseArgs({ options: { dir: { type: "string" } } });
const root = await mkdtemp(join(values.dir ?? tmpdir(), "s2-durable-bench-"));
try {
  for (const storage of ["memory", "directory"] as const)
    for (const writers of WRITERS) print(await write(storage, writers));
  print(await startOnAMillion());
} finally {
  await rm(root, { recursive: true });
}

/** Writers on streams of their own. */
async function write(storage: "memory" | "directory", writers: number) {
  const dir = join(root, `${writers}`);
  await using local = await startLocal({ listen: false, ...(storage === "memory" ? {} : { dir }) });
  const append = await appenders(local, writers);
  const until = performance.now() + ROUND_MS;
  const millis: number[] = [];
  const started = performance.now();
  await Promise.all(
    append.map(async (one) => {
      for (let at = performance.now(); at < until; ) {
        await one([BODY]);
        const now = performance.now();
        millis.push(now - at);
        at = now;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  millis.sort((left, right) => left - right);
  return {
    storage,
    writers,
    appendsPerSecond: Math.round(millis.length / seconds),
    medianMs: rounded(millis[Math.floor(millis.length / 2)] ?? 0),
    p99Ms: rounded(millis[Math.floor(millis.length * 0.99)] ?? 0),
  };
}

async function startOnAMillion() {
  const dir = join(root, "million");
  const filled = performance.now();
  {
    await using local = await startLocal({ listen: false, dir });
    const [append] = await appenders(local, 1);
    const records = Array.from({ length: MILLION_BATCH }, () => MILLION_BODY);
    for (let count = 0; count < MILLION; count += 8 * MILLION_BATCH)
      await Promise.all(Array.from({ length: 8 }, () => append?.(records)));
  }
  const fillSeconds = (performance.now() - filled) / 1000;
  const started = performance.now();
  await using local = await startLocal({ dir });
  const startMs = performance.now() - started;
  const { seq_num } = await local.service.records.checkTail({ basin: BASIN, stream: "s0" });
  const tailMs = performance.now() - started;
  const { size } = await stat(join(dir, "s2.mdb"));
  return {
    records: seq_num,
    fillSeconds: rounded(fillSeconds),
    fileMiB: Math.round(size / 2 ** 20),
    startMs: rounded(startMs),
    untilTailKnownMs: rounded(tailMs),
  };
}

async function appenders(local: LocalServer, writers: number) {
  const { basins, streams, records } = local.service;
  const unset = { storageClass: null, retention: null, mode: null, uncapped: null, minAgeSecs: null };
  const settings = { defaults: unset, streamCipher: null, createOnAppend: false, createOnRead: false };
  await basins.create(BASIN, settings, undefined);
  return Promise.all(
    Array.from({ length: writers }, async (_none, writer) => {
      const stream = `s${writer}`;
      await streams.create(BASIN, stream, unset, undefined);
      const opening = await records.openAppend({ basin: BASIN, stream });
      return (bodies: readonly Uint8Array[]) =>
        opening.append({
          records: bodies.map((body) => ({ timestamp: undefined, headers: [], body })),
          match_seq_num: undefined,
          fencing_token: undefined,
        });
    }),
  );
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function print(row: object): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
