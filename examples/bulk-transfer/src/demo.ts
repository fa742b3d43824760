import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { S2Stream } from "@s2-dev/streamstore";
import { exportFile } from "./export-file.js";
import { importFile } from "./import-file.js";
import { ProgressBar } from "./progress-bar.js";
import type { Transfer, TransferOptions } from "./transfer.js";

const MIB = 1024 * 1024;
/** Each transfer is stopped once when it is so far. */
const STOP_AT = 0.4;

/** Makes a file, imports and exports it, with a stop in the middle of both, and compares what comes out. */
export async function demo(stream: S2Stream, megabytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bulk-transfer-"));
  const source = join(folder, "orders.ndjson");
  const copy = join(folder, "copy.ndjson");
  try {
    await pipeline(orders(megabytes * MIB), createWriteStream(source));
    const expected = await sha256Of(source);
    await twice("import", (options) => importFile(stream, source, options));
    await twice("export", (options) => exportFile(stream, copy, options));
    console.log((await sha256Of(copy)) === expected ? "the copy is the same" : "the copy is DIFFERENT");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function twice(name: string, transfer: (options: TransferOptions) => Promise<Transfer>): Promise<void> {
  const stop = new AbortController();
  const bar = new ProgressBar(name);
  const stopped = transfer({
    signal: stop.signal,
    onProgress(progress) {
      bar.show(progress);
      if (progress.bytes > progress.total * STOP_AT) stop.abort(`stopped, to begin again`);
    },
  });
  const isStopped = await stopped.then(
    () => false,
    () => stop.signal.aborted,
  );
  const { from, bytes } = await transfer({ onProgress: bar.show });
  bar.end();
  const part = Math.round((100 * from) / (from + bytes));
  console.log(`${name}: ${isStopped ? "stopped" : "not stopped"}, then on from ${part} %`);
}

function* orders(bytes: number): Generator<string> {
  let written = 0;
  let text = "";
  for (let id = 0; written < bytes; id += 1) {
    const note = "as usual, ".repeat(id % 30);
    const line = `${JSON.stringify({ id, cents: (id * 7919) % 10_000, note })}\n`;
    written += line.length;
    text += line;
    if (text.length > MIB || written >= bytes) {
      yield text;
      text = "";
    }
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
