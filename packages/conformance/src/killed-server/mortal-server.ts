import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "../bundling.js";

/** A server with durable storage that can be killed and started again on the same port. */
export interface MortalServer {
  readonly port: number;
  start(): Promise<void>;
  /** SIGKILL: nothing is flushed, no connection is closed politely. */
  kill(): Promise<void>;
  /** Kills it for good and removes its data. */
  remove(): Promise<void>;
}

const START_DEADLINE_MS = 30_000;
const POLL_MS = 20;

/** s2-lite on a directory of its own; `binary` is the `s2` command. */
export function createMortalLite(binary: string): Promise<MortalServer> {
  return createMortal((port, dir) =>
    spawn(binary, ["lite", "--port", String(port), "--local-root", dir, "--no-dashboard"], {
      stdio: "ignore",
    }),
  );
}

let bundles: Promise<string> | undefined;

/** Where `s2-local` is, made from its sources. */
export async function localProgram(): Promise<string> {
  bundles ??= bundlePrograms([fileURLToPath(new URL("../../../local/src/bin.ts", import.meta.url))]);
  return join(await bundles, "bin.mjs");
}

/** `s2-local` on a directory of its own. */
export async function createMortalLocal(): Promise<MortalServer> {
  const program = await localProgram();
  return createMortal((port, dir) =>
    spawn(process.execPath, [program, "--port", String(port), "--dir", dir, "--quiet"], {
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
}

async function createMortal(launch: (port: number, dir: string) => ChildProcess): Promise<MortalServer> {
  const dir = await mkdtemp(join(tmpdir(), "mortal-"));
  const port = await lastingPort();
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying !== undefined) await killNow(dying);
  };
  return {
    port,
    async start() {
      child = launch(port, dir);
      await waitUntilHealthy(port);
      // Else it is another one that answers.
      if (child.exitCode !== null) throw new Error(`Port ${port} was taken while its server was down`);
    },
    kill,
    async remove() {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** SIGKILL, and waits until it is gone. */
export async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** @throws Error when it has not become so in time. */
export async function waitUntilHealthy(port: number): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(POLL_MS);
  }
  throw new Error(`The server on port ${port} was not up within ${START_DEADLINE_MS} ms`);
}

/** Below what Linux and others give to whoever asks for any port, and for outgoing connections. */
const LASTING_PORTS = { from: 20_000, count: 12_000 };

/** A free one that the system gives to nobody else while its server is down. */
async function lastingPort(): Promise<number> {
  for (;;) {
    const port = LASTING_PORTS.from + Math.floor(Math.random() * LASTING_PORTS.count);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

/** One that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port to be had");
  return address.port;
}
