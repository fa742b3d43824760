import { readFileSync } from "node:fs";
import type { Certificate } from "../http/certificate.js";
import type { AnsweredRequest } from "../http/observed.js";
import { type InitFile, parseInit } from "../init/init-file.js";
import type { LocalServer } from "../local-server.js";
import { startLocal } from "../start-local.js";
import { type CommandArguments, readCommandLine, USAGE } from "./arguments.js";

/** What the command needs of a process. */
export interface CommandProcess {
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Calls back at the first signal to stop, and again at every further one. */
  onStop(listener: (signal: string) => void): void;
}

/**
 * Runs `s2-local` until it is told to stop.
 * @returns the exit code: 0, 1 when the server cannot start, 2 for a wrong command line.
 */
export async function run(process: CommandProcess): Promise<number> {
  let args: CommandArguments;
  try {
    args = readCommandLine(process.argv, process.environment);
  } catch (error) {
    process.err(`s2-local: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (args.help) {
    process.out(USAGE);
    return 0;
  }
  const log = (text: string): void => process.out(`${new Date().toISOString()} ${text}\n`);
  let local: LocalServer;
  try {
    local = await start(args, log);
  } catch (error) {
    process.err(`s2-local: ${(error as Error).message}\n`);
    return 1;
  }
  process.out(hint(local, args));
  await stopped(process, local, log);
  return 0;
}

async function start(args: CommandArguments, log: (text: string) => void): Promise<LocalServer> {
  const init = args.init === undefined ? undefined : readInit(args.init);
  const { dir, token, tls } = args;
  return startLocal({
    port: args.port,
    host: args.host,
    cors: args.cors,
    admin: args.admin,
    dashboard: args.dashboard,
    drainMs: 10_000,
    ...(dir === undefined ? {} : { dir }),
    ...(init === undefined ? {} : { init }),
    ...(token === undefined ? {} : { auth: { rootToken: token } }),
    ...(tls === undefined ? {} : { tls: tls === "self-signed" ? tls : certificateIn(tls) }),
    ...(args.quiet ? {} : { onAnswer: (request) => log(lineOf(request)) }),
  });
}

/** @throws Error that names the file. */
function readInit(path: string): InitFile {
  try {
    return parseInit(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new Error(`cannot use the init file ${path}: ${(error as Error).message}`);
  }
}

/** One request, as the log has it: `GET /v1/basins 200 1.2 ms`. */
function lineOf({ method, target, status, millis }: AnsweredRequest): string {
  return `${method} ${target} ${status} ${millis.toFixed(1)} ms`;
}

/** @throws Error that names the file. */
function certificateIn(files: { readonly cert: string; readonly key: string }): Certificate {
  const read = (path: string): string => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new Error(`cannot read ${path}: ${(error as Error).message}`);
    }
  };
  return { cert: read(files.cert), key: read(files.key) };
}

/** What to type into another terminal. */
function hint({ origin }: LocalServer, { dir, token, tls, dashboard }: CommandArguments): string {
  return [
    `s2-local listens on ${origin} (${dir === undefined ? "in memory" : `in ${dir}`})`,
    ...(dashboard ? [`Look at it on ${origin}/dashboard`] : []),
    "",
    "To use it from another terminal:",
    `  export S2_ACCOUNT_ENDPOINT=${origin}`,
    `  export S2_BASIN_ENDPOINT=${origin}`,
    `  export S2_ACCESS_TOKEN=${token === undefined ? "ignored" : "<the root token, or one issued with it>"}`,
    ...(tls === "self-signed" ? ["  export S2_SSL_NO_VERIFY=true  # for the s2 command"] : []),
    "",
    "",
  ].join("\n");
}

/** Resolves when the server has stopped; a second signal does not wait for open sessions. */
function stopped(process: CommandProcess, local: LocalServer, log: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    process.onStop((signal) => {
      signals += 1;
      if (signals > 1) {
        resolve();
        return;
      }
      log(`${signal}: stopping`);
      local.close().then(resolve, resolve);
    });
  });
}
