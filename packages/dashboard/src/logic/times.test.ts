import { expect, test } from "vitest";
import { clockText, dateText, isoText } from "./times.js";

test("shows times, and numbers that are none as they are", () => {
  expect(isoText(1_700_000_000_123)).toBe("2023-11-14T22:13:20.123Z");
  expect(clockText(1_700_000_000_123)).toMatch(/^\d\d:\d\d:20\.123$/);
  expect([isoText(Number.MAX_SAFE_INTEGER), clockText(Number.MAX_SAFE_INTEGER)]).toEqual([
    "9007199254740991",
    "9007199254740991",
  ]);
  expect([dateText(null), dateText("soon")]).toEqual(["–", "soon"]);
  expect(dateText("2026-01-31T12:00:00.123456789Z")).toContain("2026");
});
