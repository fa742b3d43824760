// Builds what the quick start needs, silently unless it fails, and runs it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { turbo } from "./lib/turbo.mjs";

const build = turbo(["run", "build", "--filter=@s2-dev/example-quickstart"], { stdio: "pipe" });
if (build.status !== 0) {
  process.stderr.write(build.output);
  process.exit(build.status);
}

const main = fileURLToPath(new URL("../examples/quickstart/dist/main.js", import.meta.url));
const run = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
