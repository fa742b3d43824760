import { type ChildProcess, spawn } from "node:child_process";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

/** Bundles a program of a package's `test` folder, with its siblings' sources, so that plain Node.js can run it. */
export async function bundleProgram(source: URL): Promise<string> {
  const path = fileURLToPath(source);
  const name = basename(path, ".ts");
  const outDir = fileURLToPath(new URL("../node_modules/.cache/child-programs", source));
  await build({
    entry: { [name]: path },
    outDir,
    config: false,
    silent: true,
    clean: false,
    format: "esm",
    target: "node20",
    noExternal: [/^@s2-dev\//],
    outExtension: () => ({ js: ".mjs" }),
    esbuildOptions(options) {
      options.conditions = ["@s2-dev/source", "node"];
    },
  });
  return join(outDir, `${name}.mjs`);
}

/** A running program. */
export interface Program extends Disposable {
  /** Resolves when it has printed a line; rejects when it ends without. */
  printed(line: string): Promise<void>;
  /** Resolves with the exit code and all that was printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

export function runProgram(path: string, ...args: string[]): Program {
  const child: ChildProcess = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let waiting: { line: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  const onText = (text: Buffer): void => {
    output += text;
    const lines = output.split("\n");
    for (const waiter of waiting) if (lines.includes(waiter.line)) waiter.resolve();
    waiting = waiting.filter((waiter) => !lines.includes(waiter.line));
  };
  child.stdout?.on("data", onText);
  child.stderr?.on("data", onText);
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => {
      for (const waiter of waiting) waiter.reject(new Error(`ended with code ${code}: ${output}`));
      resolve({ code, output });
    });
  });
  return {
    ended,
    printed: (line) =>
      output.split("\n").includes(line)
        ? Promise.resolve()
        : new Promise((resolve, reject) => waiting.push({ line, resolve, reject })),
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}
