import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { S2, type S2Stream } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../../ai-chat/test/chromium.js";
import { buildPage } from "../build.mjs";
import type { Access } from "../src/access.js";
import { createTailApp } from "../src/tail-app.js";

const BASIN = "live-tail-basin";
const screenshots = fileURLToPath(new URL("../screenshots/", import.meta.url));

let folder: string;
let local: LocalServer;
let s2: S2;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "live-tail-"));
  await buildPage(folder, { fromSources: true });
  // Demands tokens, as the service does.
  local = await startLocal({ auth: { rootToken: "root" }, init: { basins: [{ name: BASIN }] } });
  s2 = new S2(local.clientOptions);
});
afterAll(async () => {
  await s2.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

async function newStream(): Promise<S2Stream> {
  const name = `tails/${crypto.randomUUID()}`;
  await s2.basin(BASIN).streams.create({ stream: name });
  return s2.basin(BASIN).stream(name);
}

const appOf = (stream: S2Stream) =>
  createTailApp({ s2, stream, endpoint: local.endpoints.basin, page: folder });

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ body: `reading ${from + index}` }));

describe("the access that a page gets", () => {
  it("reads its stream, and neither writes to it nor reads another", async () => {
    const stream = await newStream();
    const other = await newStream();
    await stream.append({ body: "for the page" });
    await other.append({ body: "for others" });
    const access = (await (await appOf(stream).request("/access")).json()) as Access;
    expect(access).toMatchObject({ basin: BASIN, stream: stream.name });
    const page = new S2({ accessToken: access.token, endpoints: local.endpoints });
    const read = (name: string) => page.basin(BASIN).stream(name).read({ seq_num: 0 });
    expect((await read(stream.name)).records[0]?.body).toBe("for the page");
    await expect(read(other.name)).rejects.toMatchObject({ status: 403 });
    const written = page.basin(BASIN).stream(stream.name).append({ body: "by the page" });
    await expect(written).rejects.toMatchObject({ status: 403 });
    await page.close();
  });
});

it("bundles a page without any module of Node", async () => {
  const text = await readFile(join(folder, "main.js"), "utf8");
  expect(text).not.toMatch(/["']node:/);
  expect(text).not.toContain("http2");
});

const executablePath = chromiumPath();
if (executablePath === undefined) {
  console.warn("SKIPPED: the live tail in a browser; no chromium is on the PATH (apt-get install chromium)");
}

describe.skipIf(executablePath === undefined)("the page, in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(screenshots, { recursive: true });
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  /** The stream in a page of its own. */
  async function openPage(stream: S2Stream, viewport = { width: 900, height: 640 }, app = appOf(stream)) {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
    await once(server, "listening");
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return {
      page,
      errors,
      async [Symbol.asyncDispose]() {
        await context.close();
        await new Promise((closed) => server.close(closed));
        expect(errors).toEqual([]);
      },
    };
  }

  /** The sequence numbers on the page, oldest first. */
  const shown = (page: Page): Promise<number[]> =>
    page
      .locator("#records tr")
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.seqNum)).reverse());
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  const shows = (page: Page, from: number, to: number) =>
    expect.poll(() => shown(page), { timeout: 30_000 }).toEqual(range(from, to));

  it("shows the last fifty records, then what comes, and keeps two hundred", async () => {
    const stream = await newStream();
    await stream.append(numbered(60));
    await using opened = await openPage(stream);
    const { page } = opened;
    await shows(page, 10, 60);
    await page.locator('#status[data-state="live"]').waitFor();
    await stream.append(numbered(5, 60));
    await shows(page, 10, 65);
    expect(await page.locator("#records tr").first().textContent()).toContain("reading 64");
    await page.screenshot({ path: join(screenshots, "1-live.png") });
    await stream.append(numbered(300, 65));
    await shows(page, 165, 365);
    expect(await page.locator("#summary").textContent()).toContain("355 records");
  });

  it("loses and repeats nothing when its connections are cut", async () => {
    const stream = await newStream();
    await stream.append(numbered(10));
    const fault = local.faults.add({
      on: { operation: "read", stream: stream.name, mode: "session", times: 4 },
      do: { kind: "cut", how: "destroy", after: 2 },
    });
    await using opened = await openPage(stream, { width: 390, height: 700 });
    const { page } = opened;
    for (let from = 10; from < 60; from += 10) {
      await stream.append(numbered(10, from));
      await shows(page, 0, from + 10);
    }
    await expect.poll(() => fault.hits, { timeout: 30_000 }).toBe(4);
    fault.remove();
    await stream.append(numbered(1, 60));
    await shows(page, 0, 61);
    await page.screenshot({ path: join(screenshots, "2-after-cuts-phone.png") });
  });

  it("is not called live while it has no connection", async () => {
    const stream = await newStream();
    const reads = { operation: "read", stream: stream.name, mode: "session" } as const;
    local.faults.add({ on: { ...reads, times: 1 }, do: { kind: "cut", how: "destroy", after: 2 } });
    const refused = local.faults.add({ on: { ...reads, nth: 2 }, do: { kind: "answer", status: 503 } });
    await using opened = await openPage(stream);
    const { page } = opened;
    await page.locator('#status[data-state="live"]').waitFor();
    await stream.append(numbered(1));
    await stream.append(numbered(1, 1));
    await expect.poll(() => refused.hits, { timeout: 30_000 }).toBeGreaterThan(0);
    await page.locator('#status[data-state="connecting"]').waitFor();
    refused.remove();
    await shows(page, 0, 2);
    await page.locator('#status[data-state="live"]').waitFor();
  });

  it("asks to be loaded again when its server has been started anew, and the stream has moved", async () => {
    const stream = await newStream();
    let endpoint = local.endpoints.basin;
    const options = { s2, stream, page: folder };
    const app = createTailApp({
      ...options,
      get endpoint() {
        return endpoint;
      },
    });
    const reads = { operation: "read", stream: stream.name, mode: "session" } as const;
    local.faults.add({ on: { ...reads, times: 1 }, do: { kind: "cut", how: "destroy", after: 2 } });
    const refused = local.faults.add({ on: { ...reads, nth: 2 }, do: { kind: "answer", status: 503 } });
    await using opened = await openPage(stream, undefined, app);
    const { page } = opened;
    await page.locator('#status[data-state="live"]').waitFor();
    endpoint = "http://127.0.0.1:9";
    await stream.append(numbered(1));
    await stream.append(numbered(1, 1));
    await page.locator('#status[data-state="failed"]').waitFor();
    expect(await page.locator("#status").textContent()).toBe("Moved");
    expect(await page.locator("#summary").textContent()).toContain("Load this page again.");
    await page.screenshot({ path: join(screenshots, "4-moved.png") });
    refused.remove();
  });

  it("says what is wrong when the stream is gone", async () => {
    const stream = await newStream();
    await s2.basin(BASIN).streams.delete({ stream: stream.name });
    await using opened = await openPage(stream);
    await opened.page.locator('#status[data-state="failed"]').waitFor();
    expect(await opened.page.locator("#status").textContent()).toBe("stream_not_found");
    await opened.page.screenshot({ path: join(screenshots, "3-gone.png") });
  });
});
