import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleGuest, type GuestBundle } from "./bundle-guest.js";
import { startProgram } from "./start-program.js";

/** A worker that answers. */
export interface RunningWorker extends AsyncDisposable {
  readonly url: string;
  /** What workerd has printed so far. */
  output(): string;
}

/** Serves a guest by workerd, for at most so many milliseconds; it must answer a plain GET. */
export async function startWorkerd(
  binary: string,
  project: string,
  guest: GuestBundle["guest"],
  patience: number,
): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), "workerd-"));
  const outfile = join(folder, "worker.mjs");
  await bundleGuest(project, { guest, outfile, conditions: ["workerd", "worker", "browser"] });
  const address = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, "config.capnp"), workerdConfig(address));
  const program = startProgram(binary, ["serve", join(folder, "config.capnp")], { cwd: folder, patience });
  const stop = async (): Promise<void> => {
    program.kill();
    await program.ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${address}`;
  try {
    await answering(url, program.ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, output: () => program.output(), [Symbol.asyncDispose]: stop };
}

function workerdConfig(address: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .suite),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "${address}", http = (), service = "main")],
);
const suite :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-11-01",
);
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answering(
  url: string,
  ended: Promise<{ code: number | null; output: string }>,
): Promise<void> {
  let dead: string | undefined;
  void ended.then(({ code, output }) => {
    dead = `ended with code ${code}: ${output}`;
  });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return void (await answer.text());
    if (dead !== undefined) throw new Error(dead);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} did not answer`);
}
