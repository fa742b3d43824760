import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Outcome, SuiteOptions } from "../guest/suite.js";
import { bundleGuest } from "./bundle-guest.js";
import type { RuntimeSpec } from "./runtimes.js";
import { startProgram } from "./start-program.js";

/** The whole suite may take so long, in milliseconds. */
const PATIENCE = 240_000;
/** After its last word a program has so long to end by itself, in milliseconds. */
const LEAVING = 20_000;

export interface GuestRun {
  readonly outcomes: readonly Outcome[];
  /** Whether the program ended by itself, where it is one. */
  readonly left: boolean | undefined;
}

/** Runs the suite in a runtime, with the packages that are installed in `project`. */
export function runGuest(
  spec: RuntimeSpec,
  binary: string,
  project: string,
  options: SuiteOptions,
): Promise<GuestRun> {
  if (spec.shape === "workerd") return runInWorkerd(binary, project, options);
  if (spec.shape === "chromium") return runInChromium(binary, project, options);
  return runAsProgram(spec, binary, project, options);
}

async function runAsProgram(
  spec: RuntimeSpec,
  binary: string,
  project: string,
  options: SuiteOptions,
): Promise<GuestRun> {
  const outfile = join(project, "suite.mjs");
  await bundleGuest(project, { guest: "process", outfile });
  const program = startProgram(binary, [...(spec.args ?? []), outfile, JSON.stringify(options)], {
    cwd: project,
    patience: PATIENCE,
    leaving: { after: /^outcomes .*\n/m, millis: LEAVING },
  });
  const { output, code } = await program.ended;
  const line = /^outcomes (.*)$/m.exec(output)?.[1];
  if (line === undefined)
    throw new Error(`${spec.id} ended with code ${code}, saying:\n${output.slice(-4000)}`);
  return { outcomes: JSON.parse(line) as Outcome[], left: code === 0 };
}

async function runInWorkerd(binary: string, project: string, options: SuiteOptions): Promise<GuestRun> {
  const folder = await mkdtemp(join(tmpdir(), "workerd-"));
  await bundleGuest(project, {
    guest: "worker",
    outfile: join(folder, "worker.mjs"),
    conditions: ["workerd", "worker", "browser"],
  });
  const socket = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, "config.capnp"), workerdConfig(socket));
  const program = startProgram(binary, ["serve", join(folder, "config.capnp")], {
    cwd: folder,
    patience: PATIENCE,
  });
  try {
    await answering(`http://${socket}`, program.ended);
    const response = await fetch(`http://${socket}`, { method: "POST", body: JSON.stringify(options) });
    const body = await response.text();
    if (!response.ok) throw new Error(`workerd answered ${response.status}: ${body}\n${program.output()}`);
    return { outcomes: JSON.parse(body) as Outcome[], left: undefined };
  } finally {
    program.kill();
    await program.ended;
    await rm(folder, { recursive: true, force: true });
  }
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

/** A page on loopback loads the suite, and posts what became of it; the servers are of other origins. */
async function runInChromium(binary: string, project: string, options: SuiteOptions): Promise<GuestRun> {
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  const outfile = join(folder, "page.mjs");
  await bundleGuest(project, { guest: "page", outfile, conditions: ["browser"] });
  const script = await readFile(outfile, "utf8");
  const site = await servePage(script, options);
  const program = startProgram(
    binary,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      `--user-data-dir=${join(folder, "profile")}`,
      site.url,
    ],
    { cwd: folder, patience: PATIENCE },
  );
  try {
    const died = program.ended.then(({ code, output }) => {
      throw new Error(`Chromium ended with code ${code}, saying:\n${output.slice(-4000)}`);
    });
    const posted = await Promise.race([site.outcomes, died]);
    if (!Array.isArray(posted)) throw new Error(`The page failed: ${JSON.stringify(posted)}`);
    return { outcomes: posted as Outcome[], left: undefined };
  } finally {
    program.kill();
    await program.ended.catch(() => undefined);
    site.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What fails before the suite runs is its outcome, too. */
const PAGE = `<!doctype html><script>
const report = (error) => fetch("/outcomes", { method: "POST", body: JSON.stringify({ error: String(error) }) });
addEventListener("error", ({ message }) => report(message));
</script><script type="module" src="/suite.js"></script>`;

interface Site {
  readonly url: string;
  readonly outcomes: Promise<unknown>;
  close(): void;
}

async function servePage(script: string, options: SuiteOptions): Promise<Site> {
  let report: (outcomes: unknown) => void;
  const outcomes = new Promise<unknown>((resolve) => {
    report = resolve;
  });
  const answer = async (request: IncomingMessage): Promise<readonly [type: string, body: string]> => {
    if (request.url === "/suite.js") return ["text/javascript", script];
    if (request.url === "/options") return ["application/json", JSON.stringify(options)];
    if (request.url === "/outcomes") report(JSON.parse(await text(request)));
    return ["text/html", PAGE];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([type, body]) => response.setHeader("content-type", type).end(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    outcomes,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
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
