import { expect, test } from "vitest";
import { isAtEnd, renderedRows, scrollFor } from "./rows.js";

const view = (top: number) => ({ top, height: 200, rowHeight: 20 });

test("renders what can be seen and a little around it, however many rows there are", () => {
  expect(renderedRows(view(0), 1e6)).toEqual({ from: 0, to: 18 });
  expect(renderedRows(view(2000), 1e6)).toEqual({ from: 92, to: 118 });
  expect(renderedRows(view(2000), 105)).toEqual({ from: 92, to: 105 });
  expect(renderedRows(view(2000), 3)).toEqual({ from: 3, to: 3 });
  expect(renderedRows(view(0), 0)).toEqual({ from: 0, to: 0 });
});

test("knows whether the last row is in view", () => {
  expect([isAtEnd(view(1800), 100), isAtEnd(view(1791), 100), isAtEnd(view(1789), 100)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isAtEnd(view(0), 3)).toBe(true);
});

test("scrolls as little as it takes to bring a row into view", () => {
  expect([0, 4, 5, 14, 15, 40].map((row) => scrollFor(view(100), row))).toEqual([0, 80, 100, 100, 120, 620]);
});
