import { readFileSync } from "node:fs";
import { openDurableStorage } from "@s2-dev/streamstore-local/durable";
import { settledRss } from "./memory.js";

const BATCH_BYTES = 1_000_000;
/** How often memory is looked at. */
const EVERY = 16;

const [dir, mib] = [process.env.DURABLE_DIR ?? "", Number(process.env.DURABLE_MIB)];
const batches = Math.ceil((mib * 1024 * 1024) / BATCH_BYTES);
const storage = await openDurableStorage(dir);
const log = await storage.openLog(storage.newLogId());
let most = 0;
await settledRss();
const before = ownMemory();

for (let seqNum = 0; seqNum < batches; seqNum += 1) {
  const bytes = new Uint8Array(BATCH_BYTES).fill(seqNum);
  const facts = { firstTimestamp: 0, lastTimestamp: 0, expiresAt: Number.POSITIVE_INFINITY, sealed: false };
  await log.append(
    { batch: { ...facts, firstSeqNum: seqNum, count: 1, meteredBytes: BATCH_BYTES, bytes } },
    0,
  );
  if (seqNum % EVERY === 0) await look();
}
let read = 0;
let wrong = 0;
for (let from = 0; from < batches; ) {
  const found = await log.read({ from, to: batches, maxRecords: 1000, maxBytes: 4 * BATCH_BYTES }, 0);
  if (found.length === 0) break;
  for (const { firstSeqNum, bytes } of found) {
    read += bytes.length;
    if (bytes[0] !== firstSeqNum % 256 || bytes.at(-1) !== firstSeqNum % 256) wrong += 1;
    from = firstSeqNum + 1;
  }
  if (from % EVERY === 0) await look();
}
await storage.close();
process.stdout.write(JSON.stringify({ extra: most - before, read, wrong }));

async function look(): Promise<void> {
  await settledRss();
  most = Math.max(most, ownMemory());
}

/** Bytes that are this process's own: pages of the file, which the system may take back at any time, are not. */
function ownMemory(): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kib) * 1024;
}
