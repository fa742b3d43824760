// Builds what the quick start needs, without its output unless it fails, and runs it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { turbo } from "./lib/turbo.mjs";

const main = fileURLToPath(new URL("../examples/quickstart/dist/main.js", import.meta.url));
if (!existsSync(main)) console.error("Building the packages, once: a minute or two.\n");

const build = turbo(["run", "build", "--filter=@s2-dev/example-quickstart"], { stdio: "pipe" });
if (build.status !== 0) {
  process.stderr.write(build.output);
  process.exit(build.status);
}

const run = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
