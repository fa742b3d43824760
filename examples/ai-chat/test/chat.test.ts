import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findS2Lite, startS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import { S2, type S2Stream } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { readAll } from "@s2-dev/streamstore-patterns/reading";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChat } from "../build.mjs";
import { storyWords } from "../src/story.js";
import { type ChatServer, startChat } from "./chat-server.js";
import { chromiumPath } from "./chromium.js";

const executablePath = chromiumPath();
if (executablePath === undefined) {
  console.warn("SKIPPED: the chat in a browser; no chromium is on the PATH (apt-get install chromium)");
}

const screenshots = fileURLToPath(new URL("../screenshots/", import.meta.url));
const BASIN = "chat-in-a-browser";

/** What keeps the conversations: it lives on when the server of the chat is killed. */
interface Store {
  readonly origin: string;
  stop(): Promise<void>;
}

const openStore: Readonly<Record<string, () => Promise<Store>>> = {
  local: async () => {
    const local = await startLocal();
    return { origin: local.origin, stop: () => local.close() };
  },
  "s2-lite": async () => {
    if (lite === undefined) throw new Error("there is no s2 binary");
    return startS2Lite(lite);
  },
};
const lite = findS2Lite();
const hasLite = lite !== undefined || process.env.S2_LITE_REQUIRED === "1";
if (!hasLite) console.warn("SKIPPED: the chat on s2-lite; there is no s2 binary");

let folder: string;
let pictures: string;
let store: Store;
let browser: Browser;
let server: ChatServer;
let s2: S2;

const environment = (): Record<string, string> => ({
  S2_ACCESS_TOKEN: "ignored",
  S2_ACCOUNT_ENDPOINT: store.origin,
  S2_BASIN_ENDPOINT: store.origin,
  S2_BASIN: BASIN,
  LEASE_MILLIS: "2500",
  SKEW_MILLIS: "250",
  WORD_MILLIS: "20",
  WORDS_FILE: join(folder, "words"),
});

/** Lets the model tell so many words of an answer: what a test does in its middle is in its middle however slow it is. */
async function tell(words: number): Promise<void> {
  await writeFile(join(folder, "words.new"), String(words));
  await rename(join(folder, "words.new"), join(folder, "words"));
}

const printed = (): Promise<string> => Promise.resolve(server.output);

const restart = async (): Promise<void> => {
  await server.kill();
  server = await startChat(join(folder, "server.mjs"), environment(), Number(new URL(server.url).port));
};

const answerIn = (page: Page) => page.locator(".message.assistant").last();
const answer = async (page: Page): Promise<string> => (await answerIn(page).textContent()) ?? "";
const status = (page: Page) => page.locator(".status");
const words = (text: string): number => text.split(/\s+/).length;

/** Waits until the answer on a page has so many words. */
async function untilWords(page: Page, count: number): Promise<string> {
  await page.waitForFunction(
    (least) =>
      ([...document.querySelectorAll(".message.assistant")].at(-1)?.textContent ?? "").split(/\s+/).length >=
      least,
    count,
    { timeout: 30_000 },
  );
  return answer(page);
}

async function untilReady(page: Page): Promise<string> {
  await page.locator('.status[data-status="ready"]').waitFor({ timeout: 30_000 });
  return answer(page);
}

async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function openTab(chat: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  await page.goto(`${server.url}/?chat=${chat}`);
  return page;
}

const show = (page: Page, name: string) => page.screenshot({ path: join(pictures, `${name}.png`) });

/** How each answer has ended, as the stream says. */
async function endings(stream: S2Stream): Promise<string[]> {
  const reasons: string[] = [];
  for await (const { headers, body } of readAll(stream)) {
    if (headers._ai === "end") reasons.push((JSON.parse(body) as { reason: string }).reason);
  }
  return reasons;
}

const inBrowser = describe.skipIf(executablePath === undefined);

