import { expect, test } from "vitest";
import { describeRule, FAULT_PRESETS, ruleFromText } from "./fault-presets.js";

test("reads a rule, and says what is wrong with one that is none", () => {
  expect(ruleFromText('{"do":{"kind":"stall"}}')).toEqual({ do: { kind: "stall" } });
  expect(() => ruleFromText("{")).toThrow("no JSON");
  for (const text of ["null", "{}", '{"do":{}}', '"x"']) {
    expect(() => ruleFromText(text)).toThrow("must say what is done");
  }
});

test("says in a few words what a rule does", () => {
  const said = FAULT_PRESETS.map(({ rule }) => describeRule(rule));
  expect(said).toContain("append, times 1 → cut, how destroy, insteadOf 1");
  expect(said).toContain("append, read, check_tail → delay, ms 500");
  expect(describeRule({ do: { kind: "stall" } })).toBe("any call → stall");
});
