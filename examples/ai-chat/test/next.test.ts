import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findS2Lite, startS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { storyWords } from "../src/story.js";
import { chromiumPath } from "./chromium.js";
import { type NextPages, serveNextPages } from "./next-pages.js";

const executablePath = chromiumPath();
if (executablePath === undefined) {
  console.warn("SKIPPED: the files for Next.js in a browser; no chromium is on the PATH");
}
const lite = findS2Lite();
const hasLite = lite !== undefined || process.env.S2_LITE_REQUIRED === "1";
const BASIN = "chat-in-next";

/** A server for the conversations. */
async function openStore(name: string): Promise<{ origin: string; stop(): Promise<void> }> {
  if (name === "local") {
    const local = await startLocal();
    return { origin: local.origin, stop: () => local.close() };
  }
  if (lite === undefined) throw new Error("there is no s2 binary");
  return startS2Lite(lite);
}

const inBrowser = describe.skipIf(executablePath === undefined);

inBrowser.each(hasLite ? ["local", "s2-lite"] : ["local"])("the files for Next.js, on %s", (name) => {
  let folder: string;
  let store: Awaited<ReturnType<typeof openStore>>;
  let pages: NextPages;
  let browser: Browser;

  /** Lets the model tell so many words of an answer. */
  const tell = async (words: number): Promise<void> => {
    await writeFile(join(folder, "words.new"), String(words));
    await rename(join(folder, "words.new"), join(folder, "words"));
  };
  const openChat = async (id: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(`${pages.url}/chat/${id}`);
    return page;
  };
  const ask = async (page: Page, text: string): Promise<void> => {
    await page.getByLabel("Your message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };
  const answer = async (page: Page): Promise<string> =>
    (await page.locator(".assistant").last().textContent({ timeout: 30_000 })) ?? "";
  const untilWords = (page: Page, least: number) =>
    expect
      .poll(async () => (await answer(page)).split(/\s+/).length, { timeout: 30_000 })
      .toBeGreaterThan(least);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "next-chat-"));
    await tell(0);
    store = await openStore(name);
    vi.stubEnv("S2_ACCESS_TOKEN", "ignored");
    vi.stubEnv("S2_ACCOUNT_ENDPOINT", store.origin);
    vi.stubEnv("S2_BASIN_ENDPOINT", store.origin);
    vi.stubEnv("S2_BASIN", BASIN);
    vi.stubEnv("WORD_MILLIS", "5");
    vi.stubEnv("WORDS_FILE", join(folder, "words"));
    vi.stubEnv("AI_GATEWAY_API_KEY", "");
    await using s2 = new S2();
    await s2.basins.create({ basin: BASIN, config: { create_stream_on_append: true } });
    vi.resetModules();
    pages = await serveNextPages();
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.[Symbol.asyncDispose]();
    await store?.stop();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it("complete an answer through a reload in its middle, each word once", async () => {
    await tell(20);
    const page = await openChat("reloaded");
    await ask(page, "What is a log?");
    await untilWords(page, 10);
    await page.reload();
    await untilWords(page, 15);
    await tell(Number.POSITIVE_INFINITY);
    await expect.poll(() => answer(page), { timeout: 30_000 }).toBe(storyWords("What is a log?").join(""));
    expect(await page.locator("p").count()).toBe(2);
  });

  it("stop an answer for good, from the page that asked", async () => {
    await tell(20);
    const page = await openChat("stopped");
    await ask(page, "Tell me everything");
    await untilWords(page, 10);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Stop", disabled: true }).waitFor();
    const stopped = await answer(page);
    await tell(Number.POSITIVE_INFINITY);
    await page.reload();
    expect(await answer(page)).toBe(stopped);
    expect(stopped.length).toBeLessThan(storyWords("Tell me everything").join("").length);
  });
});
