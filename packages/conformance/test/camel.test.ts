import * as camel from "@s2-dev/streamstore/camel";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import * as published from "published-streamstore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { programs } from "./camel-programs/programs.js";

let local: LocalServer;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.close());

type Program = (typeof programs)[keyof typeof programs];

/** Times that the server gave differ from run to run. */
function normalised(value: unknown): unknown {
  const recent = Date.now() - 3_600_000;
  return JSON.parse(
    JSON.stringify(value, (_, part) =>
      typeof part === "string" && /^\d{4}-.*Z$/.test(part) && Date.parse(part) > recent ? "lately" : part,
    ),
  );
}

async function outputOf(program: Program, sdk: unknown, basin: string): Promise<unknown> {
  const lines: unknown[] = [];
  await program(sdk as typeof published, local.origin, basin, (label, value) => lines.push([label, value]));
  return normalised(lines);
}

describe("programs written for the published package", () => {
  it.each(Object.entries(programs))(
    "run after changing their import, with the same output: %s",
    async (name, program) => {
      const before = await outputOf(program, published, `published-${name}`);
      const after = await outputOf(program, camel, `bridge-to-${name}`);
      const rename = (output: unknown) =>
        JSON.parse(JSON.stringify(output).replaceAll(/(published-|bridge-to-)/g, ""));
      expect(rename(after)).toEqual(rename(before));
      expect((before as unknown[]).length).toBeGreaterThan(2);
    },
  );

  it("find every value that the package exports", () => {
    expect(Object.keys(camel)).toEqual(expect.arrayContaining(Object.keys(published)));
  });
});
