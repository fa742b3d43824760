// Measures what browsers load (packages/benchmarks/sizes.json) and writes the tables into the README: run after `pnpm build`.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../packages/benchmarks/", import.meta.url));
const rows = JSON.parse(readFileSync(`${folder}sizes.json`, "utf8"));
const tool = `${folder}node_modules/size-limit/bin.js`;
const measured = JSON.parse(
  execFileSync(process.execPath, [tool, "--json"], { cwd: folder, encoding: "utf8" }),
);

const sizeOf = ({ name }) => measured.find((row) => row.name === name).size;
const shown = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const [first] = rows;

const whole = rows
  .filter(({ part }) => !part)
  .map((row) => `| ${row.name} | ${shown(sizeOf(row))} | ${row.limit ?? ""} | ${row.aim ?? ""} |`);
const parts = rows
  .filter(({ part }) => part)
  .map(
    (row) =>
      `| ${row.name} | ${shown(sizeOf(row))} | ${shown(sizeOf(row) - sizeOf(first))} | ${row.limit ?? ""} |`,
  );
const tables = [
  "| bundle | gzipped | limit | aim |",
  "|---|---|---|---|",
  ...whole,
  "",
  "Each optional part, beside what a page loads at first; who does not use it has nothing of it:",
  "",
  "| with | gzipped | more | limit |",
  "|---|---|---|---|",
  ...parts,
].join("\n");

const readme = new URL("../README.md", import.meta.url);
const text = readFileSync(readme, "utf8");
writeFileSync(
  readme,
  text.replace(
    /(<!-- sizes -->\n)[\s\S]*?(<!-- \/sizes -->)/,
    (_, head, tail) => `${head}\n${tables}\n\n${tail}`,
  ),
);
