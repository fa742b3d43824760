import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Rollup, build as vite } from "vite";
import webpack from "webpack";

/** The files that a page loads at first of a program, as the bundler makes it small. */
export type FirstLoad = (entry: string, outdir: string) => Promise<readonly (string | Uint8Array)[]>;

const withVite: FirstLoad = async (entry) => {
  const built = await vite({
    configFile: false,
    root: join(entry, ".."),
    logLevel: "silent",
    build: {
      write: false,
      target: "es2022",
      modulePreload: { polyfill: false },
      rollupOptions: { input: entry, preserveEntrySignatures: "strict" },
    },
  });
  const { output } = built as Rollup.RollupOutput;
  const chunks = new Map(
    output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
  );
  const first = new Set([...chunks.values()].filter(({ isEntry }) => isEntry));
  // Grows while it is gone through.
  for (const { imports } of first) {
    for (const name of imports) {
      const chunk = chunks.get(name);
      if (chunk !== undefined) first.add(chunk);
    }
  }
  return [...first].map(({ code }) => code);
};

const withWebpack: FirstLoad = async (entry, outdir) => {
  const compiler = webpack({
    mode: "production",
    entry,
    target: ["web", "es2022"],
    output: { path: outdir, library: { type: "module" }, module: true, chunkFormat: "module" },
    experiments: { outputModule: true },
    performance: { hints: false },
  });
  if (compiler === null) throw new Error("webpack made no compiler");
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  if (stats === undefined || stats.hasErrors())
    throw new Error(stats?.toString({ all: false, errors: true }));
  const assets = stats.compilation.entrypoints.get("main")?.getFiles() ?? [];
  return Promise.all(assets.map((file) => readFile(join(outdir, file))));
};

export const firstLoads: Readonly<Record<string, FirstLoad>> = { Vite: withVite, webpack: withWebpack };
