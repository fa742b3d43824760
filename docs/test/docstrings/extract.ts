import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { publicPackages } from "../../../scripts/lib/public-packages.mjs";

/** Code below an `@example` in the sources of a public package. */
export interface DocstringExample {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The sources of all public packages that have an example, by their path from the root of the repository. */
export function sourcesWithExamples(): ReadonlyMap<string, string> {
  const files = publicPackages().flatMap(({ folder }) =>
    readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, "src", name),
    ),
  );
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"));
  return new Map(
    sources
      .map((file) => [relative(ROOT, file), readFileSync(file, "utf8")] as const)
      .filter(([, text]) => /^\s*\*?\s*@example\b/m.test(text)),
  );
}

export function examplesIn(file: string, text: string): DocstringExample[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map<number, DocstringExample>();
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== "example") continue;
      const comment = ts.getTextOfJSDocComment(tag.comment) ?? "";
      const { line } = source.getLineAndCharacterOfPosition(tag.pos);
      found.set(tag.pos, { file, line: line + 1, code: codeOf(comment) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

/** What is in fences; without one, all of it. */
function codeOf(comment: string): string {
  const fenced = [...comment.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, code = ""]) => code);
  return fenced.length > 0 ? fenced.join("\n") : comment;
}
