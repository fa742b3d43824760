import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
// @ts-expect-error a script, which has no types
import { differences } from "../../../scripts/lib/api-report.mjs";
// @ts-expect-error a script, which has no types
import { publicPackages } from "../../../scripts/lib/public-packages.mjs";

interface PublicPackage {
  readonly folder: string;
  readonly manifest: {
    readonly name: string;
    readonly sideEffects?: unknown;
    readonly typesVersions?: { readonly "*": Readonly<Record<string, readonly string[]>> };
    readonly license?: string;
    readonly publishConfig?: object;
    readonly repository?: object;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, unknown>>;
  };
}

/** Files for `require` beside each other, as far as the text names them. */
const requiredIn = (text: string): string[] =>
  [...text.matchAll(/["']\.\/(?:dist\/)?([\w.-]+\.cjs)["']/g)].map(([, file = ""]) => file);

const packages = publicPackages() as PublicPackage[];
const page = readFileSync(new URL("../../../docs/dependencies.md", import.meta.url), "utf8");

describe.each(packages.map((one) => [one.manifest.name, one] as const))("%s", (_, { folder, manifest }) => {
  it("exports what its reports say; `pnpm api` writes them anew", () => {
    expect(differences(folder)).toEqual([]);
  });

  it("says that it has no side effects, and comes with a licence and with provenance", () => {
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.license).toBe("MIT");
    expect(readFileSync(join(folder, "LICENSE"), "utf8")).toMatch(/^MIT License/);
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  });

  it("has a source map beside each file that an entry names", () => {
    const files = JSON.stringify(manifest.exports).match(/\.\/dist\/[\w./-]+\.c?js/g) ?? [];
    expect(files.length).toBeGreaterThan(0);
    expect([...new Set(files)].filter((file) => !existsSync(join(folder, `${file}.map`)))).toEqual([]);
  });

  it("has no file to require that no entry leads to", () => {
    const dist = join(folder, "dist");
    const reached = new Set(requiredIn(JSON.stringify(manifest.exports)));
    // Grows while it is gone through.
    for (const file of reached)
      for (const next of requiredIn(readFileSync(join(dist, file), "utf8"))) reached.add(next);
    expect(readdirSync(dist).filter((file) => file.endsWith(".cjs") && !reached.has(file))).toEqual([]);
  });

  it("says in typesVersions where the types of each entry are, for the resolution of Node 10", () => {
    const entries = Object.keys(manifest.exports).filter((entry) => !/^\.$|package\.json$/.test(entry));
    const there = manifest.typesVersions?.["*"] ?? {};
    expect(Object.keys(there)).toEqual(entries.map((entry) => entry.slice(2)));
    for (const [types = ""] of Object.values(there)) expect(existsSync(join(folder, types))).toBe(true);
  });

  it("has its dependencies listed with reasons", () => {
    const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const outside = names.filter((name) => !name.startsWith("@s2-dev/"));
    expect(outside.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

it("lists no dependency that nothing has", () => {
  const all = new Set(
    packages.flatMap(({ manifest }) =>
      Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    ),
  );
  const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name);
  expect(listed.filter((name) => !all.has(name))).toEqual([]);
});
