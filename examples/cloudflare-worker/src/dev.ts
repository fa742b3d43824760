import { fileURLToPath } from "node:url";
import { openBasin } from "@s2-dev/example-basin";
import { envOf, startWorker } from "./workerd.js";

const place = await openBasin();
const file = fileURLToPath(new URL("./worker.mjs", import.meta.url));
const { url } = await startWorker(file, envOf(place), Number(process.env.PORT ?? 8787));
console.log(`${url}/streams/NAME: POST appends, GET reads, /events follows`);
