import { largest, type Series, show } from "./series.js";

const BARS = "▁▂▃▄▅▆▇█";

/** A line of text for each series: its name, its course in `width` characters, its largest value. */
export function terminalPlot(series: readonly Series[], width: number): string {
  const names = Math.max(0, ...series.map(({ name }) => name.length));
  return series
    .map((one) => `${one.name.padEnd(names)}  ${sparkline(one, width)}  max ${show(largest(one), one.unit)}`)
    .join("\n");
}

/** Each character stands for the largest of the values that fall to it; a blank for none. */
function sparkline(series: Series, width: number): string {
  const { values } = series;
  const top = largest(series);
  const columns = Math.min(width, values.length);
  let line = "";
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const known = values.slice(from, to).filter((value) => value !== undefined);
    if (known.length === 0) line += " ";
    else {
      const height = top === 0 ? 0 : Math.max(...known) / top;
      line += BARS[Math.min(BARS.length - 1, Math.floor(height * BARS.length))];
    }
  }
  return line;
}
