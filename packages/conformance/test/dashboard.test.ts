import { randomUUID } from "node:crypto";
import { AppendRecord, S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findS2Lite, startS2Lite } from "../src/servers/s2-lite.js";
import { ensureBuilt, figure, findChromium, launch, open, seenRows, shoot } from "./dashboard/browser.js";

const chromium = findChromium();
if (chromium === undefined) {
  console.warn(
    "!! There is no Chromium: the tests of the dashboard are SKIPPED. Debian has it as `chromium`.",
  );
}
const STREAM = "checkout/events";
/** What a fast writer writes to a live view; more than it holds. */
const POURED = Math.max(150_000, Number(process.env.S2_DASHBOARD_RECORDS ?? 0));
/** A guard against hanging alone. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 30_000 });

describe.skipIf(chromium === undefined)("the dashboard", { timeout: 300_000 }, () => {
  let browser: Browser;
  let local: LocalServer;
  let s2: S2;
  beforeAll(async () => {
    ensureBuilt();
    [browser, local] = await Promise.all([launch(chromium ?? ""), startLocal({ admin: true })]);
    s2 = new S2(local.clientOptions);
  });
  afterAll(async () => {
    await browser.close();
    await s2.close();
    await local.close();
  });

  /** A stream of its own, in a basin of its own, and where the page shows it. */
  async function newStream(count = 0) {
    const basin = `page-${randomUUID().slice(0, 12)}`;
    await s2.basins.create({ basin });
    await s2.basin(basin).streams.create({ stream: STREAM });
    const stream = s2.basin(basin).stream(STREAM);
    const url = `${local.origin}/dashboard#/basins/${basin}/streams/${encodeURIComponent(STREAM)}`;
    const write = async (records: number): Promise<void> => {
      const session = await stream.appendSession({ maxInflightBatches: 8 });
      for (let sent = 0; sent < records; sent += 1000) {
        const batch = Array.from({ length: Math.min(1000, records - sent) }, (_, index) => ({
          body: `{"n":${sent + index},"kind":"${(sent + index) % 100 === 0 ? "rare" : "usual"}"}`,
        }));
        await session.submit(batch);
      }
      await session.close();
    };
    if (count > 0) await write(count);
    return { basin, stream, url, write };
  }

  const row = (page: Page, seqNum: number) => page.locator(`[data-seq="${seqNum}"]`);
  const isLive = (page: Page) => page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  const received = (page: Page, count: number) =>
    page.locator(`data[title="Received"][value="${count}"]`).waitFor({ timeout: 120_000 });

  test("creates, configures and deletes a basin and a stream", async () => {
    const basin = `made-${randomUUID().slice(0, 12)}`;
    await using opened = await open(browser, `${local.origin}/dashboard`);
    const { page } = opened;
    await page.getByRole("button", { name: "New basin" }).click();
    await page.getByLabel("Name", { exact: true }).fill(basin);
    await page.getByText("Configuration", { exact: true }).click();
    await page.getByLabel("Create streams when they are read").check();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: basin }).waitFor();
    expect(await s2.basins.getConfig({ basin })).toMatchObject({ create_stream_on_read: true });

    await page.getByRole("button", { name: "New stream" }).click();
    await page.getByLabel("Name", { exact: true }).fill("a/b c");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "a/b c" }).waitFor();
    await page.getByRole("link", { name: "Configuration" }).click();
    await page.getByLabel("Retention").fill("2d 6h");
    await page.getByRole("combobox", { name: "Timestamps", exact: true }).selectOption("arrival");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Configuration saved").waitFor();
    expect(await s2.basin(basin).streams.getConfig({ stream: "a/b c" })).toMatchObject({
      retention_policy: { age: 194_400 },
      timestamping: { mode: "arrival" },
    });

    await page.getByRole("link", { name: basin }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete stream" }).click();
    await page.getByText("There are no streams yet.").waitFor();
    await page.getByRole("link", { name: "Basins", exact: true }).first().click();
    await page.getByRole("searchbox").fill(basin);
    await page.getByRole("row", { name: basin }).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete basin" }).click();
    await page.getByText(`${basin} deleted`).waitFor();
    const { basins } = await s2.basins.list({ prefix: basin });
    expect(basins.filter(({ state }) => state === "active")).toEqual([]);
  });

  test("appends by hand and from a file, and shows what it read back", async () => {
    const { stream, url } = await newStream();
    await using opened = await open(browser, url);
    const { page } = opened;
    await page.getByRole("button", { name: "Append" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Body").fill('{"hello":"world"}');
    await dialog.getByLabel("Headers").fill("content-type: application/json\nregion: eu");
    await dialog.getByRole("button", { name: "Append" }).click();
    await dialog.getByText("Appended as #0").waitFor();
    await dialog.getByLabel("What").selectOption("fence");
    await dialog.getByLabel("Fencing token").first().fill("me");
    await dialog.getByRole("button", { name: "Append" }).click();
    await dialog.getByText("Appended as #1").waitFor();
    await dialog.getByText("From a file").click();
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n");
    await dialog
      .getByLabel("File", { exact: true })
      .setInputFiles({ name: "x.txt", mimeType: "text/plain", buffer: Buffer.from(lines) });
    await dialog.getByRole("button", { name: "Append" }).click();
    await dialog.getByText("5,000 records appended").waitFor();
    await page.keyboard.press("Escape");
    await received(page, 5002);
    expect((await stream.checkTail()).tail.seq_num).toBe(5002);
    const { records } = await stream.read({ seq_num: 0, count: 3 });
    expect(records.map(({ body, headerList }) => [body, headerList])).toEqual([
      [
        '{"hello":"world"}',
        [
          ["content-type", "application/json"],
          ["region", "eu"],
        ],
      ],
      ["me", [["", "fence"]]],
      ["line 0", []],
    ]);
  });

  test("shows commands as what they are, and bodies as text, JSON and bytes", async () => {
    const { stream, url } = await newStream();
    await stream.append([
      { body: '{"a":[1,2]}', headers: { kind: "json" } },
      AppendRecord.fence("owner-1"),
      AppendRecord.trim(0),
      { body: Uint8Array.of(0, 255, 65) },
    ]);
    await using opened = await open(browser, url);
    const { page } = opened;
    await soon(() => row(page, 1).textContent()).toContain("fencetoken owner-1");
    expect(await row(page, 2).textContent()).toContain("trimrecords before #0");
    expect(await row(page, 3).textContent()).toContain("00 ff 41");
    await row(page, 0).click();
    const details = page.getByRole("complementary", { name: "Record 0" });
    await details.getByRole("row", { name: "kind json" }).waitFor();
    await page.getByText("JSON", { exact: true }).click();
    expect(await details.locator("pre").textContent()).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
    await page.getByText("Hex", { exact: true }).click();
    expect(await details.locator("pre").textContent()).toContain("7b 22 61 22 3a 5b 31 2c  32 5d 7d");
    await row(page, 2).click();
    await page.getByText("drops the records before #0").waitFor();
  });

  test("keeps up with a fast writer, misses nothing, and renders only what can be seen", async () => {
    const { url, write } = await newStream();
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    const began = performance.now();
    await write(POURED);
    const written = performance.now() - began;
    await received(page, POURED);
    const shown = performance.now() - began;
    const rates = [written, shown].map((millis) => Math.round((1000 * POURED) / millis));
    console.log(
      `${POURED} records: ${rates[0]} a second written, ${rates[1]} a second received by the live view`,
    );
    await isLive(page);
    expect(await page.locator('data[title="Missing"]').count()).toBe(0);
    expect(await figure(page, "Last sequence number")).toBe(POURED - 1);
    expect(await figure(page, "Held")).toBe(100_000);
    const seen = await seenRows(page);
    expect(seen.at(-1)).toBe(POURED - 1);
    expect(seen).toEqual(seen.map((_, index) => POURED - seen.length + index));
    expect(await page.locator("[data-seq]").count()).toBeLessThan(100);
  });

  test("keeps its place while records come, and finds the tail again", async () => {
    const { url, write } = await newStream(3000);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    await page.locator(".scroller").hover();
    await page.mouse.wheel(0, -1000);
    await page.getByRole("button", { name: "↓ To the tail" }).waitFor();
    const before = await seenRows(page);
    expect(before.at(-1)).toBeLessThan(2999);
    await write(60_000);
    await page.locator('data[title="Last sequence number"][value="62999"]').waitFor({ timeout: 120_000 });
    expect(await seenRows(page)).toEqual(before);
    await page.getByRole("button", { name: "↓ To the tail" }).click();
    await soon(async () => (await seenRows(page)).at(-1)).toBe(62_999);
  });

  test("reads what came before when one scrolls up, down to the first record", async () => {
    const { url } = await newStream(3000);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    const list = page.getByRole("listbox");
    await soon(async () => {
      await list.evaluate((element) => {
        element.scrollTop = 0;
      });
      return (await seenRows(page))[0];
    }).toBe(0);
    const seen = await seenRows(page);
    expect(seen).toEqual(seen.map((_, index) => index));
  });

  test("stands still while it is paused, and then goes on where it was", async () => {
    const { url, write } = await newStream(100);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").filter({ hasText: "Paused" }).waitFor();
    await write(30_000);
    expect(await figure(page, "Received")).toBe(100);
    expect((await seenRows(page)).at(-1)).toBe(99);
    expect(page.url()).toContain("paused=1");
    await page.getByRole("button", { name: "Go on" }).click();
    await received(page, 30_100);
    expect((await seenRows(page)).at(-1)).toBe(30_099);
    expect(await page.locator('data[title="Missing"]').count()).toBe(0);
  });

  test("goes to a sequence number, a time and the tail", async () => {
    const { stream, url } = await newStream(5000);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    const place = page.getByLabel("Go to a sequence number or a time");
    await place.fill("1,234");
    await place.press("Enter");
    await soon(async () => (await seenRows(page))[0]).toBe(1234);
    expect(page.url()).toContain("seq=1234");
    const { records } = await stream.read({ seq_num: 2500, count: 1 });
    const time = records[0]?.timestamp ?? 0;
    const [first] = (await stream.read({ timestamp: time, count: 1 })).records;
    await place.fill(`@${time}`);
    await place.press("Enter");
    await soon(async () => (await seenRows(page))[0]).toBe(first?.seq_num);
    await place.fill("tail");
    await place.press("Enter");
    await soon(async () => (await seenRows(page)).at(-1)).toBe(4999);
    await page.goBack();
    await page.goBack();
    await soon(async () => (await seenRows(page))[0]).toBe(1234);
  });

  test("goes to a sequence number while records pour in, and stays there", async () => {
    const { url, write } = await newStream(500);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    const writing = write(40_000);
    const place = page.getByLabel("Go to a sequence number or a time");
    for (const wanted of [100, 300, 200]) {
      await place.fill("tail");
      await place.press("Enter");
      await place.fill(String(wanted));
      await place.press("Enter");
      await soon(async () => (await seenRows(page))[0]).toBe(wanted);
    }
    await writing;
    await page.locator('data[title="Last sequence number"][value="40499"]').waitFor();
    expect((await seenRows(page))[0]).toBe(200);
  });

  test("filters what was held and what comes, and shows everything again without it", async () => {
    const { url, write } = await newStream(1000);
    await using opened = await open(browser, `${url}?seq=0`);
    const { page } = opened;
    await received(page, 1000);
    await page.getByLabel("Filter").fill('rare -/"n":0,/');
    await soon(() => seenRows(page)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
    await write(1000);
    await soon(async () => (await seenRows(page)).at(-1)).toBe(1900);
    await page.getByLabel("Filter").fill("is:nothing");
    await page.getByRole("alert").filter({ hasText: "is:nothing is not known" }).waitFor();
    await page.getByLabel("Filter").fill("");
    await soon(async () => (await seenRows(page)).slice(0, 3)).toEqual([0, 1, 2]);
  });

  test("an address leads somebody else to the same record, in the same form", async () => {
    const { url } = await newStream(2000);
    await using opened = await open(browser, url);
    const { page } = opened;
    await isLive(page);
    await row(page, 1990).click();
    await page.getByText("Hex", { exact: true }).click();
    await page.waitForURL(/record=1990/);
    await using other = await open(browser, page.url());
    const details = other.page.getByRole("complementary", { name: "Record 1990" });
    expect(await details.locator("pre").textContent()).toBe(
      await page.getByRole("complementary").locator("pre").textContent(),
    );
    expect(await row(other.page, 1990).getAttribute("aria-selected")).toBe("true");
  });

  test("is usable by keyboard alone", async () => {
    const { basin, url, write } = await newStream(500);
    await using opened = await open(browser, `${local.origin}/dashboard#/basins/${basin}`);
    const { page } = opened;
    await page.getByRole("link", { name: STREAM }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let steps = 0; (await focused()) !== STREAM && steps < 30; steps++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(url);
    await isLive(page);
    await page.keyboard.press("a");
    await page.getByLabel("Body", { exact: true }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type("typed");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Appended as #500").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.type("100");
    await page.keyboard.press("Enter");
    await soon(async () => (await seenRows(page))[0]).toBe(100);
    // What comes before is read by and by; Home goes to the first record that is held.
    await soon(() => figure(page, "Held")).toBe(501);
    await page.getByRole("listbox").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.getByRole("complementary", { name: "Record 1", exact: true }).waitFor();
    await page.keyboard.press("PageDown");
    await soon(async () => Number(/record=(\d+)/.exec(page.url())?.[1])).toBeGreaterThan(10);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.keyboard.press("End");
    await soon(async () => (await seenRows(page)).at(-1)).toBe(500);
    await page.keyboard.press("Space");
    await page.getByRole("status").filter({ hasText: "Paused" }).waitFor();
    await write(10);
    await page.keyboard.press("Space");
    await soon(async () => (await seenRows(page)).at(-1)).toBe(510);
    await page.keyboard.press("/");
    await page.keyboard.type("typed");
    await page.waitForURL(/q=typed/);
    await soon(() => seenRows(page)).toEqual([500]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  });

  test("switches faults on and off", async () => {
    await using server = await startLocal({ admin: true });
    await using opened = await open(browser, `${server.origin}/dashboard#/faults`);
    const { page } = opened;
    const fault = page.getByRole("switch", { name: "Throttle appends with 429" });
    await fault.check();
    await soon(() => server.faults.list().map(({ rule }) => rule.do)).toEqual([
      { kind: "answer", status: 429, code: "rate_limited" },
    ]);
    await fetch(`${server.origin}/v1/streams/s/records`, {
      method: "POST",
      headers: { "s2-basin": "some-basin" },
    });
    await page.getByText("1 hit").waitFor();
    await fault.uncheck();
    await soon(() => server.faults.list()).toHaveLength(0);
    await page.getByLabel("Another rule, as JSON").fill('{"on":{"operation":"read"},"do":{"kind":"stall"}}');
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("read → stall").waitFor();
    await page.getByRole("button", { name: "Remove" }).click();
    await soon(() => server.faults.list()).toHaveLength(0);
  });

  test("says so where faults cannot be switched", async () => {
    await using server = await startLocal();
    await using opened = await open(browser, `${server.origin}/dashboard#/faults`);
    await opened.page.getByText("lets nobody switch its faults").waitFor();
    // The browser tells of every answer that is no success.
    expect(opened.complaints.splice(0)).toEqual([expect.stringContaining("404")]);
  });

  test("asks for a token where one is needed, keeps it out of the address, and issues and revokes others", async () => {
    await using server = await startLocal({ auth: { rootToken: "root-secret" } });
    await using opened = await open(browser, `${server.origin}/dashboard#/tokens`);
    const { page, complaints } = opened;
    await page.getByRole("button", { name: "Enter a token" }).click();
    complaints.splice(0);
    await page.getByLabel("Access token").fill("root-secret");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("No token has been issued.").waitFor();
    expect(page.url()).not.toContain("root-secret");

    await page.getByRole("button", { name: "Issue a token" }).click();
    await page.getByLabel("Id", { exact: true }).fill("reader");
    await page.getByLabel("account · read").uncheck();
    await page.getByLabel("And these operations").fill("list-basins");
    await page.getByRole("button", { name: "Issue", exact: true }).click();
    const secret = (await page.locator("code.secret").textContent()) ?? "";
    await page.getByRole("button", { name: "Done" }).click();
    await page
      .getByRole("cell", { name: "all basins · all streams · basin read · stream read · list-basins" })
      .waitFor();
    await using issued = new S2({ accessToken: secret, endpoints: server.endpoints });
    expect((await issued.basins.list()).basins).toEqual([]);
    await expect(issued.basins.create({ basin: "not-allowed" })).rejects.toMatchObject({ status: 403 });

    await page.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Revoke token" }).click();
    await page.getByText("No token has been issued.").waitFor();
    await expect(issued.basins.list()).rejects.toMatchObject({ status: 401 });
  });

  test("plots metrics and rates", async () => {
    const { basin, url, write } = await newStream(2000);
    await using opened = await open(browser, `${local.origin}/dashboard#/basins/${basin}?tab=metrics`);
    const { page } = opened;
    await page.getByRole("region", { name: "Append throughput" }).locator("canvas").waitFor();
    await page.getByRole("region", { name: "Storage" }).locator("canvas").waitFor();
    await page.goto(url);
    await isLive(page);
    await page.getByRole("button", { name: "Rates" }).click();
    await page.getByRole("figure").filter({ hasText: "Records a second" }).locator("canvas").waitFor();
    await write(1000);
    await received(page, 1200);
  });

  test("looks at another server, and connects nowhere else", async () => {
    await using other = await startLocal({
      auth: { rootToken: "other-secret" },
      init: { basins: [{ name: "far-away" }] },
    });
    await using opened = await open(browser, `${local.origin}/dashboard`);
    const { page } = opened;
    await page.getByRole("button", { name: "this server" }).click();
    await page.getByLabel("Account endpoint").fill(other.origin);
    await page.getByLabel("Basin endpoint").fill(other.origin);
    await page.getByLabel("Access token").fill("other-secret");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("link", { name: "far-away" }).click();
    await page.getByText("There are no streams yet.").waitFor();
    expect(page.url()).toContain(encodeURIComponent(other.origin));
    expect(page.url()).not.toContain("other-secret");
    const refused = await page.evaluate(
      (url) =>
        fetch(url).then(
          () => "reached",
          () => "refused",
        ),
      "http://127.0.0.1:9/",
    );
    expect(refused).toBe("refused");
    expect(opened.complaints.splice(0).join()).toContain("Content Security Policy");
  });

  const lite = findS2Lite();
  if (lite === undefined) console.warn("!! There is no s2-lite: the dashboard's test against it is SKIPPED.");
  test.skipIf(lite === undefined)("works with s2-lite, which lacks some of it", async () => {
    const server = await startS2Lite(lite ?? "");
    try {
      const { origin } = server;
      await using other = new S2({ accessToken: "any", endpoints: { account: origin, basin: origin } });
      await other.basins.create({ basin: "lite-basin", config: { create_stream_on_append: true } });
      await other
        .basin("lite-basin")
        .stream("s")
        .append([{ body: "from lite" }, AppendRecord.trim(1)]);
      const query = `?account=${encodeURIComponent(origin)}`;
      await using opened = await open(
        browser,
        `${local.origin}/dashboard${query}#/basins/lite-basin/streams/s`,
      );
      const { page, complaints } = opened;
      await soon(() => row(page, 1).textContent()).toContain("records before #1");
      await page.goto(`${local.origin}/dashboard${query}#/tokens`);
      await page.getByRole("alert").waitFor();
      expect(complaints.splice(0).every((text) => text.includes("501"))).toBe(true);
    } finally {
      await server.stop();
    }
  });

  describe("looks well", () => {
    const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 780 } } as const;
    test.each(
      Object.keys(SIZES).flatMap((size) =>
        (["light", "dark"] as const).map((scheme) => [size, scheme] as const),
      ),
    )("on a %s, in %s colours: nothing is wider than the page", async (size, scheme) => {
      const { basin, stream, url } = await newStream(2000);
      await stream.append([
        { body: '{"order":1,"paid":true}', headers: { region: "eu" } },
        AppendRecord.fence("w-1"),
      ]);
      const viewport = SIZES[size as keyof typeof SIZES];
      await using opened = await open(browser, url, { viewport, colorScheme: scheme });
      const { page } = opened;
      const start = `${local.origin}/dashboard`;
      const places: [name: string, url: string, there: () => Promise<void>][] = [
        ["stream", url, () => isLive(page)],
        ["record", `${url}?record=2000&view=json`, () => page.locator(".details pre").waitFor()],
        ["basins", `${start}#/basins`, () => page.getByRole("link", { name: basin }).waitFor()],
        ["basin", `${start}#/basins/${basin}`, () => page.getByRole("link", { name: STREAM }).waitFor()],
        ["config", `${start}#/basins/${basin}?tab=config`, () => page.getByLabel("Retention").waitFor()],
        ["metrics", `${start}#/basins/${basin}?tab=metrics`, () => page.locator("canvas").first().waitFor()],
        ["tokens", `${start}#/tokens`, () => page.getByText("No token has been issued.").waitFor()],
        ["faults", `${start}#/faults`, () => page.getByRole("switch").first().waitFor()],
      ];
      for (const [name, address, there] of places) {
        await page.goto(address);
        await there();
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
          viewport.width,
        );
        await shoot(page, `${name}-${size}-${scheme}`);
      }
      await page.goto(url);
      await isLive(page);
      await page.keyboard.press("a");
      await page.getByRole("dialog").waitFor();
      await shoot(page, `append-${size}-${scheme}`);
    });
  });
});
