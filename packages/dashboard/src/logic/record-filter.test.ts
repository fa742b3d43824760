import { expect, test } from "vitest";
import { parseFilter } from "./record-filter.js";
import { fenceOf, recordOf, trimOf } from "./records.fixture.js";

const all = [
  recordOf(0, "Order placed", [["region", "eu"]]),
  recordOf(1, '{"order": 17}', [["region", "us"]]),
  fenceOf(2, "owner"),
  trimOf(3, 1),
  recordOf(4, "refund"),
];

test.each<[string, number[]]>([
  ["", [0, 1, 2, 3, 4]],
  ["  ", [0, 1, 2, 3, 4]],
  ["order", [0, 1]],
  ["order placed", [0]],
  ['"order placed"', [0]],
  ['"placed order"', []],
  ["EU", [0]],
  ["-order", [2, 3, 4]],
  ["/^Order/", [0]],
  ["/^order/", []],
  ["/^order/i", [0]],
  ["/\\d+/ order", [1]],
  ["-/r/ -is:command", []],
  ["is:command", [2, 3]],
  ["is:fence", [2]],
  ["is:trim", [3]],
  ["is:record -order", [4]],
  ["header:region", [0, 1]],
  ["header:region=us", [1]],
  ["-header:region is:record", [4]],
  ["/", []],
])("%j finds %j", (text, expected) => {
  const parsed = parseFilter(text);
  if ("error" in parsed) throw new Error(parsed.error);
  const { filter = () => true } = parsed;
  expect(all.filter(filter).map((record) => record.seq_num)).toEqual(expected);
});

test("says what is wrong with a filter", () => {
  expect(parseFilter("/(/")).toEqual({ error: expect.stringContaining("(") });
  expect(parseFilter("is:nope")).toEqual({ error: expect.stringContaining("is:nope") });
});
