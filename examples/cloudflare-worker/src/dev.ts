import { fileURLToPath } from "node:url";
import { openBasin } from "@s2-dev/example-basin";
import { portToServe } from "@s2-dev/example-basin/port";
import { envOf, startWorker } from "./workerd.js";

const port = await portToServe(8787);
const place = await openBasin();
const file = fileURLToPath(new URL("./worker.mjs", import.meta.url));
const worker = await startWorker(file, envOf(place), port);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await worker[Symbol.asyncDispose]();
    await place.close();
  });
}
console.log(`${worker.url}/streams/NAME: POST appends, GET reads, /events follows`);
