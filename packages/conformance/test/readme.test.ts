import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The pages whose code is that of files, each with the folder that it shows all of. */
const PAGES = [
  ["README.md", "examples/readme/src"],
  ["packages/otel/README.md", "examples/telemetry/src"],
  ["packages/patterns/README.md", "examples/patterns/src"],
] as const;

describe.each(PAGES)("%s", (page, folder) => {
  const text = readFileSync(root + page, "utf8");
  /** Code blocks that say which file they show. */
  const shown = [...text.matchAll(/<!-- code: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(
    ([, path = "", code = ""]) => ({ path, code }),
  );

  it.each(shown)("shows $path as it is", ({ path, code }) => {
    expect(code).toBe(readFileSync(root + path, "utf8"));
  });

  it(`shows every program of ${folder}, and no TypeScript that is not a file's`, () => {
    const programs = readdirSync(root + folder).map((name) => `${folder}/${name}`);
    expect(shown.map(({ path }) => path)).toEqual(expect.arrayContaining(programs));
    expect(text.match(/```ts\n/g)?.length).toBe(shown.length);
  });
});
