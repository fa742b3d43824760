// `llms.txt` and the Markdown it names, for programs that read: https://llmstxt.org
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { split } from "./prepare.mjs";

export function writeLlms(site, pages, files) {
  mkdirSync(join(site, "markdown"), { recursive: true });
  const sections = new Map();
  pages.forEach(({ name, category, about }, index) => {
    const text = readFileSync(files[index] ?? "", "utf8");
    const [, title = name] = /^title: "(.*)"$/m.exec(text) ?? [];
    const body = text.replace(/^---\n[\s\S]*?\n---\n/, "").replace(/<svg[\s\S]*?<\/svg>/g, "");
    writeFileSync(join(site, "markdown", `${name}.md`), `# ${title}\n${body}`);
    const line = `- [${title}](markdown/${name}.md): ${about}`;
    sections.set(category, [...(sections.get(category) ?? []), line]);
  });
  const agents = split(
    readFileSync(new URL("../../packages/streamstore/AGENTS.md", import.meta.url), "utf8"),
  );
  const list = [...sections].map(([category, lines]) => `## ${category}\n\n${lines.join("\n")}\n`);
  writeFileSync(
    join(site, "llms.txt"),
    `# S2 SDK for TypeScript\n\n> Append to, read and follow durable, ordered streams. \`npm install @s2-dev/streamstore\`\n${agents.text}\n${list.join("\n")}`,
  );
}
