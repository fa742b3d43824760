// Turns the Markdown of the repository into pages of the site: links lead to pages, pictures are in the page.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "./pages.mjs";

const LINK = /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g;
const FENCE = /^(```[\s\S]*?^```)$/m;

/**
 * Writes each page into `folder`, and gives their files in order.
 * @throws Error that lists every link which leads nowhere.
 */
export function preparePages(pages, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = new Map(pages.map(({ source, name }) => [source, name]));
  const broken = [];
  const files = pages.map((page) => {
    const { title, text } = split(readFileSync(ROOT + page.source, "utf8"));
    const linked = text
      .split(FENCE)
      .map((part) => (part.startsWith("```") ? part : relink(part, page.source, names, broken)))
      .join("");
    const front = { title, category: page.category, summary: page.about };
    const file = join(folder, `${page.name}.md`);
    const yaml = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    writeFileSync(file, `---\n${yaml.join("")}---\n${linked}`);
    return file;
  });
  if (broken.length > 0) throw new Error(`links that lead nowhere:\n${broken.join("\n")}`);
  return files;
}

/** The first heading is the title, which the site shows itself. Comments are for tools. */
export function split(markdown) {
  const [, title = "", text = markdown] = /^# (.*)\n([\s\S]*)$/.exec(markdown) ?? [];
  return { title: title.replaceAll("`", ""), text: text.replace(/^<!--[\s\S]*?-->\n/gm, "") };
}

function relink(text, source, names, broken) {
  return text.replace(LINK, (link, picture, label, target) => {
    if (/^(?:https?:|mailto:|#)/.test(target)) return link;
    const [path, anchor] = target.split("#");
    const found = normalize(join(dirname(source), path));
    if (!existsSync(ROOT + found)) {
      broken.push(`${source}: ${link}`);
      return link;
    }
    if (picture) return drawing(readFileSync(ROOT + found, "utf8"), label);
    const readme = statSync(ROOT + found).isDirectory() ? join(found, "README.md") : found;
    const name = names.get(readme);
    // What is no page of the site lies in the repository, wherever that is.
    if (name === undefined) return `${label} (\`${found}\`)`.replace(/^`([^`]+)` \(`\1`\)$/, "`$1`");
    return `[${label}](${name}.md${anchor === undefined ? "" : `#${anchor}`})`;
  });
}

/** In the page itself a picture takes the colours of the theme; by itself it brings its own. */
function drawing(svg, label) {
  const inside = svg.replace(/<style>[\s\S]*?<\/style>\s*/, "").replace(/\n\s*/g, " ");
  return `<figure class="drawing">${inside.trim()}<figcaption>${label}</figcaption></figure>`;
}
