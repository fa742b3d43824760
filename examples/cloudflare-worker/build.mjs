// Bundles the worker as wrangler does: `node build.mjs`, from what is built of the packages; the test does the same from
// their sources.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function buildWorker(file, { fromSources = false } = {}) {
  await build({
    entryPoints: [path("./src/worker.ts")],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: [...(fromSources ? ["@s2-dev/source"] : []), "workerd", "worker", "browser"],
    logLevel: "silent",
  });
}

if (process.argv[1] === path(import.meta.url)) await buildWorker(path("./dist/worker.mjs"));
