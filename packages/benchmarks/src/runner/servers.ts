import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Appended } from "../fixture/append-frames.js";
import { READ_START } from "../fixture/read-batches.js";
import type { ServerName } from "./options.js";

export const BASIN = "benchmark-basin";

/** What a server says it got and gave, as far as it can tell. */
export interface Seen {
  readonly appended: Partial<Appended>;
  /** Bytes given to readers of the stream. */
  readonly served?: number;
}

export interface Server {
  readonly name: ServerName;
  readonly endpoint: string;
  /** Where a stream with records in it starts. */
  readonly readStart: number;
  /** What happened to a stream; forgets it. */
  seen(stream: string): Promise<Seen>;
  stop(): Promise<void>;
}

export function startServer(name: ServerName): Promise<Server> {
  return name === "minimal" ? startMinimal() : startReal(name);
}

async function startMinimal(): Promise<Server> {
  const child = fork(fileURLToPath(new URL("./server.js", import.meta.url)), { execArgv: [] });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  let asked = 0;
  return {
    name: "minimal",
    endpoint: `http://127.0.0.1:${port}`,
    readStart: READ_START,
    async seen(stream) {
      const id = ++asked;
      child.send({ id, take: stream });
      for (;;) {
        const [answer] = (await once(child, "message")) as [Seen & { id: number }];
        if (answer.id === id) return answer;
      }
    },
    stop: () => stop(child),
  };
}

/** A real server of its own, with one basin whose streams come to be when they are used. */
async function startReal(name: "lite" | "local"): Promise<Server> {
  const port = await freePort();
  const child = name === "lite" ? spawnLite(port) : spawnLocal(port);
  const endpoint = `http://127.0.0.1:${port}`;
  await healthy(child, endpoint);
  const created = await fetch(`${endpoint}/v1/basins/${BASIN}`, {
    method: "PUT",
    headers: { "content-type": "application/json", authorization: "Bearer ignored" },
    body: JSON.stringify({ config: { create_stream_on_append: true, create_stream_on_read: true } }),
  });
  if (!created.ok) throw new Error(`the basin could not be made: ${created.status} ${await created.text()}`);
  return {
    name,
    endpoint,
    readStart: 0,
    async seen(stream) {
      const url = `${endpoint}/v1/streams/${encodeURIComponent(stream)}/records/tail`;
      const answer = await fetch(url, { headers: { "s2-basin": BASIN, authorization: "Bearer ignored" } });
      const { tail } = (await answer.json()) as { tail: { seq_num: number } };
      return { appended: { count: tail.seq_num } };
    },
    stop: () => stop(child),
  };
}

/**
 * The command `s2`, which is also s2-lite: `S2_LITE_BIN`, else `s2` on the `PATH`.
 *
 * @throws {Error} if it cannot be run.
 */
export function s2Command(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.S2_LITE_BIN;
  const command = named === undefined || named === "" ? "s2" : named;
  const { error, status } = spawnSync(command, ["--version"], { stdio: "ignore", env: environment });
  if (error === undefined && status === 0) return command;
  const what =
    command === named
      ? `S2_LITE_BIN is ${JSON.stringify(named)}, which`
      : "There is no S2_LITE_BIN, and the command s2";
  throw new Error(`${what} cannot be run: ${error?.message ?? `it ended with status ${status}`}`);
}

function spawnLite(port: number): ChildProcess {
  return spawn(s2Command(), ["lite", "--port", String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, SL8_MANIFEST_POLL_INTERVAL: "100ms", RUST_LOG: "warn" },
  });
}

function spawnLocal(port: number): ChildProcess {
  const bin = fileURLToPath(
    new URL("../node_modules/@s2-dev/streamstore-local/dist/bin.js", import.meta.url),
  );
  return spawn(process.execPath, [bin, "--port", String(port)], { stdio: ["ignore", "ignore", "inherit"] });
}

async function healthy(child: ChildProcess, endpoint: string): Promise<void> {
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code) => {
    failure ??= `it ended with status ${code}`;
  });
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`${endpoint}/health`).catch(() => undefined);
    if (answer?.ok) return;
    if (failure !== undefined) throw new Error(`the server (${child.spawnfile}) did not start: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server was not ready within 15 s");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  await gone;
}
