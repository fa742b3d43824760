import { readFile } from "node:fs/promises";
import { serve } from "@hono/node-server";
import { S2, type S2Basin } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { Hono } from "hono";
import { createChatApp } from "./chat-app.js";

/** The basin that the environment names, or one on a server within this process, which goes with it. */
async function openBasin(): Promise<S2Basin> {
  const name = process.env.S2_BASIN ?? "ai-chat-example";
  if (process.env.S2_ACCESS_TOKEN || process.env.S2_ACCOUNT_ENDPOINT) return new S2().basin(name);
  const local = await startLocal();
  const s2 = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await s2.basins.create({ basin: name, config: { create_stream_on_append: true } });
  return s2.basin(name);
}

const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "main.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
};

const app = new Hono().route("/", createChatApp(await openBasin())).get("/:file?", async (c) => {
  const name = c.req.param("file") ?? "index.html";
  const type = TYPES[name];
  if (type === undefined) return c.notFound();
  return c.body(await readFile(new URL(`./page/${name}`, import.meta.url)), 200, { "content-type": type });
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
