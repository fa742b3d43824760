import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

/** What a tool made of a program. */
export interface Bundle {
  /** Everything that it wrote, chunks that are loaded on demand included. */
  readonly code: string;
  /** What is loaded at the start: the entry, and what it imports not only on demand. */
  readonly initial: string;
  /** What stays outside: modules of the runtime. */
  readonly external: readonly string[];
}

/** A place where a bundle is to run, as tools name it. */
export interface Destination {
  /** `exports` conditions besides those of modules, as the tool or its framework sets them. */
  readonly conditions: readonly string[];
  readonly on: "web" | "worker" | "node";
  /**
   * As small as the tool makes it. webpack leaves what is not used to its minifier, which takes its time; esbuild, when
   * it splits, keeps chunks of what it has dropped.
   */
  readonly isSmallest?: boolean;
}

/** Bundles the program, a file in the consumer's project. */
export type Bundler = (entry: string, outdir: string, destination: Destination) => Promise<Bundle>;

const withEsbuild: Bundler = async (entry, _outdir, { conditions, on, isSmallest = false }) => {
  const { outputFiles, metafile } = await esbuild({
    entryPoints: [entry],
    outdir: "/",
    bundle: true,
    splitting: !isSmallest,
    format: "esm",
    entryNames: "entry",
    platform: on === "node" ? "node" : "browser",
    conditions: [...conditions],
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const chunks = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  return {
    code: [...chunks.values()].join("\n"),
    initial: initialOf("entry.js", chunks),
    external: imports.filter(({ external }) => external).map(({ path }) => path),
  };
};

const withRollup: Bundler = async (entry, _outdir, { conditions, on }) => {
  const external = new Set<string>();
  const bundle = await rollup({
    input: entry,
    external(id) {
      const isOutside = on === "node" && isBuiltin(id);
      if (isOutside) external.add(id);
      return isOutside;
    },
    plugins: [
      nodeResolve({
        browser: on !== "node",
        preferBuiltins: on === "node",
        exportConditions: [...conditions, ...(on === "node" ? ["node"] : [])],
      }),
    ],
    // What cannot be resolved would be left outside with no more than a warning.
    onLog(level, { code, message }) {
      if (level === "warn" && code === "UNRESOLVED_IMPORT") throw new Error(message);
    },
  });
  const { output } = await bundle.generate({ format: "esm", entryFileNames: "entry.js" });
  await bundle.close();
  const chunks = new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : ""]));
  return {
    code: [...chunks.values()].join("\n"),
    initial: initialOf("entry.js", chunks),
    external: [...external],
  };
};

const withVite: Bundler = async (entry, outdir, { conditions, on }) => {
  const isServer = on !== "web";
  await vite({
    configFile: false,
    root: join(entry, ".."),
    logLevel: "silent",
    resolve: { conditions: [...conditions, "module", "production"] },
    ...(isServer
      ? {
          ssr: {
            target: on === "node" ? ("node" as const) : ("webworker" as const),
            noExternal: true as const,
            resolve: { conditions: [...conditions, "module", "production"] },
          },
        }
      : {}),
    build: {
      outDir: outdir,
      emptyOutDir: true,
      minify: false,
      ssr: isServer ? entry : false,
      rollupOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "entry.js", chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
  return fromFolder(outdir);
};

const withWebpack: Bundler = async (entry, outdir, { conditions, on, isSmallest = false }) => {
  const compiler = webpack({
    mode: "production",
    entry,
    target: on === "worker" ? "webworker" : on,
    output: {
      path: outdir,
      filename: "entry.js",
      library: { type: "module" },
      module: true,
      chunkFormat: "module",
    },
    experiments: { outputModule: true },
    resolve: { conditionNames: [...conditions, "..."] },
    optimization: { minimize: isSmallest },
    performance: { hints: false },
  });
  if (compiler === null) throw new Error("webpack made no compiler");
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  if (stats?.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  return fromFolder(outdir);
};

export const bundlers: Readonly<Record<string, Bundler>> = {
  esbuild: withEsbuild,
  Rollup: withRollup,
  Vite: withVite,
  webpack: withWebpack,
};

/** Vite and webpack say nothing of what stays outside; their output does. */
async function fromFolder(folder: string): Promise<Bundle> {
  const files = (await readdir(folder)).filter((file) => /\.m?js$/.test(file));
  const chunks = new Map<string, string>();
  for (const file of files) chunks.set(file, await readFile(join(folder, file), "utf8"));
  const code = [...chunks.values()].join("\n");
  const specifiers = [...code.matchAll(/\b(?:from|import|import\(|require\()\s*["']([\w@:./-]+)["']/g)];
  return {
    code,
    initial: initialOf("entry.js", chunks),
    external: specifiers.map(([, name = ""]) => name).filter((name) => !/^[./]/.test(name)),
  };
}

/** The code of a chunk and of those that it imports, directly or not, but not on demand. */
function initialOf(entry: string, chunks: ReadonlyMap<string, string>, seen = new Set<string>()): string {
  if (seen.has(entry)) return "";
  seen.add(entry);
  const code = chunks.get(entry);
  if (code === undefined) throw new Error(`there is no ${entry}: ${[...chunks.keys()].join(", ")}`);
  const imported = [...code.matchAll(/(?:from|import)\s*["'](?:\.\/|\/)([^"'\n]+)["']/g)];
  return [code, ...imported.map(([, name = ""]) => initialOf(basename(name), chunks, seen))].join("\n");
}

/** Writes a program into the consumer's project. */
export async function writeProgram(project: string, name: string, code: string): Promise<string> {
  const folder = join(project, "bundled");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.js`);
  await writeFile(path, code);
  return path;
}
