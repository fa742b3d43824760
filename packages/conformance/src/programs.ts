import { execFile } from "node:child_process";
import { S2 } from "@s2-dev/streamstore";
import { afterAll, beforeAll, inject } from "vitest";
import { freshBasinName } from "./names.js";
import { startLocalServer } from "./servers/local.js";
import type { Server } from "./servers/server.js";

/** A program that has not ended by itself after so long is killed, which fails its test, in milliseconds. */
const PATIENCE = 120_000;

export interface ProgramRun {
  /** `null`: it had to be killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a file as a process of its own, until it ends by itself or `patience` is over, in milliseconds. */
export function runProgram(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  patience = PATIENCE,
): Promise<ProgramRun> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(S2_|NODE_|VITEST)/.test(name)),
  );
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { env: { ...inherited, ...environment, NO_COLOR: "1" }, timeout: patience, killSignal: "SIGKILL" },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** A server for the programs of a `describe`, and what its environment says of it. */
export interface ProgramServer {
  /** The server is not there, and need not be. */
  readonly skip: boolean;
  /** Rejects when the server is missing although it must be there. */
  environment(): Readonly<Record<string, string>>;
}

/** Starts `local`, or takes the run's s2-lite, with a fresh basin that creates streams. To be called in a `describe`. */
export function useProgramServer(name: "local" | "s2-lite"): ProgramServer {
  const s2Lite = inject("s2Lite");
  const missing = name === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
  let server: Server | undefined;
  let environment: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    if (missing !== undefined) return;
    if (name === "local") server = await startLocalServer();
    const origin = server?.origin ?? ("origin" in s2Lite ? s2Lite.origin : "");
    const basin = freshBasinName();
    const s2 = new S2({ accessToken: "ignored", endpoints: { account: origin, basin: origin } });
    await s2.basins.create({ basin, config: { create_stream_on_append: true } });
    environment = {
      S2_ACCESS_TOKEN: "ignored",
      S2_ACCOUNT_ENDPOINT: origin,
      S2_BASIN_ENDPOINT: origin,
      S2_BASIN: basin,
    };
  });
  afterAll(() => server?.stop());
  return {
    skip: missing !== undefined && !missing.required,
    environment() {
      if (missing !== undefined) throw new Error(missing.missing);
      return environment;
    },
  };
}
