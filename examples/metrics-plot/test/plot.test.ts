import { describe, expect, it } from "vitest";
import { type Series, type Span, seriesOf, show } from "../src/series.js";
import { svgPlot } from "../src/svg.js";
import { terminalPlot } from "../src/terminal.js";

const span: Span = { start: 600, end: 900, interval: "minute" };

describe("series of metrics", () => {
  it("have a zero where nothing was accumulated, and points outside of the span are left out", () => {
    const values: [number, number][] = [
      [540, 9],
      [660, 2],
      [780, 5],
      [900, 9],
    ];
    const metric = {
      accumulation: { name: "append", unit: "operations", interval: "minute", values },
    } as const;
    expect(seriesOf("account", [metric], span)).toEqual([
      { name: "account append", unit: "operations", values: [0, 2, 0, 5, 0] },
    ]);
  });

  it("hold a gauge until its next point, and know nothing before the first", () => {
    const values: [number, number][] = [
      [665, 100],
      [840, 300],
    ];
    const metric = { gauge: { name: "size", unit: "bytes", values } } as const;
    expect(seriesOf("stream", [metric], span)[0]?.values).toEqual([undefined, 100, 100, 100, 300]);
  });

  it("leave out what is no series", () => {
    expect(seriesOf("account", [{ label: { name: "active", values: ["a"] } }], span)).toEqual([]);
  });
});

const series: Series[] = [
  { name: "up", unit: "bytes", values: [undefined, 0, 512, 1024] },
  { name: "<flat>", unit: "operations", values: [0, 0, 0, 0] },
];

describe("a plot", () => {
  it("is a line of text a series, scaled to its largest value", () => {
    expect(terminalPlot(series, 60)).toBe("up       ▁▅█  max 1.0 KiB\n<flat>  ▁▁▁▁  max 0 ops");
  });

  it("gives each column the largest of its values when there are more than columns", () => {
    const values = Array.from({ length: 100 }, (_, index) => (index === 57 ? 8 : 1));
    const [, line] = /max\s+(\S+)/.exec(terminalPlot([{ name: "max", unit: "bytes", values }], 10)) ?? [];
    expect(line).toBe("▂▂▂▂▂█▂▂▂▂");
  });

  it("is a picture whose points are those of the series, with names that cannot break it", () => {
    const picture = svgPlot("a & b", series, span);
    expect(picture).toContain("a &#38; b");
    expect(picture).toContain("&#60;flat&#62;");
    const [first, second] = [...picture.matchAll(/points="([^"]*)"/g)].map(([, points = ""]) =>
      points.split(" "),
    );
    expect(first).toHaveLength(3);
    expect(second).toHaveLength(4);
    const heights = (first ?? []).map((point) => Number(point.split(",")[1]));
    expect(heights[0]).toBeGreaterThan(heights[1] ?? 0);
    expect((heights[0] ?? 0) - (heights[2] ?? 0)).toBe(72);
  });
});

it("shows values as people read them", () => {
  expect([show(0, "bytes"), show(1023, "bytes"), show(1536, "bytes"), show(5 * 1024 ** 3, "bytes")]).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "5.0 GiB",
  ]);
  expect([show(12.4, "operations"), show(1.234, "usd")]).toEqual(["12 ops", "$1.23"]);
});
