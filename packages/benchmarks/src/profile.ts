/** Prints where the CPU time of a profile went: `node dist/profile.js FILE... [--top N]`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { selfTimes } from "./runner/self-times.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: "string", default: "25" } },
});
for (const file of positionals) {
  const { total, rows } = selfTimes(JSON.parse(readFileSync(file, "utf8")));
  console.log(`${file}: ${(total / 1000).toFixed(0)} ms`);
  for (const { name, micros } of rows.slice(0, Number(values.top))) {
    console.log(
      `${((100 * micros) / total).toFixed(1).padStart(6)} %  ${(micros / 1000).toFixed(1).padStart(8)} ms  ${name}`,
    );
  }
}
