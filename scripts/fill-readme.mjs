// Copies the programs that the README shows into it: run after changing one of them.
import { readFileSync, writeFileSync } from "node:fs";

const readme = new URL("../README.md", import.meta.url);
const filled = readFileSync(readme, "utf8").replace(
  /(<!-- code: (\S+) -->\n```ts\n)[\s\S]*?```/g,
  (_, head, path) => `${head}${readFileSync(new URL(`../${path}`, import.meta.url), "utf8")}\`\`\``,
);
writeFileSync(readme, filled);
