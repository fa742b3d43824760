import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");

/** Code blocks that say which file they show. */
const shownIn = (text: string): { readonly path: string; readonly code: string }[] =>
  [...text.matchAll(/<!-- code: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(([, path = "", code = ""]) => ({
    path,
    code,
  }));

const shown = shownIn(readme);

describe("the README", () => {
  it.each(shown)("shows $path as it is", ({ path, code }) => {
    expect(code).toBe(readFileSync(root + path, "utf8"));
  });

  it("shows every program of examples/readme, and no TypeScript from elsewhere", () => {
    const programs = readdirSync(`${root}examples/readme/src`).map((name) => `examples/readme/src/${name}`);
    expect(shown.map(({ path }) => path).sort()).toEqual(programs.sort());
    expect(readme.match(/```ts\n/g)?.length).toBe(programs.length);
  });
});

it("the README of the OpenTelemetry package shows its example as it is", () => {
  const [example, ...others] = shownIn(readFileSync(`${root}packages/otel/README.md`, "utf8"));
  expect(example?.path).toBe("examples/telemetry/src/main.ts");
  expect(example?.code).toBe(readFileSync(`${root}examples/telemetry/src/main.ts`, "utf8"));
  expect(others).toEqual([]);
});
