import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenBasin } from "@s2-dev/example-basin";
import type { Env } from "./worker.js";

/** The package gives the path of its binary, as CommonJS. */
const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };

/** A worker that runs in workerd, the runtime of Cloudflare, on this machine. */
export interface RunningWorker extends AsyncDisposable {
  readonly url: string;
}

/** What the worker is told of a basin. */
export function envOf({ basin, client: { accessToken, endpoints } }: OpenBasin): Env {
  const env = { S2_ACCESS_TOKEN: accessToken, S2_BASIN: basin.name };
  if (endpoints === undefined) return env;
  return { ...env, S2_ACCOUNT_ENDPOINT: endpoints.account, S2_BASIN_ENDPOINT: endpoints.basin };
}

/** Starts a bundled worker; port 0 takes a free one. */
export async function startWorker(file: string, env: Env, port = 0): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), "worker-"));
  await writeFile(join(folder, "config.capnp"), configOf(file, env, port));
  // It tells on descriptor 3 which port it has taken.
  const child: ChildProcess = spawn(
    workerd,
    ["serve", "--control-fd=3", join(folder, "config.capnp"), "--import-path=/"],
    { stdio: ["ignore", "inherit", "inherit", "pipe"] },
  );
  const exited = once(child, "exit");
  const listening = new Promise<number>((resolve, reject) => {
    let said = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      said += String(chunk);
      const [, found] = /"event":"listen","socket":"http","port":(\d+)/.exec(said) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
    exited.then(([code]) => reject(new Error(`workerd has ended with code ${code}`)), reject);
  });
  const stop = async (): Promise<void> => {
    // Asked politely, it waits for the end of streams of events, which have none.
    child.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://127.0.0.1:${await listening}`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configOf(file: string, env: Env, port: number): string {
  const bindings = Object.entries(env).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # Loopback, too, where the embedded server is.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed ${JSON.stringify(file)})],
  bindings = [${bindings.join(", ")}],
  compatibilityDate = "2026-11-01",
);
`;
}
