import { expect, it } from "vitest";
import { mayRepeatAppend } from "./may-repeat.js";

it("an append is repeated when the policy says so, or when no second copy can land [G-4]", () => {
  const table = ([policy, conditional, mayHaveLanded]: readonly [
    "all" | "noSideEffects",
    boolean,
    boolean,
  ]) => mayRepeatAppend(policy, { conditional }, mayHaveLanded);
  expect(table(["all", false, true])).toBe(true);
  expect(table(["noSideEffects", false, false])).toBe(true);
  expect(table(["noSideEffects", true, true])).toBe(true);
  expect(table(["noSideEffects", false, true])).toBe(false);
});
