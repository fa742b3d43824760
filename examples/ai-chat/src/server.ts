import { readFile } from "node:fs/promises";
import { serve } from "@hono/node-server";
import { openBasin } from "@s2-dev/example-basin";
import { portToServe } from "@s2-dev/example-basin/port";
import { Hono } from "hono";
import { createChatApp } from "./chat-app.js";

const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "main.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
};

const port = await portToServe(3000);
const { basin, isEmbedded } = await openBasin();
const app = new Hono().route("/", createChatApp(basin)).get("/:file?", async (c) => {
  const name = c.req.param("file") ?? "index.html";
  const type = TYPES[name];
  if (type === undefined) return c.notFound();
  return c.body(await readFile(new URL(`./page/${name}`, import.meta.url)), 200, { "content-type": type });
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
  if (isEmbedded) console.log("Conversations are gone when this ends: its README says how to keep them.");
});
