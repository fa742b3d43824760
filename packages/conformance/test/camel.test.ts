import * as camel from "@s2-dev/streamstore/camel";
import * as published from "published-streamstore";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshBasinName } from "../src/names.js";
import { startLocalServer } from "../src/servers/local.js";
import type { Server, ServerName } from "../src/servers/server.js";
import { BUILT_IN_WIRES, type BuiltInWire } from "../src/targets.js";
import { type Over, programs } from "./camel-programs/programs.js";
import { services } from "./camel-programs/services.js";

type Program = (
  sdk: typeof published,
  origin: string,
  basin: string,
  log: (label: string, value?: unknown) => void,
  over: Over,
) => Promise<void>;

/** Times that the server gave differ from run to run, and so do the names of basins. */
function normalised(value: unknown, basin: string): unknown {
  const recent = Date.now() - 3_600_000;
  return JSON.parse(JSON.stringify(value).replaceAll(basin, "the-basin"), (_, part) =>
    typeof part === "string" && /^\d{4}-.*Z$/.test(part) && Date.parse(part) > recent ? "lately" : part,
  );
}

async function outputOf(
  program: Program,
  sdk: unknown,
  origin: string,
  wire: BuiltInWire,
): Promise<unknown[]> {
  const lines: unknown[] = [];
  const basin = freshBasinName();
  const log = (label: string, value?: unknown): unknown => lines.push([label, value]);
  await program(sdk as typeof published, origin, basin, log, { forceTransport: wire });
  return normalised(lines, basin) as unknown[];
}

/** A server for a `describe`; its `origin` is there once the tests run. */
function useServer(name: ServerName): { readonly skip: boolean; origin(): string } {
  const s2Lite = inject("s2Lite");
  const missing = name === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
  let server: Server | undefined;
  beforeAll(async () => {
    if (name === "local") server = await startLocalServer();
  });
  afterAll(() => server?.stop());
  return {
    skip: missing !== undefined && !missing.required,
    origin() {
      if (missing !== undefined) throw new Error(missing.missing);
      return server?.origin ?? ("origin" in s2Lite ? s2Lite.origin : "");
    },
  };
}

describe.each(["local", "s2-lite"] as const)("programs written for the published package, on %s", (name) => {
  const server = useServer(name);
  describe.each(BUILT_IN_WIRES)("over %s", (wire) => {
    it.skipIf(server.skip).each(Object.entries({ ...programs, ...services }))(
      "run after changing their import, with the same output: %s",
      async (_, program) => {
        const before = await outputOf(program, published, server.origin(), wire);
        expect(await outputOf(program, camel, server.origin(), wire)).toEqual(before);
        expect(before.length).toBeGreaterThan(2);
        // What of these programs is refused on purpose has no such label; s2-lite has neither tokens, locations nor metrics.
        const refused = (before as [string, unknown][]).filter(([label]) => label.endsWith(" refused"));
        if (name === "local")
          expect(refused.map(([label]) => label)).toEqual(
            program === programs.administering ? ["revoked again refused"] : [],
          );
      },
    );
  });
});

it("finds every value that the package exports", () => {
  expect(Object.keys(camel)).toEqual(expect.arrayContaining(Object.keys(published)));
});
