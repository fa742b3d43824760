import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, launch, open, shootTo } from "@s2-dev/conformance/browser.js";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenLinks } from "../site/check-links.mjs";
import { pages } from "../site/pages.mjs";

const here = fileURLToPath(new URL("../", import.meta.url));
const site = join(here, "dist");
const listed = pages();

beforeAll(() => {
  if (!existsSync(join(site, "index.html"))) throw new Error("the site is not built: pnpm run docs");
});

describe("the site", () => {
  it("has every guide, every public package, and every example with a README", () => {
    const built = readdirSync(join(site, "guides")).map((file) => file.replace(/\.html$/, ""));
    expect(built.sort()).toEqual(listed.map(({ name }) => name).sort());
    const guides = readdirSync(here).filter((file) => file.endsWith(".md") && file !== "README.md");
    const shown = listed.flatMap(({ source }) => (source.startsWith("docs/") ? [source.slice(5)] : []));
    expect(shown.sort()).toEqual(guides.sort());
  });

  it("has no link that leads nowhere", () => {
    expect(brokenLinks(site)).toEqual([]);
  });

  it("begins with a page that names every guide but those about the project", () => {
    const home = readFileSync(join(here, "README.md"), "utf8");
    const missing = listed.filter(
      ({ source, category }) =>
        source.startsWith("docs/") && category !== "Project" && !home.includes(`(${source.slice(5)})`),
    );
    expect(missing).toEqual([]);
  });

  it("has no table with a row of more or fewer cells than its head", () => {
    const uneven = listed.flatMap(({ source }) => {
      const text = readFileSync(join(here, "..", source), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
      const tables = text.match(/(?:^\|.*\n)+/gm) ?? [];
      return tables.flatMap((table) => {
        const [head = "", ...rows] = table.trimEnd().split("\n");
        return rows.filter((row) => cellsOf(row) !== cellsOf(head)).map((row) => `${source}: ${row}`);
      });
    });
    expect(uneven).toEqual([]);
  });

  it("needs nothing from elsewhere", () => {
    const files = readdirSync(site, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".html"))) {
      expect(readFileSync(join(site, file), "utf8")).not.toMatch(
        /<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?\/\//,
      );
    }
  });

  it("has an llms.txt that names every page, each of which is there as Markdown", () => {
    const text = readFileSync(join(site, "llms.txt"), "utf8");
    const named = [...text.matchAll(/\]\(markdown\/(.+?)\.md\)/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(listed.map(({ name }) => name).sort());
    for (const name of named) expect(existsSync(join(site, "markdown", `${name}.md`))).toBe(true);
    expect(text).toContain("The ten things that go wrong most often");
  });
});

const chromium = findChromium();
if (chromium === undefined) {
  console.warn("!! There is no Chromium: the site is not looked at. Debian has it as `chromium`.");
}

describe.skipIf(chromium === undefined)("in a browser", () => {
  let browser: Browser;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
      const file = join(site, path.endsWith("/") ? `${path}index.html` : path);
      if (!existsSync(file)) return response.writeHead(404).end();
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(readFileSync(file));
    });
    const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    [browser] = await Promise.all([launch(chromium ?? ""), listening]);
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** What sticks out of the page to the right. */
  const overflowing = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  const looked = [
    "index",
    ...listed.map(({ name }) => `guides/${name}`),
    "modules/_s2-dev_streamstore",
    "classes/_s2-dev_streamstore.S2Stream",
    "functions/_s2-dev_streamstore-patterns.answerResponse",
  ];
  const screens = [
    ["phone", { width: 390, height: 844 }],
    ["desktop", { width: 1280, height: 900 }],
  ] as const;

  describe.each(screens)("on a %s", (screen, viewport) => {
    const picture = (page: Page, name: string) =>
      shootTo(page, join(here, "screenshots", screen, `${name.replace("/", "-")}.png`));

    it("every page fits", { timeout: 180_000 }, async () => {
      await using opened = await open(browser, `${origin}/index.html`, { viewport });
      const wide: string[] = [];
      for (const name of looked) {
        await opened.page.goto(`${origin}/${name}.html`);
        await picture(opened.page, name);
        if ((await overflowing(opened.page)) > 0) wide.push(name);
      }
      expect(wide).toEqual([]);
    });

    it.each([
      ["lost acknowledgement", "Delivery guarantees"],
      ["fencing", "Concepts"],
      ["issueReaderToken", "issueReaderToken"],
    ])("finds %s, and leads there", async (word, title) => {
      await using opened = await open(browser, `${origin}/index.html`, { viewport });
      const { page } = opened;
      await page.locator("#tsd-search-trigger").click();
      await page.locator("#tsd-search-input").fill(word);
      const found = page.locator("#tsd-search-results a").filter({ hasText: title }).first();
      await found.waitFor();
      await picture(page, `search-${word}`);
      await found.click();
      await page.locator("h1").filter({ hasText: title }).first().waitFor();
    });
  });

  it("has the page that answers first, whatever else has the words", async () => {
    await using opened = await open(browser, `${origin}/index.html`);
    const { page } = opened;
    await page.locator("#tsd-search-trigger").click();
    const first: string[] = [];
    for (const [index, [words]] of ANSWERS.entries()) {
      await page.locator("#tsd-search-input").fill(words);
      // Results are numbered by the search that they are of.
      const found = page.locator(`[id="tsd-search:${index + 1}-0"]`);
      first.push(`${words}: ${(await found.textContent())?.trim()}`);
    }
    expect(first).toEqual(ANSWERS.map(([words, title]) => `${words}: ${title}`));
  });

  it("shows the pictures in the colours of the dark theme, too", async () => {
    await using opened = await open(browser, `${origin}/guides/concepts.html`, { colorScheme: "dark" });
    const { page } = opened;
    await shootTo(page, join(here, "screenshots", "dark", "concepts.png"));
    const colour = (selector: string, property: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property);
    expect(await colour(".drawing text", "fill")).toBe(await colour("body", "color"));
  });
});

/** A bar ends a cell, within code, too, unless it is escaped. */
const cellsOf = (row: string): number => row.match(/(?<!\\)\|/g)?.length ?? 0;

/** What somebody new looks for, and where it is. */
const ANSWERS: readonly (readonly [words: string, title: string])[] = [
  ["exactly once", "Delivery guarantees"],
  ["resume", "Concepts"],
  ["retry", "Delivery guarantees"],
  ["abort", "Deadlines and endings"],
  ["fencing", "Concepts"],
  ["token", "Security"],
  ["SSE", "Server-sent events from Hono"],
  ["browser", "Security"],
  ["cloudflare", "A Cloudflare worker"],
  ["timeout", "Deadlines and endings"],
  ["encryption", "Security"],
  ["compression", "Choosing a transport"],
  ["migrate", "Migration"],
  ["size", "Limits"],
  ["tail", "Concepts"],
];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
};
