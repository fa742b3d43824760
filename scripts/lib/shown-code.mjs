// The code that pages show: each block names its file, or a part of one, and is a copy of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const BLOCK = /<!-- code: (\S+) -->\n```tsx?\n([\s\S]*?)```/g;

/** Every page with such blocks, by its path from the root. */
export function pagesWithCode() {
  const guides = readdirSync(`${root}docs`).filter((name) => name.endsWith(".md"));
  const packages = readdirSync(`${root}packages`, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const examples = readdirSync(`${root}examples`).map((name) => `examples/${name}/README.md`);
  return [
    "README.md",
    ...guides.map((name) => `docs/${name}`),
    ...examples.filter((page) => existsSync(root + page)),
    ...packages.flatMap(({ name }) =>
      readdirSync(`${root}packages/${name}`)
        .filter((file) => file.endsWith(".md") && file !== "CHANGELOG.md")
        .map((file) => `packages/${name}/${file}`),
    ),
  ];
}

/** The blocks of a page: what each shows, and its code as it stands there. */
export function blocksOf(page) {
  return [...readFileSync(root + page, "utf8").matchAll(BLOCK)].map(([, source, code]) => ({ source, code }));
}

/** The page with the code of every block as it is in its file. */
export function filled(page) {
  return readFileSync(root + page, "utf8").replace(
    BLOCK,
    (_, source) =>
      `<!-- code: ${source} -->\n\`\`\`${/\.tsx(?:#|$)/.test(source) ? "tsx" : "ts"}\n${codeOf(source)}\`\`\``,
  );
}

/**
 * The code that a block names: `path`, or `path#part` for what stands between `// #region part` and `// #endregion`,
 * moved to the left.
 */
export function codeOf(source) {
  const [path, part] = source.split("#");
  const text = readFileSync(root + path, "utf8");
  if (part === undefined) return text;
  const [, lines] = text.split(new RegExp(`^ *// #region ${part}\\n`, "m"));
  if (lines === undefined) throw new Error(`${path} has no region ${part}`);
  const code = lines.split(/^ *\/\/ #endregion\n/m)[0] ?? "";
  const margin = Math.min(...[...code.matchAll(/^( *)\S/gm)].map(([, spaces]) => spaces.length));
  return code.replace(new RegExp(`^ {${margin}}`, "gm"), "");
}
