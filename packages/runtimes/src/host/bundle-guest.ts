import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const guests = fileURLToPath(new URL("../guest/", import.meta.url));
const conformance = fileURLToPath(new URL("../../../conformance/src/", import.meta.url));

/** How the suite gets into a runtime. */
export interface GuestBundle {
  readonly guest: "process" | "worker" | "page" | "shared-client";
  readonly outfile: string;
  /** What a bundler for this runtime adds to `exports`; without, the packages stay outside and the runtime resolves them. */
  readonly conditions?: readonly string[];
}

/** Bundles the suite; the packages of the SDK are those installed in `project`. */
export async function bundleGuest(
  project: string,
  { guest, outfile, conditions }: GuestBundle,
): Promise<void> {
  await build({
    entryPoints: [join(guests, `${guest}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    platform: conditions === undefined ? "neutral" : "browser",
    mainFields: ["module", "main"],
    target: "es2022",
    ...(conditions === undefined ? {} : { conditions: [...conditions] }),
    plugins: [suiteOutsideVitest(), packagesOf(project, conditions === undefined)],
    logLevel: "silent",
  });
}

/** The behaviours are sources of the suite, and `expect` comes without the test runner. */
export function suiteOutsideVitest(): Plugin {
  return {
    name: "suite-outside-vitest",
    setup(plugin) {
      plugin.onResolve({ filter: /^vitest$/ }, () => ({ path: join(guests, "expect.ts") }));
      plugin.onResolve({ filter: /^tinyrainbow$/ }, () => ({ path: join(guests, "plain-colours.ts") }));
      plugin.onResolve({ filter: /^@s2-dev\/conformance\// }, ({ path }) => ({
        path: join(conformance, path.replace("@s2-dev/conformance/", "").replace(/\.js$/, ".ts")),
      }));
    },
  };
}

/** The packages as they were packed and installed. */
export function packagesOf(project: string, external: boolean): Plugin {
  return {
    name: "packages-of-the-project",
    setup(plugin) {
      plugin.onResolve({ filter: /^@s2-dev\/streamstore/ }, ({ path, kind, pluginData }) => {
        if (external) return { path, external: true };
        if (pluginData === project) return undefined;
        if (path === "@s2-dev/streamstore-transport-s2s") return { path: join(guests, "no-s2s.ts") };
        return plugin.resolve(path, { kind, resolveDir: project, pluginData: project });
      });
    },
  };
}
