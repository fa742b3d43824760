// Runs turbo without telemetry, background process or update notice, whatever the platform's shell.
import { turbo } from "./lib/turbo.mjs";

process.exitCode = turbo(process.argv.slice(2), { stdio: "inherit" }).status;
