import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

/** Where packages are found that cannot go into a bundle: native code, and what is CommonJS behind an `import()`. */
const LOCAL = fileURLToPath(new URL("../../local/package.json", import.meta.url));

const installed: Plugin = {
  name: "installed",
  setup({ onResolve }) {
    onResolve({ filter: /^(?:lmdb|selfsigned)$/ }, ({ path }) => ({
      path: pathToFileURL(createRequire(LOCAL).resolve(path)).href,
      external: true,
    }));
  },
};

/**
 * Makes programs that Node can run, from the sources, so that nothing has to be built first: `name.mjs` for each entry
 * `name.ts`, or for each name that is given one, in a folder that is removed when this process ends.
 */
export async function bundlePrograms(
  entries: readonly string[] | Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "s2-programs-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: Array.isArray(entries) ? [...entries] : { ...(entries as Record<string, string>) },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@s2-dev/source", "module"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [installed],
    logLevel: "silent",
  });
  return folder;
}
