import { expect, test } from "vitest";
import { metricView, quantity } from "./metric-series.js";

test("puts series of one unit into one chart, on times that they share", () => {
  const { charts, figures } = metricView([
    {
      accumulation: {
        name: "read",
        unit: "operations",
        interval: "minute",
        values: [
          [60, 1],
          [180, 3],
        ],
      },
    },
    { accumulation: { name: "append", unit: "operations", interval: "minute", values: [[120, 2]] } },
    { gauge: { name: "storage", unit: "bytes", values: [[60, 9]] } },
    { scalar: { name: "basins", unit: "operations", value: 1234 } },
    { label: { name: "names", values: ["a", "b"] } },
  ]);
  expect(charts).toEqual([
    {
      unit: "operations",
      isAccumulated: true,
      times: [60, 120, 180],
      series: [
        { name: "read", values: [1, null, 3] },
        { name: "append", values: [null, 2, null] },
      ],
    },
    { unit: "bytes", isAccumulated: false, times: [60], series: [{ name: "storage", values: [9] }] },
  ]);
  expect(figures).toEqual([
    { name: "basins", value: "1,234" },
    { name: "names", value: "a, b" },
  ]);
});

test.each([
  [0, "bytes", "0 B"],
  [1023, "bytes", "1023 B"],
  [1536, "bytes", "1.5 KiB"],
  [300 * 1024 ** 3, "bytes", "300 GiB"],
  [1234.6, "operations", "1,235"],
  [0.5, "usd", "$0.50"],
] as const)("%d %s is %s", (value, unit, expected) => {
  expect(quantity(value, unit)).toBe(expected);
});
