import { largest, type Series, type Span, show } from "./series.js";

const WIDTH = 640;
const HEIGHT = 72;
const GAP = 40;
const MARGIN = 16;

/** A picture of all series, one below the other, each to its own scale. */
export function svgPlot(title: string, series: readonly Series[], span: Span): string {
  const height = 48 + series.length * (HEIGHT + GAP) + MARGIN;
  const panels = series.map((one, index) => panel(one, 64 + index * (HEIGHT + GAP)));
  const times = [span.start, span.end].map((at) => `${new Date(at * 1000).toISOString().slice(0, 16)}Z`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 2 * MARGIN}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#334">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="24" font-size="16" font-weight="600">${escaped(title)}</text>
<text x="${MARGIN}" y="40">${times.join(" to ")}, by the ${span.interval}</text>
${panels.join("\n")}
</svg>
`;
}

function panel(series: Series, top: number): string {
  const most = largest(series);
  const { values } = series;
  const x = (index: number) => MARGIN + (WIDTH * index) / Math.max(1, values.length - 1);
  const y = (value: number) => top + 8 + HEIGHT * (1 - (most === 0 ? 0 : value / most));
  const points = values.flatMap((value, index) =>
    value === undefined ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`],
  );
  const floor = y(0).toFixed(1);
  const [first = ""] = points[0]?.split(",") ?? [];
  const [last = ""] = points.at(-1)?.split(",") ?? [];
  const area = points.length === 0 ? "" : `M${first},${floor}L${points.join("L")}L${last},${floor}Z`;
  return `<g>
<text x="${MARGIN}" y="${top}">${escaped(series.name)}</text>
<text x="${MARGIN + WIDTH}" y="${top}" text-anchor="end">max ${escaped(show(most, series.unit))}</text>
<line x1="${MARGIN}" x2="${MARGIN + WIDTH}" y1="${floor}" y2="${floor}" stroke="#ccd"/>
<path d="${area}" fill="#36c" fill-opacity=".15"/>
<polyline points="${points.join(" ")}" fill="none" stroke="#36c" stroke-width="1.5"/>
</g>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
