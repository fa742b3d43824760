import type { Options } from "tsup";

const base: Options = { target: "es2022", sourcemap: true, clean: true, splitting: true };

/**
 * A package that others install: ESM and CJS with types for each. Splitting is on for both formats, so that the
 * entries of one package share one copy of a class.
 */
export function library(entry: Record<string, string> | string[], options: Options = {}): Options {
  return { ...base, entry, format: ["esm", "cjs"], dts: true, ...options };
}

/** A program that is run from its dist folder. */
export function program(entry: Record<string, string>, options: Options = {}): Options {
  return { ...base, entry, format: "esm", ...options };
}
