import { readFileSync } from "node:fs";

/**
 * What a bundler makes of the built packages for a browser, gzipped; `sizes.json` has the limits. What an entry imports
 * on demand is left outside, as bundlers that split leave it, but for what `loads` names; without `loads` all is inside.
 */
const sizes = JSON.parse(readFileSync(new URL("sizes.json", import.meta.url), "utf8"));

const leaveOutside = (loads) => ({
  name: "leave-outside",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === "dynamic-import" && !loads.includes(path) ? { path, external: true } : undefined,
    );
  },
});

export default sizes.map(({ name, package: path, import: names, loads, platform = "browser", limit }) => ({
  name,
  path: "sizes.json",
  gzip: true,
  ...(limit === undefined ? {} : { limit }),
  modifyEsbuildConfig: (config) => ({
    ...config,
    entryPoints: undefined,
    stdin: { contents: `export ${names} from "${path}";`, resolveDir: import.meta.dirname },
    platform,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    external: ["undici", "node:*"],
    plugins: [...(config.plugins ?? []), ...(loads === undefined ? [] : [leaveOutside(loads)])],
  }),
}));
