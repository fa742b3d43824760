import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkGaps, checkRequirements, citedIds } from "../src/requirements/check.js";
import { type Requirement, requirements } from "../src/requirements/index.js";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const SELF = "requirements.test.ts";

/** The texts of every test, and of the behaviours that the tests here run. */
function testTexts(): string[] {
  return readdirSync(packages).flatMap((folder) =>
    ["src", "test"].flatMap((part) => {
      const root = `${packages}${folder}/${part}`;
      return listFiles(root)
        .filter(
          (path) => /\.test\.ts$/.test(path) || (folder === "conformance" && /behaviours?\//.test(path)),
        )
        .filter((path) => !path.endsWith(SELF))
        .map((path) => readFileSync(`${root}/${path}`, "utf8"));
    }),
  );
}

function listFiles(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true }).map(String);
  } catch {
    return [];
  }
}

const sample = (id: string, state: Requirement["state"]): Requirement => ({
  id,
  behaviour: "A behaviour.",
  where: "core",
  state,
});

describe("the list of requirements", () => {
  it("has a test for each that is required, and none for the others", () => {
    const cited = new Set(testTexts().flatMap(citedIds));
    expect(checkRequirements(requirements, cited)).toEqual([]);
  });

  it("has no gap that is closed", async () => {
    expect(await checkGaps(requirements)).toEqual([]);
  });

  it("numbers each source of requirements without a hole", () => {
    const numbers = (prefix: string): number[] =>
      requirements
        .filter(({ id }) => id.startsWith(`${prefix}-`))
        .map(({ id }) => Number(id.split("-")[1]))
        .sort((a, b) => a - b);
    for (const [prefix, count] of [
      ["D1", 89],
      ["D2", 31],
      ["G", 15],
      ["H", 26],
    ] as const) {
      expect(numbers(prefix)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    }
  });
});

describe("the check of the list", () => {
  it("finds a required behaviour without a test", () => {
    expect(checkRequirements([sample("G-1", { kind: "required" })], new Set())).toHaveLength(1);
  });

  it("finds a cited id that is not listed", () => {
    expect(checkRequirements([], new Set(["G-99"]))).toEqual(["a test cites G-99, which is not listed"]);
  });

  it("finds a gap that a test claims to prove", () => {
    const gap = sample("G-1", { kind: "known gap", reason: "later", probe: () => undefined });
    expect(checkRequirements([gap], new Set(["G-1"]))).toHaveLength(1);
  });

  it("finds a gap whose probe passes, and only that", async () => {
    const gap = (probe: () => unknown) => sample("G-1", { kind: "known gap", reason: "later", probe });
    const open = async (): Promise<void> => Promise.reject(new Error("not there"));
    expect(await checkGaps([gap(() => undefined)])).toEqual([expect.stringContaining("G-1")]);
    expect(
      await checkGaps([
        gap(open),
        gap(() => {
          throw new Error("nor there");
        }),
      ]),
    ).toEqual([]);
  });

  it("reads citations of one and of several ids", () => {
    expect(citedIds("keeps the order [D1-5] and more [D2-1, G-3]")).toEqual(["D1-5", "D2-1", "G-3"]);
  });
});
