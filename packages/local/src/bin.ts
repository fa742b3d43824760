#!/usr/bin/env node
import { run } from "./cli/run.js";

// Whoever read what is printed has gone; that is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const code = await run({
  argv: process.argv.slice(2),
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  onStop(listener) {
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
  },
});
process.exit(code);
