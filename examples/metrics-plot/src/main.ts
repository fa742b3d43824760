import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBasin } from "@s2-dev/example-basin";
import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { work } from "./activity.js";
import { askMetrics } from "./ask.js";
import type { Span } from "./series.js";
import { svgPlot } from "./svg.js";
import { terminalPlot } from "./terminal.js";

const MINUTES = 180;
const MINUTE = 60_000;

// Three hours take a moment on the embedded server: its clock is moved by hand.
const clock = createFakeClock();
const begun = Date.now() - MINUTES * MINUTE;
const epoch = () => begun + clock.now();
await using place = await openBasin({ clock: Object.assign(clock, { epoch }), listen: false });

const { s2, basin, isEmbedded } = place;
const stream = basin.stream("metrics-plot");
for (let minute = 0; minute < (isEmbedded ? MINUTES : 1); minute += 1) {
  await work(stream, minute);
  // An operation of the account; those on streams count for the basin.
  if (isEmbedded && minute % 10 === 0) await s2.basins.list({ limit: 1 });
  await clock.advance(MINUTE);
}

const end = Math.floor((isEmbedded ? epoch() : Date.now()) / 1000);
const span: Span = { start: end - MINUTES * 60, end, interval: "minute" };
const answer = await askMetrics(s2, stream, span);
if (answer === undefined) {
  console.log(
    "Nothing to plot: this server keeps no metrics and answers 501. The service does, and s2-local.",
  );
} else {
  console.log(`the last three hours of ${answer.basins.join(", ")}\n`);
  console.log(terminalPlot(answer.series, 60));
  const file = process.argv[2] ?? join(tmpdir(), "s2-metrics.svg");
  await writeFile(file, svgPlot(`${basin.name} / ${stream.name}`, answer.series, span));
  console.log(`\nthe same as a picture: ${file}`);
}
