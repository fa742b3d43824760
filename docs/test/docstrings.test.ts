import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { entries } from "../site/entries.mjs";
import { complaintsAbout } from "./docstrings/check.js";
import { examplesIn, sourcesWithExamples } from "./docstrings/extract.js";
import { undocumentedExports } from "./docstrings/undocumented.js";

describe("examples in docstrings", () => {
  const sources = sourcesWithExamples();
  const examples = [...sources].flatMap(([file, text]) => examplesIn(file, text));

  it("are all found", () => {
    const written = [...sources].flatMap(([file, text]) =>
      [...text.matchAll(/^\s*\*?\s*@example\b/gm)].map(() => file),
    );
    expect(examples.map(({ file }) => file).sort()).toEqual(written.sort());
    expect(examples.filter(({ code }) => code.trim() === "")).toEqual([]);
  });

  it("compile against the packages", () => {
    expect(complaintsAbout(examples)).toEqual([]);
  });

  it.each([
    ["calls what is not there", 'await stream.apend({ body: "x" });', "'apend' does not exist"],
    ["gives a wrong type", "await acquireLease(stream, { owner: 7 });", "'number' is not assignable"],
    ["names what nobody knows", "await somethingElse(stream);", "Cannot find name 'somethingElse'"],
    ["is no program", "options: { 1: 2 }", "expected"],
  ])("are told of where one %s", (_, code, complaint) => {
    const told = complaintsAbout([{ file: "packages/patterns/src/some.ts", line: 12, code }]);
    expect(told.join("\n")).toContain(complaint);
    expect(told[0]).toMatch(/^packages\/patterns\/src\/some\.ts:12: /);
  });

  it("are read from fences, if there are some, and without what surrounds them", () => {
    const fenced =
      "/**\n * @example\n * ```ts\n * a();\n * ```\n * Then it is done.\n * @throws never\n */\nexport const a = 1;\n";
    const bare = "/**\n * @example\n * a();\n *   b();\n *\n * @throws never\n */\nexport const a = 1;\n";
    expect(examplesIn("some.ts", fenced)).toEqual([{ file: "some.ts", line: 2, code: "a();\n" }]);
    expect(examplesIn("some.ts", bare)).toEqual([{ file: "some.ts", line: 2, code: "a();\n  b();" }]);
  });
});

describe("exports", () => {
  it("all say what they are, and so do their members", () => {
    expect(undocumentedExports(entries().map(({ file }) => file))).toEqual([]);
  });

  it("are noticed where they do not", () => {
    const file = fileURLToPath(new URL("made-up.ts", import.meta.url));
    const text =
      "/** Said. */\nexport const said = 1;\nexport interface Unsaid {}\nexport const unsaid = 2;\n";
    expect(undocumentedExports([file], new Map([[file, text]]))).toEqual([
      "docs/test/made-up.ts: Unsaid",
      "docs/test/made-up.ts: unsaid",
    ]);
  });

  it("are noticed where a member does not, unless it is hidden or what it implements does", () => {
    const file = fileURLToPath(new URL("made-up.ts", import.meta.url));
    const text = `
      /** Said. */
      export interface Shape {
        /** Said. */
        said: number;
        unsaid: number;
        [Symbol.iterator](): Iterator<number>;
      }
      /** Said. */
      export class Square {
        #hidden = 1;
        private kept = this.#hidden;
        constructor(readonly given = this.kept) {}
        side(): number { return this.given; }
        /** @internal */
        inner(): void {}
      }
      /** Said. */
      export class Said implements Promised { said = 1; }
      /** Said. */
      export interface Promised {
        /** Said. */
        said: number;
      }
      /** Said. */
      export type Literal = { readonly value: string };
    `;
    expect(undocumentedExports([file], new Map([[file, text]]))).toEqual([
      "docs/test/made-up.ts: Literal.value",
      "docs/test/made-up.ts: Shape.unsaid",
      "docs/test/made-up.ts: Square.side",
    ]);
  });
});
