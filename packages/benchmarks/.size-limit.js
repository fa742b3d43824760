import { readFileSync } from "node:fs";

/**
 * What a bundler makes of the built packages for a browser, gzipped; `sizes.json` has the limits. An entry's `lazy`
 * modules are those that it imports on demand: they are left outside, as a bundler with splitting leaves them.
 */
const sizes = JSON.parse(readFileSync(new URL("sizes.json", import.meta.url), "utf8"));

export default sizes.map(
  ({ name, package: path, import: names, lazy = [], platform = "browser", limit }) => ({
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
      external: ["undici", "node:*", ...lazy],
    }),
  }),
);
