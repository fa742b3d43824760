import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It is killed after so many milliseconds. */
  readonly patience: number;
  /** It is also killed when it has printed this and does not end by itself within so many milliseconds. */
  readonly leaving?: { readonly after: RegExp; readonly millis: number };
  readonly onOutput?: (output: string) => void;
}

export interface ProgramEnd {
  /** `null`: it was killed. */
  readonly code: number | null;
  readonly output: string;
}

export interface Program {
  readonly ended: Promise<ProgramEnd>;
  output(): string;
  kill(): void;
}

/** Starts a program with little of this one's environment, and keeps what it prints. */
export function startProgram(binary: string, args: readonly string[], options: ProgramOptions): Program {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(binary, [...args], {
    cwd: options.cwd,
    env: { PATH, HOME, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.patience,
    killSignal: "SIGKILL",
  });
  let output = "";
  let timer: NodeJS.Timeout | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      options.onOutput?.(output);
      if (timer === undefined && options.leaving?.after.test(output)) {
        timer = setTimeout(() => child.kill("SIGKILL"), options.leaving.millis);
      }
    });
  }
  const ended = once(child, "close").then(
    ([code]) => {
      clearTimeout(timer);
      return { code: code as number | null, output };
    },
    (error: unknown) => ({ code: null, output: `${output}\n${String(error)}` }),
  );
  return { ended, output: () => output, kill: () => void child.kill("SIGKILL") };
}
