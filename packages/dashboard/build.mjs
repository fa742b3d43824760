// Bundles the page into dist: index.html, and files that have their content's hash in their name.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
rmSync(`${here}dist`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts", "src/style.css"],
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  // The SDK as a browser gets it, from its sources: so that nothing has to be built first.
  conditions: ["@s2-dev/source"],
  metafile: true,
});

/** The name of the file that came out of an entry. */
function builtFrom(entry) {
  const [path] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry) ?? [];
  if (path === undefined) throw new Error(`nothing was built from ${entry}`);
  return path.replace(/^dist\//, "");
}

mkdirSync(`${here}dist`, { recursive: true });
const page = readFileSync(`${here}src/index.html`, "utf8")
  .replace("%script%", `dashboard/${builtFrom("src/index.ts")}`)
  .replace("%style%", `dashboard/${builtFrom("src/style.css")}`);
writeFileSync(`${here}dist/index.html`, page);
