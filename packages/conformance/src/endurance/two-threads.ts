import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { openDurableStorage } from "@s2-dev/streamstore-local/durable";

/** Opens the directory in this thread, in another beside it, and in another after it was closed: what each has met. */
async function main(): Promise<void> {
  const storage = await openDurableStorage(directory());
  const beside = await inThread();
  await storage.close();
  process.stdout.write(JSON.stringify({ beside, after: await inThread() }));
}

async function inThread(): Promise<unknown> {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const [met] = await once(worker, "message");
  return met;
}

async function thread(): Promise<void> {
  try {
    await (await openDurableStorage(directory())).close();
    parentPort?.postMessage("opened");
  } catch (error) {
    parentPort?.postMessage((error as Error).name);
  }
}

function directory(): string {
  const { DURABLE_DIR } = process.env;
  if (DURABLE_DIR === undefined) throw new Error("DURABLE_DIR is missing");
  return DURABLE_DIR;
}

await (isMainThread ? main() : thread());
