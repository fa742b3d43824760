import { describe, expect, it } from "vitest";
import { resultOf, sampleCase } from "../../test/sample-result.js";
import type { Figures } from "./figures.js";
import { complaintsAbout, isBroken, isCollapse } from "./guard.js";
import type { CaseResult } from "./run-case.js";

describe("the guard", () => {
  it("passes whatever is not slower than the published SDK, and missed targets", () => {
    expect(isCollapse(resultOf(1.9, 2, 0.1))).toBe(false);
  });

  it("fails what is slower, cold or warm", () => {
    expect(isCollapse(resultOf(2.1, 2, 0.1))).toBe(true);
    const rounds = { ours: [{ cold: 1, warm: 3 }], published: [{ cold: 2, warm: 2 }] };
    expect(isCollapse({ ...resultOf(1, 2, 0.1), rounds })).toBe(true);
  });

  it("looks at rounds side by side, so that a machine that got slower in between is no collapse", () => {
    const cold = (...figures: number[]): Figures[] => figures.map((figure) => ({ cold: figure }));
    const rounds = { ours: cold(1, 9, 8), published: cold(2, 10, 1) };
    expect(isCollapse({ ...resultOf(1, 2, 0.1), rounds })).toBe(false);
    expect(
      isCollapse({ ...resultOf(1, 2, 0.1), rounds: { ours: cold(3, 3, 1), published: cold(2, 2, 9) } }),
    ).toBe(true);
  });

  it("fails what could not be measured", () => {
    expect(isBroken({ ...resultOf(1, 2, 1), faults: { ours: "no" } })).toBe(true);
    expect(isBroken({ ...resultOf(1, 2, 1), faults: { published: "no" } })).toBe(true);
    expect(isBroken({ ...resultOf(1, 2, 1), faults: { floor: "no" } })).toBe(false);
  });
});

describe("the guard's complaints", () => {
  const SLOWER = resultOf(3, 2, 1);
  const EQUAL = resultOf(2, 2, 1);
  const FASTER = resultOf(1, 2, 1);

  /** The complaints about one case, and how often it was measured again, with this result. */
  async function judge(first: CaseResult, again: CaseResult): Promise<[complaints: string[], runs: number]> {
    let runs = 0;
    const complaints = await complaintsAbout([first], async (made) => {
      expect(made).toBe(first.case);
      runs += 1;
      return again;
    });
    return [complaints, runs];
  }

  it("are none about what costs less, or the same, and nothing is measured again", async () => {
    expect(await judge(FASTER, SLOWER)).toEqual([[], 0]);
    expect(await judge(EQUAL, SLOWER)).toEqual([[], 0]);
  });

  it("name a collapse that is one again", async () => {
    expect(await judge(SLOWER, SLOWER)).toEqual([
      [`${sampleCase.title}: more CPU than the published SDK, twice`],
      1,
    ]);
  });

  it("are none about a collapse that was not one the second time", async () => {
    expect(await judge(SLOWER, EQUAL)).toEqual([[], 1]);
  });

  it("name the fault of what could not be measured, the first time or the second", async () => {
    const broken = (faults: CaseResult["faults"]): CaseResult => ({ ...FASTER, rounds: {}, faults });
    expect(await judge(broken({ ours: "read records: 3, not 4" }), FASTER)).toEqual([
      [`${sampleCase.title}: read records: 3, not 4`],
      0,
    ]);
    const [complaints] = await judge(SLOWER, broken({ published: "ended with SIGKILL" }));
    expect(complaints).toEqual([`${sampleCase.title}: ended with SIGKILL`]);
  });

  it("name a case whose published figure is missing, unless the published SDK has no part in it", async () => {
    const alone: CaseResult = { ...FASTER, rounds: { ours: [{ cold: 1 }] } };
    expect(await judge(alone, FASTER)).toEqual([[`${sampleCase.title}: no figures of both to compare`], 0]);
    const own = { ...sampleCase, parties: ["ours", "floor"] as const };
    expect(await judge({ ...alone, case: own }, FASTER)).toEqual([[], 0]);
  });

  it("are about each case for itself, in order", async () => {
    const other = { ...SLOWER, case: { ...sampleCase, title: "another case" } };
    expect(
      await complaintsAbout([SLOWER, FASTER, other], async (made) => ({ ...SLOWER, case: made })),
    ).toEqual([
      `${sampleCase.title}: more CPU than the published SDK, twice`,
      "another case: more CPU than the published SDK, twice",
    ]);
  });
});
