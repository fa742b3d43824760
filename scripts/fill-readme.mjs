// Copies the programs that the READMEs show into them: run after changing one of them.
import { readFileSync, writeFileSync } from "node:fs";

for (const page of ["README.md", "packages/otel/README.md", "packages/patterns/README.md"]) {
  const readme = new URL(`../${page}`, import.meta.url);
  const filled = readFileSync(readme, "utf8").replace(
    /(<!-- code: (\S+) -->\n```ts\n)[\s\S]*?```/g,
    (_, head, path) => `${head}${readFileSync(new URL(`../${path}`, import.meta.url), "utf8")}\`\`\``,
  );
  writeFileSync(readme, filled);
}
