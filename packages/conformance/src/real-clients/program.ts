import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** Longest time that a program of somebody else may take, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A running program that prints lines. */
export interface RunningProgram {
  /** The first line that begins so; waits for it. */
  line(start: string): Promise<string>;
  /** All lines, once it has ended well. */
  ended(): Promise<readonly string[]>;
}

/** Runs a program that finds its server in the environment, as its documentation says. */
export function startProgram(
  binary: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): RunningProgram {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(binary, args, {
    env: { PATH: process.env.PATH, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
  });
  let out = "";
  let err = "";
  let wake: () => void = () => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const closed = once(child, "close").then(([code]) => {
    wake();
    return code as number | null;
  });
  let code: number | null | undefined;
  void closed.then((value) => {
    code = value ?? -1;
    wake();
  });
  const lines = (): string[] => out.split("\n").slice(0, -1);
  const failure = (): Error => new Error(`${binary} ${args.join(" ")} ended with ${code}\n${out}${err}`);
  return {
    async line(start) {
      for (;;) {
        const found = lines().find((line) => line.startsWith(start));
        if (found !== undefined) return found;
        if (code !== undefined) throw failure();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async ended() {
      await closed;
      if (code !== 0) throw failure();
      return lines();
    },
  };
}
