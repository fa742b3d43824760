import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { eventually } from "../waiting.js";
import type { Server } from "./server.js";

/** Longest time from the start of the process to its first healthy answer, in milliseconds. */
const START_DEADLINE = 30_000;
/** The port is found free before the server binds it, so another program can come between. */
const START_ATTEMPTS = 3;
const OUTPUT_KEPT = 4000;

/**
 * Where the binary is: `S2_LITE_BIN`, else `s2` on the `PATH`, else in cargo's folder.
 *
 * @throws {Error} for an `S2_LITE_BIN` that cannot be run: who names a binary wants no run without it.
 */
export function findS2Lite(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = environment.S2_LITE_BIN;
  if (named !== undefined && named !== "") {
    if (isExecutable(named)) return named;
    throw new Error(`S2_LITE_BIN is ${JSON.stringify(named)}, which is no file that can be run`);
  }
  const file = process.platform === "win32" ? "s2.exe" : "s2";
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, join(homedir(), ".cargo", "bin")]
    .map((folder) => join(folder, file))
    .find(isExecutable);
}

/** Starts s2-lite in memory on a free port, and waits until it is healthy. */
export async function startS2Lite(binary: string): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(binary, await freePort());
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function launch(binary: string, port: number): Promise<Server> {
  const child = spawn(binary, ["lite", "--port", String(port)], {
    // Before it listens the server waits for one such interval, a second by default.
    env: { ...process.env, SL8_MANIFEST_POLL_INTERVAL: "100ms", RUST_LOG: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = keepOutput(child);
  const over = new AbortController();
  let failure = "";
  const fail = (why: string): void => {
    failure ||= why;
    over.abort();
  };
  child.once("error", (error) => fail(error.message));
  child.once("close", (code) => fail(`it ended with code ${code} while starting\n${output()}`));
  const origin = `http://127.0.0.1:${port}`;
  try {
    await eventually(
      "s2-lite answers /health",
      async () => (over.signal.aborted ? true : isHealthy(origin, over.signal)),
      START_DEADLINE,
    );
    if (failure !== "") throw new Error(`${nameOf(binary)} is not s2-lite, or did not start: ${failure}`);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return { name: "s2-lite", origin, stop: () => stop(child) };
}

function nameOf(binary: string): string {
  return binary === process.env.S2_LITE_BIN ? `S2_LITE_BIN (${JSON.stringify(binary)})` : binary;
}

/** It lets open sessions live on for ten seconds after a polite signal; nothing here is worth that. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function isHealthy(origin: string, signal: AbortSignal): Promise<true | undefined> {
  try {
    const response = await fetch(`${origin}/health`, { signal });
    await response.arrayBuffer();
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

function keepOutput(child: ChildProcess): () => string {
  let kept = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      kept = (kept + text).slice(-OUTPUT_KEPT);
    });
  }
  return () => kept;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
