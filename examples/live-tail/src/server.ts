import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { openBasin } from "@s2-dev/example-basin";
import { portToServe } from "@s2-dev/example-basin/port";
import { createTailApp } from "./tail-app.js";

const port = await portToServe(3000);
const { s2, basin, client } = await openBasin();
const name = "live-tail";
await basin.streams.ensure({ stream: name });
const stream = basin.stream(name);

const page = fileURLToPath(new URL("./page", import.meta.url));
const app = createTailApp({ s2, stream, endpoint: client.endpoints?.basin, page });
serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});

// Something to look at, whatever becomes of the server of S2 in between.
const session = await stream.appendSession({ retry: { maxAttempts: "unlimited" } });
for (let second = 0; ; second += 1) {
  const celsius = (18 + 4 * Math.sin(second / 60) + Math.random()).toFixed(2);
  await session.submit({ body: JSON.stringify({ sensor: "roof", celsius: Number(celsius) }) });
  await pause(1000);
}
