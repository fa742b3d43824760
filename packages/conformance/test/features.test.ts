import { existsSync, readFileSync } from "node:fs";
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
    return `| ${feature} | ${api} | ${tests.join("<br>")} |`;
  });
  return [`## ${title}`, "", "| feature | here | shown by |", "|---|---|---|", ...rows].join("\n");
}

const page = `# Features

What the published TypeScript SDK, the Rust SDK and their users' own code offer, with what serves it here and the tests
that prove it. In the titles of tests \`%s\` stands for the cases of a table, and a number in brackets, such as [H-18], is that of a
requirement (\`packages/conformance/src/requirements\`). The page is generated from \`packages/conformance/src/features\`, and a
check fails when a test it names does not exist.

${featureGroups.map(section).join("\n\n")}
`;

describe("the table of features", () => {
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
