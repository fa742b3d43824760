/** Measures this SDK beside the others; see README.md. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "./cases/case.js";
import { cases } from "./cases/index.js";
import { complaintsAbout } from "./runner/guard.js";
import { type Options, readOptions, type ServerName, USAGE } from "./runner/options.js";
import { writeGuide, writeReadme } from "./runner/readme.js";
import { briefTable, figuresTable, ratiosTable, withoutTargets } from "./runner/report.js";
import { type CaseResult, type RunSettings, runCase } from "./runner/run-case.js";
import { rustClient } from "./runner/rust.js";
import { type Server, startServer } from "./runner/servers.js";

/** The quick form's rounds are so much shorter. */
const QUICK_SHARE = 12;

/** What a run has measured, as it is written as JSON. */
interface Report {
  /** The machine, the versions and the server, in one line. */
  readonly machine: string;
  readonly results: readonly CaseResult[];
}

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (options.from !== undefined) {
    report(JSON.parse(readFileSync(options.from, "utf8")) as Report, options);
    return 0;
  }
  const chosen = cases.filter((made) => isChosen(made, options));
  if (options.list || chosen.length === 0) {
    for (const { id, title } of chosen) console.log(`${id.padEnd(34)} ${title}`);
    return chosen.length === 0 ? 2 : 0;
  }
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  // Before the Rust client, whose first build takes minutes.
  const server = await started(options.server);
  if (server === undefined) return 1;
  const settings: RunSettings = {
    rounds: options.rounds,
    parties: options.parties,
    share: options.quick ? QUICK_SHARE : 1,
    paths: { rust: options.parties.includes("rust") ? rustClient() : undefined, profile: options.profile },
  };
  try {
    const results = await runAll(chosen, server, withoutMissing(settings));
    report({ machine: machineOf(options), results }, options);
    return options.guard ? await guard(results, server, settings) : 0;
  } finally {
    await server.stop();
  }
}

/** The server, or undefined with a note why there is none. */
async function started(name: ServerName): Promise<Server | undefined> {
  try {
    return await startServer(name);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

function isChosen(made: Case, options: Options): boolean {
  if (options.quick && !made.isQuick) return false;
  if (options.targets && made.targets.length === 0) return false;
  if (options.server !== "minimal" && !made.isEndToEnd) return false;
  return options.cases.length === 0 || options.cases.some((text) => made.id.includes(text));
}

function withoutMissing(settings: RunSettings): RunSettings {
  if (settings.paths.rust !== undefined) return settings;
  return { ...settings, parties: settings.parties.filter((party) => party !== "rust") };
}

async function runAll(chosen: readonly Case[], server: Server, settings: RunSettings): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [index, made] of chosen.entries()) {
    console.error(`${index + 1}/${chosen.length} ${made.title}`);
    results.push(await runCase(made, server, settings));
  }
  return results;
}

function report(run: Report, options: Options): void {
  const { results } = run;
  // Targets are about whole rounds on the minimal server: shorter ones are mostly warming up.
  const isFull = options.server === "minimal" && !options.quick;
  const ratios = ratiosTable(isFull ? results : results.map(withoutTargets));
  const tables = `${run.machine}\n\n${ratios}\n\n${figuresTable(results)}\n`;
  console.log(tables);
  if (options.readme) {
    writeReadme(isFull && options.targets ? "targets" : options.server, tables);
    const withTargets = results.filter((result) => result.case.targets.length > 0);
    const isWhole = withTargets.length === cases.filter((made) => made.targets.length > 0).length;
    if (options.server === "minimal" && isWhole) writeGuide(`${run.machine}\n\n${briefTable(withTargets)}`);
  }
  if (options.json === undefined) return;
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
}

function machineOf({ rounds, server }: Options): string {
  const [cpu] = cpus();
  return [
    `${cpus().length} x ${cpu?.model.trim()}, ${process.platform} ${release()}, Node ${process.versions.node}`,
    `ours ${versionOf("@s2-dev/streamstore")}${commit()}, published ${versionOf("published-streamstore")}, Rust s2-sdk ${rustVersion()}`,
    `server: ${server}; ${rounds} rounds; medians, with the least and the most in brackets`,
  ].join("; ");
}

/** The sources that were measured, where they are a clone. */
function commit(): string {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  return status === 0 ? ` at ${stdout.trim()}` : "";
}

function versionOf(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(fileURLToPath(manifest), "utf8")) as { version: string }).version;
}

/** The version that the manifest demands exactly: a lock is only there once the client has been built. */
function rustVersion(): string {
  const manifest = readFileSync(fileURLToPath(new URL("../rust/Cargo.toml", import.meta.url)), "utf8");
  return /^s2-sdk = "=([^"]+)"/m.exec(manifest)?.[1] ?? "unknown";
}

/** The exit code: 1 if a case is worse than the published SDK, or could not be compared with it. */
async function guard(results: readonly CaseResult[], server: Server, settings: RunSettings): Promise<number> {
  const complaints = await complaintsAbout(results, (made) =>
    runCase(made, server, { ...settings, parties: ["ours", "published"], rounds: settings.rounds + 2 }),
  );
  for (const complaint of complaints) console.error(complaint);
  return complaints.length === 0 ? 0 : 1;
}
