import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Outcome, SuiteOptions } from "../guest/suite.js";
import { bundleGuest } from "./bundle-guest.js";
import type { RuntimeSpec } from "./runtimes.js";
import { startProgram } from "./start-program.js";
import { startWorkerd } from "./workerd.js";

/** The whole suite may take so long, in milliseconds. */
const PATIENCE = 500_000;
/** After its last word a program has so long to end by itself, in milliseconds. */
const LEAVING = 60_000;

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
  await using worker = await startWorkerd(binary, project, "worker", PATIENCE);
  const response = await fetch(worker.url, { method: "POST", body: JSON.stringify(options) });
  const body = await response.text();
  if (!response.ok) throw new Error(`workerd answered ${response.status}: ${body}\n${worker.output()}`);
  return { outcomes: JSON.parse(body) as Outcome[], left: undefined };
}

/**
 * A page on loopback loads the suite under a strict content security policy, and posts what became of it; the servers are
 * of other origins.
 */
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

const PAGE = `<!doctype html><script src="/errors.js"></script><script type="module" src="/suite.js"></script>`;

/** What fails before the suite runs is its outcome, too; and what the policy has refused. */
const ERRORS = `
const report = (error) => fetch("/outcomes", { method: "POST", body: JSON.stringify({ error: String(error) }) });
addEventListener("error", ({ message }) => report(message));
addEventListener("securitypolicyviolation", (event) =>
  report(\`\${event.effectiveDirective} refuses \${event.blockedURI} at \${event.sourceFile}:\${event.lineNumber}\`));
`;

/** As strict as can be: scripts of the site, no evaluation of text, and connections to the servers. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self' http://127.0.0.1:* http://*.localhost:*",
  "require-trusted-types-for 'script'",
].join("; ");

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
    if (request.url === "/errors.js") return ["text/javascript", ERRORS];
    if (request.url === "/options") return ["application/json", JSON.stringify(options)];
    if (request.url === "/outcomes") report(JSON.parse(await text(request)));
    return ["text/html", PAGE];
  };
  const server = createServer((request, response) => {
    response.setHeader("content-security-policy", POLICY);
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
