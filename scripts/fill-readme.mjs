// Copies the code that pages show into them: run after changing one of the files.
import { readFileSync, writeFileSync } from "node:fs";
import { filled, pagesWithCode } from "./lib/shown-code.mjs";

for (const page of pagesWithCode()) {
  const file = new URL(`../${page}`, import.meta.url);
  const text = filled(page);
  if (text !== readFileSync(file, "utf8")) writeFileSync(file, text);
}
