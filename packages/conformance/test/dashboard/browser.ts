import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** Where pictures of the page go; nothing of it is checked in. */
const SHOTS = fileURLToPath(new URL("../../screenshots/", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;

/** Where Chromium is: `CHROMIUM_BIN`, else on the `PATH`. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment.CHROMIUM_BIN) return environment.CHROMIUM_BIN;
  const folders = (environment.PATH ?? "").split(":").filter((folder) => folder !== "");
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Builds the page where nobody has: turbo does so before these tests. */
export function ensureBuilt(): void {
  const manifest = createRequire(import.meta.url).resolve("@s2-dev/dashboard/package.json");
  const folder = dirname(manifest);
  if (!existsSync(join(folder, "dist", "index.html"))) execFileSync("node", ["build.mjs"], { cwd: folder });
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-smooth-scrolling"] });
}

/** A page in a profile of its own. What the browser complains of, the policy's refusals included, fails the test. */
export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained of; emptied by those who expect it. */
  readonly complaints: string[];
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.goto(url);
  return {
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** A figure at the foot of the records. */
export async function figure(page: Page, title: string): Promise<number> {
  return Number(await page.locator(`data[title="${title}"]`).getAttribute("value"));
}

/** Sequence numbers of the rows that can be seen, from the top. */
export function seenRows(page: Page): Promise<number[]> {
  return page.locator(".scroller").evaluate((scroller) => {
    const { top, bottom } = scroller.getBoundingClientRect();
    return [...scroller.querySelectorAll<HTMLElement>("[data-seq]")]
      .filter((row) => {
        const box = row.getBoundingClientRect();
        return box.top >= top - 1 && box.bottom <= bottom + 1;
      })
      .map((row) => Number(row.dataset.seq));
  });
}
