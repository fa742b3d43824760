import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { topics } from "../src/behaviours/index.js";
import { leavingNames } from "../src/behaviours/leaving.js";
import { clauses, notShown } from "../src/clauses.js";
import { knownDifferences, mustStillFail } from "../src/known-differences.js";
import { leavingPrograms } from "../src/leaving/run.js";

describe("the suite", () => {
  it("runs every topic in a file of its name", () => {
    const files = readdirSync(fileURLToPath(new URL("./topics/", import.meta.url)));
    for (const { name } of topics) expect(files).toContain(`${name}.test.ts`);
    expect(new Set(topics.map(({ name }) => name)).size).toBe(topics.length);
  });

  it("lists every file of behaviours", () => {
    const files = readdirSync(fileURLToPath(new URL("../src/behaviours/", import.meta.url)));
    const listed = topics.map(({ name }) => `${name}.ts`);
    expect(files.sort()).toEqual([...listed, "index.ts"].sort());
  });

  it("shows every clause of the contract, but those that nothing can show", () => {
    const shown = new Set<string>(
      topics.flatMap(({ behaviours }) => behaviours.flatMap(({ shows }) => shows)),
    );
    const unshown = Object.keys(clauses).filter((id) => !shown.has(id));
    expect(unshown.sort()).toEqual(Object.keys(notShown).sort());
  });

  it("knows no difference in a behaviour that does not exist, or is not run where it differs", () => {
    for (const { topic, says, on } of knownDifferences) {
      const behaviour = topics
        .find(({ name }) => name === topic)
        ?.behaviours.find((each) => each.says === says);
      expect(behaviour, `${topic} > ${says}`).toBeDefined();
      if (on.wire !== undefined && behaviour?.wires !== undefined) expect(behaviour.wires).toContain(on.wire);
    }
  });

  it("runs every program that has to leave by itself", async () => {
    expect((await leavingPrograms()).sort()).toEqual([...leavingNames].sort());
  });
});

describe("a known difference", () => {
  it("passes while the behaviour fails there", async () => {
    await mustStillFail(() => Promise.reject(new Error("not shown")), "a reason");
  });

  it("fails as soon as the behaviour passes", async () => {
    await expect(mustStillFail(() => Promise.resolve(), "a reason")).rejects.toThrow("a reason");
  });
});
