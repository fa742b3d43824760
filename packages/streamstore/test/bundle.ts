import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundle {
  /** Minified. */
  readonly code: string;
  readonly gzipBytes: number;
  /** What it imports at run time. */
  readonly imports: readonly string[];
  /** Files in it, with the bytes each takes, largest first. */
  readonly inputs: readonly (readonly [path: string, bytes: number])[];
}

/** Bundles a program as for a browser or a worker; Node's own modules stay visible as imports. */
export async function bundle(program: string, conditions: readonly string[]): Promise<Bundle> {
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
