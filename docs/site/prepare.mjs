// Turns the Markdown of the repository into pages of the site: links lead to pages, pictures are in the page.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "./pages.mjs";

const LINK = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;
const FENCE = /^(```[\s\S]*?^```)$/m;

/**
 * Writes each page, and the one that the site begins with, into `folder`.
 * @returns their files, in order, and the names of pages by their titles.
 * @throws Error that lists every link which leads nowhere.
 */
export function preparePages(pages, homeSource, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = new Map(pages.map(({ source, name }) => [source, name]));
  names.set(homeSource, "home");
  const broken = [];
  const titles = new Map();
  const prepare = (source) => {
    const { title, text } = split(readFileSync(ROOT + source, "utf8"));
    const parts = text.split(FENCE);
    return {
      title,
      text: parts
        .map((part) => (part.startsWith("```") ? part : relink(part, source, names, broken)))
        .join(""),
    };
  };
  const files = pages.map(({ source, name, category, about, title: given }) => {
    const { title: own, text } = prepare(source);
    const title = given ?? own;
    if (titles.has(title)) throw new Error(`two pages are called ${title}`);
    titles.set(title, name);
    const front = Object.entries({ title, category, summary: about });
    const yaml = front.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join("");
    const file = join(folder, `${name}.md`);
    writeFileSync(file, `---\n${yaml}---\n${text}`);
    return file;
  });
  const home = join(folder, "home.md");
  writeFileSync(home, prepare(homeSource).text);
  if (broken.length > 0) throw new Error(`links that lead nowhere:\n${broken.join("\n")}`);
  return { files, home, titles };
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
    const name = names.get(statSync(ROOT + found).isDirectory() ? join(found, "README.md") : found);
    // What is no page of the site lies in the repository, wherever that is.
    if (name === undefined) return label === `\`${found}\`` ? label : `${label} (\`${found}\`)`;
    return `[${label}](${name}.md${anchor === undefined ? "" : `#${anchor}`})`;
  });
}

/** In the page itself a picture takes the colours of the theme; by itself it brings its own. */
function drawing(svg, label) {
  const inside = svg.replace(/<style>[\s\S]*?<\/style>\s*/, "").replace(/\n\s*/g, " ");
  return `<figure class="drawing">${inside.trim()}<figcaption>${label}</figcaption></figure>`;
}
