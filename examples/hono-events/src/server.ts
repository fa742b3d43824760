import { serve } from "@hono/node-server";
import { openBasin } from "@s2-dev/example-basin";
import { portToServe } from "@s2-dev/example-basin/port";
import { createApp } from "./app.js";

const port = await portToServe(3000);
const { basin } = await openBasin();
const name = "messages";
await basin.streams.ensure({ stream: name });

const leaving = new AbortController();
const app = createApp(basin.stream(name), leaving.signal);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    leaving.abort();
    server.close(() => process.exit());
    // Browsers keep their connections for seconds, with nothing under way.
    setTimeout(() => process.exit(), 200);
  });
}
