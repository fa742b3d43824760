import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Options } from "tsup";

type EsbuildOptions = Parameters<NonNullable<Options["esbuildOptions"]>>[0];

// `node:test` has no name without its prefix, and Deno and Workers know no module of Node without it.
const base: Options = {
  target: "es2022",
  sourcemap: true,
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
};

/**
 * A package that others install: ESM and CJS with types for each. Splitting is on for both formats, so that the
 * entries of one package share one copy of a class.
 */
export function library(entry: Record<string, string>, options: Options = {}): Options {
  return { ...base, entry, format: ["esm", "cjs"], dts: true, esbuildOptions: simplify, ...options };
}

/** Fewer bytes for whoever bundles what is made of it. Names stay, for traces. */
function simplify(options: EsbuildOptions): void {
  options.minifySyntax = true;
}

/** A program that is run from its dist folder. */
export function program(entry: NonNullable<Options["entry"]>, options: Options = {}): Options {
  return { ...base, entry, format: "esm", ...options };
}

const CORE = "@s2-dev/streamstore-core";

/**
 * For builds that only Node and its like load: they import core by one name instead of by five. Those names lead to one
 * file there, and each costs a program that starts about half a millisecond to resolve, from each file that has it.
 */
export function oneNameOfCore(): Pick<Options, "noExternal" | "esbuildPlugins"> {
  const manifest = new URL("packages/core/package.json", import.meta.url);
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as CoreManifest;
  const fileOf = (entry: string): string | undefined => exports[entry]?.node?.import.default;
  const same = Object.keys(exports).filter((entry) => entry !== "." && fileOf(entry) === fileOf("."));
  const names = new RegExp(`^${CORE}/(${same.map((entry) => entry.slice(2)).join("|")})$`);
  return {
    // Else they are external before the plugin is asked.
    noExternal: [names],
    esbuildPlugins: [
      {
        name: "one-name-of-core",
        setup(build) {
          build.onResolve({ filter: names }, () => ({ path: CORE, external: true }));
        },
      },
    ],
  };
}

interface CoreManifest {
  readonly exports: Readonly<
    Record<string, { readonly node?: { readonly import: { readonly default: string } } }>
  >;
}

/**
 * Makes every entry reach all of one of them. A bundler puts modules that the same entries reach into one chunk: this way
 * what that one reaches is a single chunk, where there were twenty. esbuild asks only what is imported; for those that
 * drop an import of nothing, the entries export `name` of that one. It must not lead back to them by `import()`: Vite keeps
 * such a ring whole, used or not.
 */
export function allReach(
  one: string,
  entries: readonly string[],
  name?: string,
): NonNullable<Options["esbuildPlugins"]>[number] {
  const others = new Set(entries);
  others.delete(one);
  const plugin = "all-reach";
  return {
    name: plugin,
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!others.has(path)) return undefined;
        const source = await readFile(path, "utf8");
        return { contents: source + importOf(one, name), loader: "ts" };
      });
      // Else the import of a module "without side effects" for nothing would be dropped.
      build.onResolve({ filter: /^[./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === plugin) return undefined;
        const options = { importer, kind, resolveDir, pluginData: plugin };
        const resolved = await build.resolve(path, options);
        return resolved.errors.length > 0 ? undefined : { path: resolved.path, sideEffects: true };
      });
    },
  };
}

/**
 * Divides what an entry exports by `export *`, for bundlers that split: each of these files stays a file. Of a file that
 * is used, esbuild puts all that it leads to, and anybody uses, with what is loaded first; past `export *` it goes
 * straight to the file that has the name, as long as the entry has nothing else. All of them reach `reaching`, as with
 * `allReach`.
 */
export function dividedExports(
  entries: Readonly<Record<string, string>>,
  reaching: string,
): NonNullable<Options["esbuildPlugins"]>[number] {
  const fileOf = new Map(Object.entries(entries).map(([name, path]) => [path, `./${name}.js`]));
  return {
    name: "divided-exports",
    setup(build) {
      const { define, entryPoints } = build.initialOptions;
      // For CJS, tsup has esbuild make ESM first if it is to split. What is required is read whole, so nothing is divided.
      if (define?.TSUP_FORMAT !== '"esm"') {
        const given = Object.entries(entryPoints as Record<string, string>);
        const whole = given.filter(([name]) => !Object.hasOwn(entries, name));
        build.initialOptions.entryPoints = Object.fromEntries(whole);
        return;
      }
      build.onResolve({ filter: /\/exports\// }, ({ path, resolveDir, kind }) => {
        const file = fileOf.get(join(resolveDir, path.replace(/\.js$/, ".ts")));
        return kind === "entry-point" || file === undefined ? undefined : { path: file, external: true };
      });
      build.onLoad({ filter: /\/exports\/.*\.ts$/ }, async ({ path }) => {
        if (!fileOf.has(path)) return undefined;
        return { contents: (await readFile(path, "utf8")) + importOf(reaching), loader: "ts" };
      });
    },
  };
}

const importOf = (path: string, name?: string): string =>
  `\n${name === undefined ? "import" : `export { ${name} as reached } from`} ${JSON.stringify(path)};\n`;
