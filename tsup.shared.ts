import { readFile } from "node:fs/promises";
import type { Options } from "tsup";

const base: Options = { target: "es2022", sourcemap: true, clean: true, splitting: true };

/**
 * A package that others install: ESM and CJS with types for each. Splitting is on for both formats, so that the
 * entries of one package share one copy of a class.
 */
export function library(entry: Record<string, string>, options: Options = {}): Options {
  return { ...base, entry, format: ["esm", "cjs"], dts: true, ...options };
}

/** A program that is run from its dist folder. */
export function program(entry: Record<string, string>, options: Options = {}): Options {
  return { ...base, entry, format: "esm", ...options };
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
        return { contents: `${source}\nimport ${JSON.stringify(one)};\n`, loader: "ts" };
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
