import { expect, test } from "vitest";
import { checkRule } from "./check-rule.js";

test.each([
  [undefined, "a rule must be an object; got undefined"],
  [[], "a rule must be an object"],
  [{}, "do must be an object; got undefined"],
  [{ do: {}, when: 1 }, 'a rule has no field "when"; known are on, do'],
  [{ do: { kind: "explode" } }, "do.kind must be one of answer, drain, stall"],
  [{ do: { kind: "toString" } }, "do.kind must be one of"],
  [{ do: { kind: "answer" } }, "do.status must be an HTTP status from 200 to 599; got undefined"],
  [{ do: { kind: "answer", status: 99 } }, "do.status must be an HTTP status"],
  [{ do: { kind: "answer", status: 503, headers: { a: 1 } } }, "do.headers must be an object of strings"],
  [{ do: { kind: "answer", status: 503, headers: { "a b": "x" } } }, "that can be headers"],
  [{ do: { kind: "answer", status: 503, headers: { a: "x\ny" } } }, "that can be headers"],
  [{ do: { kind: "answer", status: 503, headers: { Connection: "close" } } }, "that can be headers"],
  [{ do: { kind: "answer", status: 503, headers: { "content-length": "1" } } }, "that can be headers"],
  [{ do: { kind: "x".repeat(101) } }, "got a text of 101 characters"],
  [{ do: { kind: ["answer"] } }, "got an array"],
  [{ do: { kind: "answer", status: 503, after: 1 } }, 'do has no field "after"'],
  [{ do: { kind: "cut", after: 1 } }, 'do.how must be "reset" or "destroy" or "goaway" or "end"'],
  [{ do: { kind: "cut", how: "reset", after: 0 } }, "do.after must be an integer of at least 1; got 0"],
  [{ do: { kind: "cut", how: "reset", at: "once" } }, 'do.at must be "request" or "headers"'],
  [{ do: { kind: "cut", how: "reset", after: 1, insteadOf: 1 } }, "got after and insteadOf"],
  [
    { do: { kind: "fail", status: 500, code: "other" } },
    "do of kind fail must have one of at, afterMs, after, insteadOf",
  ],
  [
    { do: { kind: "fail", status: 500, code: "other", at: "request" } },
    'do.at must be "headers" for kind fail',
  ],
  [{ do: { kind: "inject", hex: "0", at: "headers" } }, "do.hex must be bytes in hexadecimal"],
  [{ do: { kind: "delay", ms: -1 } }, "do.ms must be a number of milliseconds"],
  [{ do: { kind: "delay", ms: Number.NaN } }, "do.ms must be a number of milliseconds"],
  [{ do: { kind: "delay", ms: 1, only: "acks" } }, 'do.only must be "heartbeats"'],
  [{ do: { kind: "throttle", bytesPerSecond: 0.5 } }, "do.bytesPerSecond must be an integer of at least 1"],
  [
    { on: { operation: "apend" }, do: { kind: "stall" } },
    "on.operation must be an operation, or several (list_basins",
  ],
  [{ on: { operation: [] }, do: { kind: "stall" } }, "on.operation must be an operation"],
  [{ on: { probability: 2 }, do: { kind: "stall" } }, "on.probability must be a number from 0 to 1; got 2"],
  [{ on: { path: "/" }, do: { kind: "stall" } }, 'on has no field "path"; known are operation, basin'],
])("refuses %j: %s", (rule, message) => {
  expect(() => checkRule(rule)).toThrow(
    expect.objectContaining({ name: "FaultRuleError", message: expect.stringContaining(message) }),
  );
});

test("refuses what is too deep to be shown", () => {
  const depth = 100_000;
  const deep: unknown = JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  expect(() => checkRule({ do: { kind: deep } })).toThrow("got an array");
  expect(() => checkRule(deep)).toThrow("a rule must be an object; got an array");
});

test("completes the moment", () => {
  expect(checkRule({ do: { kind: "stall" } })).toEqual({ do: { kind: "stall", at: "request" } });
  expect(checkRule({ do: { kind: "stall", after: 2 } })).toEqual({ do: { kind: "stall", after: 2 } });
});
