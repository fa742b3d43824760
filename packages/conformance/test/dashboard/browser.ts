import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { shootTo } from "../../src/browser.js";

export { findChromium, launch, open } from "../../src/browser.js";

/** Where pictures of the page go; nothing of it is checked in. */
const SHOTS = fileURLToPath(new URL("../../screenshots/", import.meta.url));

/** Builds the page where nobody has: turbo does so before these tests. */
export function ensureBuilt(): void {
  const manifest = createRequire(import.meta.url).resolve("@s2-dev/dashboard/package.json");
  const folder = dirname(manifest);
  if (!existsSync(join(folder, "dist", "index.html"))) execFileSync("node", ["build.mjs"], { cwd: folder });
}

export function shoot(page: Page, name: string): Promise<void> {
  return shootTo(page, join(SHOTS, `${name}.png`));
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
