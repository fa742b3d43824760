import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Options } from "tsup";

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
  return { ...base, entry, format: ["esm", "cjs"], dts: true, ...options };
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
 * what that one reaches is a single chunk, where there were twenty.
 */
export function allReach(
  one: string,
  entries: readonly string[],
): NonNullable<Options["esbuildPlugins"]>[number] {
  const others = new Set(entries);
  others.delete(one);
  const name = "all-reach";
  return {
    name,
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!others.has(path)) return undefined;
        const source = await readFile(path, "utf8");
        return { contents: source + importOf(one), loader: "ts" };
      });
      // Else the import of a module "without side effects" for nothing would be dropped.
      build.onResolve({ filter: /^[./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === name) return undefined;
        const options = { importer, kind, resolveDir, pluginData: name };
        const resolved = await build.resolve(path, options);
        return resolved.errors.length > 0 ? undefined : { path: resolved.path, sideEffects: true };
      });
    },
  };
}

/**
 * Divides what an entry exports by `export *`, for bundlers that split: each of these files stays a file, and what it
 * hands on becomes a constant of its own. Of names that are only handed on, esbuild puts all that anybody uses with
 * what is loaded first: a page that imports `S2` would load what its first session brings. All of them reach `reaching`,
 * as with `allReach`.
 */
export function dividedExports(
  entries: Readonly<Record<string, string>>,
  reaching?: string,
): NonNullable<Options["esbuildPlugins"]>[number] {
  const fileOf = new Map(Object.entries(entries).map(([name, path]) => [path, `./${name}.js`]));
  return {
    name: "divided-exports",
    setup(build) {
      if (build.initialOptions.format !== "esm") return;
      build.onResolve({ filter: /\/exports\// }, ({ path, resolveDir, kind }) => {
        const file = fileOf.get(join(resolveDir, path.replace(/\.js$/, ".ts")));
        return kind === "entry-point" || file === undefined ? undefined : { path: file, external: true };
      });
      build.onLoad({ filter: /\/exports\/.*\.ts$/ }, async ({ path }) => {
        if (!fileOf.has(path)) return undefined;
        const source = ownConstants(await readFile(path, "utf8"));
        return { contents: source + importOf(reaching), loader: "ts" };
      });
    },
  };
}

const importOf = (path: string | undefined): string =>
  path === undefined ? "" : `\nimport ${JSON.stringify(path)};\n`;

/** `export { A as B } from "c"` as `import { A as A_ } from "c"; export const B = A_;` */
function ownConstants(source: string): string {
  return source.replace(/export \{([^}]*)\} from ("[^"]+");/g, (_, list: string, from: string) => {
    const names = list
      .split(",")
      .map((each) => each.trim().split(" as "))
      .filter(([name]) => name !== "");
    const imported = names.map(([name]) => `${name} as ${name}_`).join(", ");
    const constants = names.map(([name, exported = name]) => `export const ${exported} = ${name}_;`);
    return `import { ${imported} } from ${from};\n${constants.join("\n")}`;
  });
}
