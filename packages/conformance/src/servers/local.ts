import { startLocal } from "@s2-dev/streamstore-local";
import type { Server } from "./server.js";

/** What s2-lite takes to finish the deletion of a stream in memory, about, in milliseconds. */
const DELETION_MILLIS = 20;

/** Starts the embedded server on a port of its own, in this process. */
export async function startLocalServer(): Promise<Server> {
  const server = await startLocal({ deletionMs: DELETION_MILLIS });
  const { origin, transport } = server;
  return { name: "local", origin, transport, stop: () => server.close() };
}
