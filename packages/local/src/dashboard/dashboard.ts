import { answerBody } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { headExchange } from "../http/head-exchange.js";
import { type PageFiles, readPageFiles } from "./files.js";
import { pagePolicy } from "./page-policy.js";

/** Where the page is. */
export const DASHBOARD_PATH = "/dashboard";

const TEXT = { "content-type": "text/plain; charset=utf-8" } as const;

/**
 * Serves the page and its files. They are read by the first who asks, and need no token: what the page shows, it asks
 * the API for.
 */
export function createDashboard(
  readFiles: () => Promise<PageFiles | undefined> = readPageFiles,
): (exchange: Exchange) => Promise<void> {
  let reading: Promise<PageFiles | undefined> | undefined;

  return async (exchange) => {
    if (exchange.method !== "GET" && exchange.method !== "HEAD") {
      exchange.send(405, { allow: "GET,HEAD" });
      return;
    }
    const wire = exchange.method === "HEAD" ? headExchange(exchange) : exchange;
    const name = exchange.path.slice(DASHBOARD_PATH.length + 1);
    if (name === "" && exchange.path !== DASHBOARD_PATH) {
      // The page names its files relative to the path without the slash.
      wire.send(308, {
        location: exchange.query === "" ? DASHBOARD_PATH : `${DASHBOARD_PATH}?${exchange.query}`,
      });
      return;
    }
    reading ??= readFiles();
    const files = await reading;
    if (files === undefined) {
      reading = undefined;
      wire.send(404, TEXT, "The page has not been built: pnpm --filter @s2-dev/dashboard build\n");
      return;
    }
    const file = files.get(name === "" ? "index.html" : name);
    if (file === undefined) {
      wire.send(404, {});
      return;
    }
    const headers = {
      "content-type": file.type,
      // All but the page have their content's hash in their name.
      "cache-control": name === "" ? "no-cache" : "public, max-age=31536000, immutable",
      "content-security-policy": pagePolicy(exchange.query),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    };
    answerBody(wire, 200, headers, file.body);
  };
}
