import { describe, expect, it } from "vitest";
import { resultOf, sampleCase, spread } from "../../test/sample-result.js";
import { cases } from "../cases/index.js";
import type { ClientResult, Job } from "../job.js";
import { figuresOf, median, type Spread, spreadsOf } from "./figures.js";
import { readOptions } from "./options.js";
import { withTables } from "./readme.js";
import { briefTable, figuresTable, isMet, ratio, ratiosTable, withoutTargets } from "./report.js";
import { type CaseResult, isVerified } from "./run-case.js";
import { selfTimes } from "./self-times.js";

it("every case that moves records is verified before it is measured", () => {
  const unverified = cases.filter((one) => !isVerified(one, "ours")).map(({ work }) => work);
  // Those that open sessions check the one record of each themselves; a reader that stops has read none to the end.
  expect(new Set(unverified)).toEqual(new Set(["open-append", "open-read", "slow-reader", "import"]));
});

describe("figures", () => {
  const job = { work: "round-trip" } as Job;
  const result: ClientResult = {
    rounds: [
      { records: 10, cpuMicros: 100, wallMicros: 1000, latencies: [9, 9] },
      { records: 10, cpuMicros: 40, wallMicros: 100, latencies: [1, 2] },
      { records: 10, cpuMicros: 20, wallMicros: 200, latencies: [3, 4] },
      { records: 10, cpuMicros: 30, wallMicros: 400, latencies: [5] },
    ],
    baseMemory: 1,
    peakMemory: 5,
  };

  it("keep the cold round apart from the warm ones", () => {
    expect(figuresOf(job, result)).toMatchObject({
      cold: 10,
      warm: 3,
      rate: 50_000,
      peak: 5,
      p50: 3,
      p99: 5,
    });
  });

  it("of several processes give a median with its extremes", () => {
    expect(spreadsOf([{ cold: 3 }, { cold: 1 }, { cold: 2 }])).toEqual({
      cold: { median: 2, min: 1, max: 3 },
    });
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe("the report", () => {
  it("says by how much, and whether that meets the target", () => {
    const result = resultOf(0.2, 2, 0.1);
    expect(ratio(result, "cold", "published")).toBe(0.1);
    expect(sampleCase.targets.filter((target) => isMet(result, target) === true)).toHaveLength(2);
    expect(ratiosTable([result])).toContain("cold 8.00x less published: met (10.0x)");
    expect(ratiosTable([resultOf(0.2, 2, 0.01)])).toContain("cold 3.00x floor: **missed** (20.0x)");
    expect(ratiosTable([withoutTargets(resultOf(0.2, 2, 0.01))])).not.toMatch(/met|missed/);
  });

  it("compares memory by what is held, where a case is about that, with the published SDK and with Rust", () => {
    const figures = (peak: number, memory?: number): Partial<Record<"peak" | "memory", Spread>> => ({
      peak: spread(peak),
      ...(memory === undefined ? {} : { memory: spread(memory) }),
    });
    const rowOf = (parties: CaseResult["parties"]): string | undefined =>
      ratiosTable([{ ...withoutTargets(resultOf(1, 2, 1)), parties }])
        .split("\n")
        .at(-1);
    const peaks = { ours: figures(40), published: figures(80), rust: figures(10) };
    expect(rowOf(peaks)).toContain("| 2.00x | 4.00x |");
    const held = { ours: figures(40, 6), published: figures(80, 30), rust: figures(10, 2) };
    expect(rowOf(held)).toContain("| 5.00x | 3.00x |");
  });

  it("has a form for readers in a hurry, in which a party that was not measured has no figure", () => {
    expect(
      briefTable([resultOf(0.2, 2, 0.1)])
        .split("\n")
        .at(-1),
    ).toBe(`| ${sampleCase.title} | 0.200 | 2.00 |  | 0.100 | 10.0x |`);
  });

  it("says why a party has no figures", () => {
    const failed: CaseResult = {
      case: sampleCase,
      parties: {},
      rounds: {},
      faults: { ours: "read records: 3, not 4" },
    };
    expect(figuresTable([failed])).toContain("**no figures**: read records: 3, not 4");
  });

  it("takes the place of the one before in the README", () => {
    const text = "a\n<!-- lite: begin -->\nold\n<!-- lite: end -->\nb";
    expect(withTables(text, "lite", "new\n")).toBe("a\n<!-- lite: begin -->\n\nnew\n\n<!-- lite: end -->\nb");
    expect(() => withTables("a", "lite", "new")).toThrow("no place");
  });
});

describe("the options", () => {
  it("make the quick form shorter and leave Rust to those who ask for it", () => {
    expect(readOptions(["--quick"])).toMatchObject({
      rounds: 3,
      parties: ["ours", "published", "floor", "parse"],
    });
    expect(readOptions([])).toMatchObject({ rounds: 5, server: "minimal", guard: false });
    expect(readOptions(["--quick", "--party", "rust", "--rounds", "9"])).toMatchObject({
      rounds: 9,
      parties: ["rust"],
    });
  });

  it.each([["--rounds", "0"], ["--party", "go"], ["--server", "cloud"], ["--nope"]])(
    "refuse %s %s",
    (...args) => {
      expect(() => readOptions(args)).toThrow();
    },
  );
});

it("a profile's time goes to the function that was running, idle time to none", () => {
  const frame = (functionName: string): { functionName: string; url: string; lineNumber: number } => ({
    functionName,
    url: functionName.startsWith("(") ? "" : "file:///a/b/c.js",
    lineNumber: 4,
  });
  const { total, rows } = selfTimes({
    nodes: [
      { id: 1, callFrame: frame("work") },
      { id: 2, callFrame: frame("(idle)") },
    ],
    samples: [1, 2, 1],
    timeDeltas: [0, 10, 500, 30],
  });
  expect(total).toBe(40);
  expect(rows).toEqual([{ name: "work b/c.js:5", micros: 40 }]);
});
