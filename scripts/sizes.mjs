// Measures what browsers load (packages/benchmarks/sizes.json) and writes the table into the README: run after `pnpm build`.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../packages/benchmarks/", import.meta.url));
const rows = JSON.parse(readFileSync(`${folder}sizes.json`, "utf8"));
const tool = `${folder}node_modules/size-limit/bin.js`;
const measured = JSON.parse(
  execFileSync(process.execPath, [tool, "--json"], { cwd: folder, encoding: "utf8" }),
);

const lines = rows.map(({ name, limit = "", aim = "" }) => {
  const size = measured.find((row) => row.name === name).size;
  return `| ${name} | ${(size / 1000).toFixed(1)} kB | ${limit} | ${aim} |`;
});
const table = ["| bundle | gzipped | limit | aim |", "|---|---|---|---|", ...lines].join("\n");
const readme = new URL("../README.md", import.meta.url);
const text = readFileSync(readme, "utf8");
writeFileSync(
  readme,
  text.replace(
    /(<!-- sizes -->\n)[\s\S]*?(<!-- \/sizes -->)/,
    (_, head, tail) => `${head}\n${table}\n\n${tail}`,
  ),
);
