import { describe, expect, it } from "vitest";
import { cases } from "./index.js";
import { TARGETS } from "./sessions.js";

describe("the cases", () => {
  it("have names of their own", () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });

  it.each(cases.map((made) => [made.id, made] as const))(
    "%s has legal batches of whole rounds",
    (_, made) => {
      const { batch, size, headers } = made.shape;
      expect(batch).toBeLessThanOrEqual(1000);
      expect(batch * (size + 8 + headers * 20)).toBeLessThanOrEqual(1 << 20);
      expect(made.cold % batch).toBe(0);
      expect(made.warm % batch).toBe(0);
      expect(made.parties).toContain("ours");
      expect(made.parties).toContain("published");
      expect(made.parties).toContain("floor");
      for (const { against } of made.targets) expect(made.parties).toContain(against);
    },
  );

  it("include every case that has a target, an end-to-end form or a place in the quick form", () => {
    const ids = new Set(cases.map(({ id }) => id));
    for (const id of Object.keys(TARGETS)) expect(ids).toContain(id);
    expect(cases.filter(({ isQuick }) => isQuick).length).toBeGreaterThan(10);
    expect(cases.filter(({ isEndToEnd }) => isEndToEnd).length).toBeGreaterThan(5);
  });
});
