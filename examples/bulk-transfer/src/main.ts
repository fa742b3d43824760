import { openBasin } from "@s2-dev/example-basin";
import { demo } from "./demo.js";
import { exportFile } from "./export-file.js";
import { importFile } from "./import-file.js";
import { ProgressBar } from "./progress-bar.js";

const USAGE = `Usage: main.js import FILE STREAM
       main.js export STREAM FILE
       main.js               makes a file, and does both with it`;

const [command, from = "", to = ""] = process.argv.slice(2);
await using place = await openBasin();

if (command === undefined) await demo(place.basin.stream(`imports/${crypto.randomUUID()}`), 48);
else if (!["import", "export"].includes(command) || to === "") {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort("interrupted"));
  const bar = new ProgressBar(command);
  const options = { signal: stop.signal, onProgress: bar.show };
  try {
    const done = await (command === "import"
      ? importFile(place.basin.stream(to), from, options)
      : exportFile(place.basin.stream(from), to, options));
    bar.end();
    console.log(`${command}: ${done.records} records, ${done.bytes} bytes from ${done.from} on`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    bar.end();
    console.log(`${command}: stopped; the same command goes on`);
    process.exitCode = 130;
  }
}
