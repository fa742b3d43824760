import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocal } from "@s2-dev/streamstore-local";
import type { Server } from "./server.js";

/** What s2-lite takes to finish the deletion of a stream in memory, about, in milliseconds. */
const DELETION_MILLIS = 20;

/** Starts the embedded server on a port of its own, in this process: in memory, or in a directory of its own. */
export async function startLocalServer(storage: "memory" | "durable" = "memory"): Promise<Server> {
  const dir = storage === "durable" ? await mkdtemp(join(tmpdir(), "s2-local-")) : undefined;
  const server = await startLocal({ deletionMs: DELETION_MILLIS, ...(dir === undefined ? {} : { dir }) });
  const { origin, transport } = server;
  return {
    name: "local",
    origin,
    transport,
    async stop() {
      await server.close();
      if (dir !== undefined) await rm(dir, { recursive: true });
    },
  };
}
