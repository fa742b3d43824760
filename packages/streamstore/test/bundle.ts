import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";

export interface Bundle {
  /** Minified. */
  readonly code: string;
  readonly gzipBytes: number;
  /** What it imports at run time. */
  readonly imports: readonly string[];
  /** Files in it, with the bytes each takes, largest first. */
  readonly inputs: readonly (readonly [path: string, bytes: number])[];
}

/** What becomes of what a program imports when it needs it: part of the one file, or left to be loaded. */
export type OnDemand = "inside" | "outside";

/** Bundles a program as for a browser or a worker; Node's own modules stay visible as imports. */
export async function bundle(
  program: string,
  conditions: readonly string[],
  onDemand: OnDemand = "inside",
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: [...conditions],
    external: ["node:*"],
    metafile: true,
    write: false,
    logLevel: "silent",
    plugins: onDemand === "outside" ? [leaveOutside] : [],
  });
  const code = outputFiles[0]?.text ?? "";
  const output = Object.values(metafile.outputs)[0];
  return {
    code,
    gzipBytes: gzipSync(code, { level: 9 }).length,
    imports: (output?.imports ?? []).map(({ path }) => path),
    inputs: Object.entries(output?.inputs ?? {})
      .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
      .sort(([, a], [, b]) => b - a),
  };
}

const leaveOutside: Plugin = {
  name: "leave-outside",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};
