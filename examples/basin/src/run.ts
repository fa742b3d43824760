// Runs programs that take their basin from the environment, in one on an embedded server if that names none:
// node run.js FILE [ARGUMENT...], or node run.js FOLDER [PROGRAM...] (all of them, in the order of their names).
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { accessTokenOrAny, isServerNamed, openBasin } from "./open-basin.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The programs of a folder: what a bundler has put beside them is none. */
function programsIn(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => /^(?!chunk-).*\.m?js$/.test(file));
  const byName = files.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return byName.map((file) => join(folder, file));
}

function nameOf(file: string): string {
  return basename(file).replace(/\.m?js$/, "");
}

/** Resolves with the exit status. */
function run(file: string, args: readonly string[], environment: Environment): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], {
      stdio: "inherit",
      env: { ...process.env, ...environment },
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function runAll(path: string, args: readonly string[], environment: Environment): Promise<number> {
  if (statSync(path).isFile()) return run(path, args, environment);
  const programs = programsIn(path);
  const chosen = args.length === 0 ? programs : programs.filter((file) => args.includes(nameOf(file)));
  const unknown = args.filter((name) => !chosen.some((file) => nameOf(file) === name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(", ")}; there are ${programs.map(nameOf).join(", ")}.`);
    return 1;
  }
  let status = 0;
  for (const file of chosen) {
    console.log(`--- ${nameOf(file)}`);
    status = (await run(file, [], environment)) || status;
  }
  return status;
}

async function main(path: string, args: readonly string[]): Promise<number> {
  if (isServerNamed()) return runAll(path, args, { S2_ACCESS_TOKEN: accessTokenOrAny() });
  await using opened = await openBasin();
  const { name: basin } = opened.basin;
  // Some programs of a page read what others of it append, and are run alone, too.
  await opened.s2.basins.reconfigure({ basin, create_stream_on_read: true });
  const { accessToken, endpoints } = opened.client;
  // Awaited here: the server is to stay until the last of them has ended.
  return await runAll(path, args, {
    S2_ACCESS_TOKEN: accessToken,
    S2_ACCOUNT_ENDPOINT: endpoints?.account,
    S2_BASIN_ENDPOINT: endpoints?.basin,
    S2_BASIN: basin,
  });
}

const [path, ...args] = process.argv.slice(2);
if (path === undefined) throw new Error("which program?");
process.exitCode = await main(path, args);
