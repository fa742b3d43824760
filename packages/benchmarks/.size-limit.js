import { readFileSync } from "node:fs";

/**
 * What a bundler makes of the built packages for a browser, gzipped; `sizes.json` has the limits. What an entry imports
 * on demand is left outside, as bundlers that split leave it, but for what `loads` names; without `loads` all is inside. A
 * row with `part` is the first load with one optional part, of which `and` has what is exported besides.
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

const exportOf = (names, path) => `export ${names} from "${path}";`;

export default sizes.map(
  ({ name, package: path, import: names, and = [], loads, platform = "browser", limit }) => ({
    name,
    path: "sizes.json",
    gzip: true,
    ...(limit === undefined ? {} : { limit }),
    modifyEsbuildConfig: (config) => ({
      ...config,
      entryPoints: undefined,
      stdin: {
        contents: [{ package: path, import: names }, ...and]
          .map((each) => exportOf(each.import, each.package))
          .join("\n"),
        resolveDir: import.meta.dirname,
      },
      platform,
      format: "esm",
      target: "es2022",
      logLevel: "silent",
      external: ["undici", "node:*", "@opentelemetry/api"],
      plugins: [...(config.plugins ?? []), ...(loads === undefined ? [] : [leaveOutside(loads)])],
    }),
  }),
);
