// Bundles the server and the page into a folder: `node build.mjs`, from what is built of the packages; the test does the
// same from their sources.
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (name) => fileURLToPath(new URL(`./src/${name}`, import.meta.url));

export async function buildChat(folder, { fromSources = false } = {}) {
  const conditions = fromSources ? ["@s2-dev/source", "module"] : ["module"];
  const shared = { bundle: true, format: "esm", logLevel: "silent", conditions };
  await mkdir(`${folder}/page`, { recursive: true });
  await Promise.all([
    build({
      ...shared,
      entryPoints: [source("server.ts")],
      outfile: `${folder}/server.mjs`,
      platform: "node",
      target: "node20",
      // The server in the process keeps nothing on disk here.
      external: ["lmdb"],
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    }),
    build({
      ...shared,
      entryPoints: [source("page/main.tsx")],
      outfile: `${folder}/page/main.js`,
      platform: "browser",
      target: "es2022",
      jsx: "automatic",
      minify: true,
      define: { "process.env.NODE_ENV": '"production"' },
    }),
    ...["index.html", "style.css"].map((name) => copyFile(source(`page/${name}`), `${folder}/page/${name}`)),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildChat(fileURLToPath(new URL("./dist", import.meta.url)));
}
