import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const settings = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

/** Runs turbo with these arguments and gives its exit status and, with `stdio: "pipe"`, what it printed. */
export function turbo(args, { stdio }) {
  const bin = createRequire(import.meta.url).resolve("turbo/bin/turbo");
  const run = spawnSync(process.execPath, [bin, ...args], {
    stdio: ["ignore", stdio, stdio],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...settings },
  });
  return { status: run.status ?? 1, output: `${run.stdout ?? ""}${run.stderr ?? ""}${run.error ?? ""}` };
}
