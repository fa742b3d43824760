// Bundles the page into `dist/page`: `node build.mjs`, from what is built of the packages; the test does the same from
// their sources.
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (name) => fileURLToPath(new URL(`./src/page/${name}`, import.meta.url));

export async function buildPage(folder, { fromSources = false } = {}) {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [source("main.ts")],
    outfile: `${folder}/main.js`,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    conditions: fromSources ? ["@s2-dev/source", "module"] : ["module"],
    logLevel: "silent",
  });
  await Promise.all(["index.html", "style.css"].map((name) => copyFile(source(name), `${folder}/${name}`)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(fileURLToPath(new URL("./dist/page", import.meta.url)));
}