inBrowser.each(hasLite ? ["local", "s2-lite"] : ["local"])("the chat, in a browser, on %s", (name) => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ai-chat-"));
    pictures = name === "local" ? screenshots : join(screenshots, name);
    await mkdir(pictures, { recursive: true });
    await tell(Number.POSITIVE_INFINITY);
    await buildChat(folder, { fromSources: true });
    store = await (openStore[name] as () => Promise<Store>)();
    const { origin } = store;
    s2 = new S2({ accessToken: "ignored", endpoints: { account: origin, basin: origin } });
    await s2.basins.create({ basin: BASIN, config: { create_stream_on_append: true } });
    server = await startChat(join(folder, "server.mjs"), environment());
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.kill();
    await s2?.close();
    await store?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("completes an answer through a reload, a killed server and a second tab, each word once in both", async () => {
    await tell(30);
    const first = await openTab("survivor");
    await show(first, "1-empty");
    await ask(first, "What is a log?");
    await untilWords(first, 12);
    await first.reload();
    await untilWords(first, 20);
    await show(first, "2-after-reload");
    await tell(45);
    await restart();
    const second = await openTab("survivor");
    await untilWords(second, 35);
    await show(second, "3-second-tab-after-restart");
    await tell(Number.POSITIVE_INFINITY);
    const whole = storyWords("What is a log?").join("");
    for (const page of [first, second]) {
      // A page that was just loaded says "ready" before it resumes: its text is what shows that it is at the end.
      await expect.poll(() => answer(page), { timeout: 30_000 }).toBe(whole);
      expect(await untilReady(page)).toBe(whole);
    }
    expect(await first.locator(".message").count()).toBe(2);
    await expect.poll(printed).toMatch(/going on with \S+ behind \d+ chunks/);
    expect(await endings(s2.basin(BASIN).stream("chats/survivor"))).toEqual(["finished"]);
    await show(first, "4-complete");
    // What a page shows that is loaded afterwards is the same.
    await second.reload();
    await untilReady(second);
    expect(await answer(second)).toBe(whole);
  });

  it("stops an answer from another tab: its model call ends, and both tabs show the same", async () => {
    await tell(20);
    const first = await openTab("stopped");
    await ask(first, "Tell me everything");
    await untilWords(first, 10);
    const second = await openTab("stopped");
    await untilWords(second, 15);
    await second.getByRole("button", { name: "Stop" }).click();
    const texts = await Promise.all([untilReady(first), untilReady(second)]);
    const whole = storyWords("Tell me everything").join("");
    expect(texts[0]).toBe(texts[1]);
    expect(whole.startsWith(texts[0])).toBe(true);
    expect(words(texts[0])).toBeLessThan(words(whole));
    await expect.poll(printed).toContain("model call aborted");
    const stream = s2.basin(BASIN).stream("chats/stopped");
    expect(await endings(stream)).toEqual(["stopped"]);
    await expect.poll(printed).toMatch(/answer \S+ stopped/);
    await show(first, "5-stopped");
    await tell(Number.POSITIVE_INFINITY);
    // The conversation goes on behind it.
    await ask(first, "And now?");
    await first.getByText("You said: And now?").waitFor();
    expect(await untilReady(first)).toBe(storyWords("And now?").join(""));
    expect(await status(first).textContent()).toBe("Ready");
    await first.reload();
    await expect.poll(() => first.locator(".message").count(), { timeout: 30_000 }).toBe(4);
  });

  const key = process.env.AI_GATEWAY_API_KEY;
  it.skipIf(!key || name !== "local")(
    "shows the answer of a real model, when there is a key for one, and again after a reload",
    async () => {
      const { AI_MODEL } = process.env;
      const real = { AI_GATEWAY_API_KEY: key ?? "", ...(AI_MODEL === undefined ? {} : { AI_MODEL }) };
      await server.kill();
      server = await startChat(join(folder, "server.mjs"), { ...environment(), ...real });
      const page = await openTab("real");
      await ask(page, "What is a log, in five sentences?");
      await untilWords(page, 5);
      await page.reload();
      const stream = s2.basin(BASIN).stream("chats/real");
      await expect.poll(() => endings(stream), { timeout: 60_000 }).toEqual(["finished"]);
      await page.reload();
      expect(words(await untilWords(page, 20))).toBeGreaterThan(19);
    },
  );
});
