import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { type Chart, quantity } from "../logic/metric-series.js";
import { isDark } from "../state/theme.js";

export interface PlotProps {
  readonly title: string;
  readonly chart: Omit<Chart, "unit"> & { readonly unit: Chart["unit"] | "records" };
  /** Seconds since the epoch, between which the plot lies; default: as far as the series go. */
  readonly range?: readonly [from: number, to: number] | undefined;
  readonly height?: number;
}

const COLORS = ["--plot-1", "--plot-2", "--plot-3", "--plot-4", "--plot-5"] as const;

/** Series over time. What draws it is loaded by the first plot. */
export function Plot({ title, chart, range, height = 200 }: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ chart, range });
  latest.current = { chart, range };
  const dark = isDark();
  const shape = `${chart.unit} ${chart.isAccumulated} ${chart.series.map(({ name }) => name).join(" ")}`;

  useEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    let isGone = false;
    const resized = new ResizeObserver(() => {
      drawn.current?.setSize({ width: target.clientWidth, height });
    });
    import("uplot").then(({ default: UPlot }) => {
      if (isGone) return;
      drawn.current = new UPlot(
        optionsFor(latest.current.chart, () => latest.current.range, target, height, UPlot.paths),
        dataOf(latest.current.chart),
        target,
      );
      resized.observe(target);
    });
    return () => {
      isGone = true;
      resized.disconnect();
      drawn.current?.destroy();
      drawn.current = undefined;
    };
  }, [dark, shape, height]);

  useEffect(() => drawn.current?.setData(dataOf(chart)), [chart]);

  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={element} />
    </figure>
  );
}

/** Steps of an axis: of counts whole numbers, of bytes those that are round in KiB and MiB. */
const INCREMENTS = [
  [0, 3, 6, 9].flatMap((power) => [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 10 ** power)),
  [0, 1, 2, 3, 4].flatMap((power) =>
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((step) => step * 1024 ** power),
  ),
] as const;

function dataOf({ times, series }: PlotProps["chart"]): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}

function optionsFor(
  chart: PlotProps["chart"],
  rangeNow: () => PlotProps["range"],
  target: HTMLElement,
  height: number,
  paths: uPlot.Series.PathBuilderFactories,
): uPlot.Options {
  const style = getComputedStyle(target);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1 },
    font: "11px system-ui",
  };
  const figure = (value: number | null): string => (value === null ? "–" : quantity(value, chart.unit));
  return {
    width: target.clientWidth,
    height,
    cursor: { points: { size: 6 }, y: false },
    scales: {
      x: { range: (_plot, min, max) => [...(rangeNow() ?? [min, max])] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      axis,
      {
        ...axis,
        size: 64,
        incrs: [...INCREMENTS[chart.unit === "bytes" ? 1 : 0]],
        values: (_plot, splits) => splits.map(figure),
      },
    ],
    series: [
      {},
      ...chart.series.map(({ name }, index): uPlot.Series => {
        const stroke = color(COLORS[index % COLORS.length] ?? "--plot-1");
        const bars = chart.isAccumulated ? paths.bars?.({ size: [0.8, 40] }) : undefined;
        return {
          label: name,
          stroke,
          width: 1.5,
          fill: `${stroke}22`,
          points: { show: chart.times.length < 3 && !chart.isAccumulated },
          value: (_plot, value) => figure(value),
          ...(bars === undefined ? {} : { paths: bars }),
        };
      }),
    ],
  };
}
