import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkFeatures } from "../src/features/check.js";
import { featureGroups } from "../src/features/index.js";
import { type FeatureGroup, featureGroup } from "../src/features/types.js";

/** Written by `pnpm --filter @s2-dev/conformance exec vitest run test/features.test.ts -u`. */
const PAGE = "../../../docs/features.md";

function read(path: string): string | undefined {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function section({ title, features }: FeatureGroup): string {
  const rows = features.map(({ feature, api, proofs }) => {
    const tests = proofs.map((proof) => {
      const [path = "", says = ""] = proof.split(" > ");
      return `[${says}](../packages/${path})`;
    });
    return `| ${[feature, api, tests.join("<br>")].map(inCell).join(" | ")} |`;
  });
  return [`## ${title}`, "", "| feature | here | shown by |", "|---|---|---|", ...rows].join("\n");
}

/** In a table also a bar within code ends the cell. */
function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const page = `# Features

What the published TypeScript SDK, the Rust SDK and their users' own code offer, with what serves it here and the tests
that prove it. In the titles of tests \`%s\` stands for the cases of a table, and a number in brackets, such as [H-18], is that of a
requirement (\`packages/conformance/src/requirements\`). The page is generated from \`packages/conformance/src/features\`, and a
check fails when a test it names does not exist.

${featureGroups.map(section).join("\n\n")}
`;

/** Names that stand in code in the table, but that no package exports: the language's, other libraries', placeholders. */
const NOT_OURS = new Set(
  "new await using async console or typescript producer ours observed a b olderSchema useChat Last Event ID ca rejectUnauthorized S2_ACCESS_TOKEN".split(
    " ",
  ),
);

/** Names in the code of a cell. Texts in quotes, and paths, are no names. */
function namesIn(api: string): string[] {
  const code = [...api.matchAll(/`([^`]*)`/g)].map(([, text = ""]) => text.replaceAll(/"[^"]*"/g, ""));
  return code
    .filter((text) => !/^[\w-]+(?:[-/][\w-]+)+$/.test(text))
    .flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []);
}

/** What the packages export, members included, by the reports of their API. */
function exportedNames(): ReadonlySet<string> {
  const packages = fileURLToPath(new URL("../../", import.meta.url));
  const reports = readdirSync(packages).flatMap((name) => {
    const folder = join(packages, name, "etc");
    return existsSync(folder)
      ? readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"))
      : [];
  });
  return new Set(reports.flatMap((report) => report.match(/[A-Za-z_]\w*/g) ?? []));
}

describe("the table of features", () => {
  it("names nothing that no package exports", () => {
    const exported = exportedNames();
    expect(exported).toContain("readSession");
    expect(exported).not.toContain("readSesion");
    const unknown = featureGroups.flatMap(({ features }) =>
      features.flatMap(({ feature, api }) =>
        namesIn(api)
          .filter((name) => !exported.has(name) && !NOT_OURS.has(name))
          .map((name) => `${feature}: ${name}`),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it("names a test that exists for each", () => {
    expect(checkFeatures(featureGroups, read)).toEqual([]);
  });

  it("is the page that the documentation has", async () => {
    await expect(page).toMatchFileSnapshot(PAGE);
  });
});

describe("the check of the table", () => {
  const files: Readonly<Record<string, string>> = { "core/a.test.ts": 'it("does this [D1-1]", () => {})' };
  const check = (...proofs: string[]): string[] =>
    checkFeatures([featureGroup("Some", [["A feature", "`a()`", ...proofs]])], (path) => files[path]);

  it("accepts a title, or a part of one", () => {
    expect(check("core/a.test.ts > does this")).toEqual([]);
  });

  it("finds a feature without a proof, a missing file and a missing title", () => {
    expect(check()).toHaveLength(1);
    expect(check("core/b.test.ts > does this")).toHaveLength(1);
    expect(check("core/a.test.ts > does that")).toHaveLength(1);
    expect(check("core/a.test.ts")).toHaveLength(1);
  });
});
