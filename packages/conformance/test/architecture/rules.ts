/**
 * The arrows that are allowed, as data. `docs/architecture.md` explains them; a new arrow is a decision, and is
 * made by editing this file.
 */

export interface PackageRule {
  /** Folders of `packages/` that this one may import, in sources, in tests and in its manifest. */
  readonly siblings: readonly string[];
  /** What its tests and its manifest may name besides, and its sources not. */
  readonly testSiblings?: readonly string[];
  /** Packages from outside that its sources may import. */
  readonly externals: readonly string[];
  /** What must run without Node: every source, only what `src/index.ts` reaches, or nothing. */
  readonly neutral: "all" | "default entry" | "nothing";
}

export const packageRules: Readonly<Record<string, PackageRule>> = {
  core: { siblings: [], externals: ["zod"], neutral: "all" },
  "transport-fetch": {
    siblings: ["core"],
    testSiblings: ["transport-testing"],
    externals: [],
    neutral: "default entry",
  },
  "transport-s2s": {
    siblings: ["core"],
    testSiblings: ["transport-testing"],
    externals: [],
    neutral: "nothing",
  },
  "transport-testing": { siblings: ["core"], externals: ["tsup"], neutral: "nothing" },
  streamstore: {
    // By its own name: the bridge for newer code takes the entry that fits its runtime.
    siblings: ["core", "transport-fetch", "transport-s2s", "streamstore"],
    externals: [],
    neutral: "default entry",
  },
  patterns: { siblings: ["core", "streamstore"], externals: ["@msgpack/msgpack"], neutral: "all" },
  // Of the page it takes the files that are built, and imports nothing.
  local: { siblings: ["core", "dashboard"], externals: ["lmdb", "selfsigned", "vitest"], neutral: "nothing" },
  dashboard: {
    siblings: ["streamstore"],
    externals: ["preact", "@preact/signals", "uplot"],
    neutral: "all",
  },
  otel: { siblings: ["core"], externals: ["@opentelemetry/api"], neutral: "all" },
};

/** Private packages that may import anything. */
export const unrestricted: readonly string[] = ["conformance", "benchmarks", "runtimes"];

/** Packages from outside that tests may import besides. */
export const testExternals: readonly string[] = [
  "vitest",
  "fast-check",
  "esbuild",
  "eventsource-parser",
  "tsup",
  "@standard-schema/spec",
  "arktype",
  "valibot",
  "zod",
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/sdk-trace-base",
];

/** Packages from outside that also run where there is no Node. */
export const neutralExternals: readonly string[] = [
  "zod",
  "@msgpack/msgpack",
  "@opentelemetry/api",
  "preact",
  "@preact/signals",
  "uplot",
];

/** Globals of Node that a file looks for and does without where they are missing: faster paths, never a need. */
export const detectedGlobals: Readonly<Record<string, readonly string[]>> = {
  "core/src/codec/shared-memory.ts": ["Buffer"],
  "core/src/codec/text.ts": ["Buffer"],
  "core/src/model/utf8.ts": ["Buffer"],
};

/**
 * Entries of core that carry schemas or test doubles, and the public packages whose sources may import them. `local` is
 * itself for tests, and hands its users a clock to advance.
 */
export const guardedEntries: Readonly<Record<string, readonly string[]>> = {
  schemas: ["local"],
  testing: ["local"],
};

/** The folders of `core/src`: each may import itself and those named. The order is that of the layers. */
export const coreFolders: Readonly<Record<string, readonly string[]>> = {
  util: [],
  error: ["util"],
  model: ["util", "error"],
  codec: ["util", "error", "model"],
  transport: ["util", "error", "model"],
  rest: ["util", "error", "model", "codec", "transport"],
  schemas: ["model", "rest"],
  retry: ["util", "error", "model", "codec", "rest", "transport"],
  session: ["util", "error", "model", "codec", "rest", "transport", "retry"],
  observe: ["util", "error", "model", "codec", "transport", "rest", "retry", "session"],
  testing: ["util", "error", "model", "codec", "rest", "transport", "retry", "session"],
  exports: ["util", "error", "model", "codec", "transport", "rest", "session", "observe"],
};

/** The folders of `patterns/src`, each an entry but for `options` and `random`: what they may import besides themselves. */
export const patternsFolders: Readonly<Record<string, readonly string[]>> = {
  ai: ["cursor", "options", "random", "reading", "lease", "sse"],
  cursor: [],
  reading: ["cursor", "options"],
  lease: ["options", "random", "reading"],
  msgpack: ["typed"],
  options: [],
  random: [],
  serialization: ["options", "random"],
  sse: ["cursor", "options", "reading"],
  tokens: ["options", "random"],
  typed: ["options", "reading", "serialization"],
  writing: ["options"],
};

/** Divisions of a folder that do not import each other; what they share lies in the folder itself. */
export const coreDivisions: Readonly<Record<string, readonly string[]>> = {
  session: ["append", "read", "produce"],
};

/** Files directly in `core/src` (its entries) may import every folder but these: no client loads a schema. */
export const notFromEntries: readonly string[] = ["schemas", "testing"];
