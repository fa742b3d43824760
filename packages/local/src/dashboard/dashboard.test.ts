import { afterAll, beforeAll, expect, test } from "vitest";
import type { Exchange } from "../http/exchange.js";
import { type LocalServer, startLocal } from "../index.js";
import { createDashboard } from "./dashboard.js";
import type { PageFiles } from "./files.js";

const PAGE = "<!doctype html><title>page</title>";
const files: PageFiles = new Map([
  ["index.html", { type: "text/html; charset=utf-8", body: Buffer.from(PAGE) }],
  ["index-AB12.js", { type: "text/javascript; charset=utf-8", body: Buffer.from("x".repeat(10_000)) }],
]);

interface Answered {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string | undefined;
}

async function ask(
  serve: (exchange: Exchange) => Promise<void>,
  path: string,
  { method = "GET", query = "", headers = {} } = {},
): Promise<Answered> {
  const answered: Answered = {};
  const send: Exchange["send"] = (status, sent, body) =>
    Object.assign(answered, { status, headers: sent, body });
  await serve({ method, path, query, headers, send } as Exchange);
  return answered;
}

test("serves the page under a policy that lets it connect to what its address names", async () => {
  const serve = createDashboard(async () => files);
  const { status, headers, body } = await ask(serve, "/dashboard", { query: "account=https://a.s2.dev/v1" });
  expect(status).toBe(200);
  expect(String(body)).toBe(PAGE);
  expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
  expect(headers?.["content-security-policy"]).toContain("connect-src 'self' https://a.s2.dev;");
});

test("serves the page's files for good, compressed for who takes that", async () => {
  const serve = createDashboard(async () => files);
  const { status, headers } = await ask(serve, "/dashboard/index-AB12.js", {
    headers: { "accept-encoding": "gzip" },
  });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ "content-encoding": "gzip", "x-content-type-options": "nosniff" });
  expect(headers?.["cache-control"]).toContain("immutable");
});

test("leads to the path that the page's files are relative to", async () => {
  const serve = createDashboard(async () => files);
  const { status, headers } = await ask(serve, "/dashboard/", { query: "account=x" });
  expect([status, headers?.location]).toEqual([308, "/dashboard?account=x"]);
});

test.each(["/dashboard/nope.js", "/dashboard/../package.json", "/dashboard/a/b"])(
  "has nothing else: %s",
  async (path) => {
    expect(
      (
        await ask(
          createDashboard(async () => files),
          path,
        )
      ).status,
    ).toBe(404);
  },
);

test("says how to build the page where that has not been done, and looks again", async () => {
  const found: (PageFiles | undefined)[] = [undefined, files];
  const serve = createDashboard(async () => found.shift());
  const { status, body } = await ask(serve, "/dashboard");
  expect([status, String(body)]).toEqual([404, expect.stringContaining("not been built")]);
  expect((await ask(serve, "/dashboard")).status).toBe(200);
});

let local: LocalServer;
let without: LocalServer;
beforeAll(async () => {
  [local, without] = await Promise.all([
    startLocal({ auth: { rootToken: "secret" } }),
    startLocal({ dashboard: false }),
  ]);
});
afterAll(() => Promise.all([local.close(), without.close()]));

test("is there by default, and needs no token", async () => {
  const answer = await fetch(`${local.origin}/dashboard`, { method: "POST" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET,HEAD"]);
});

test("is left out when told so", async () => {
  expect((await fetch(`${without.origin}/dashboard`, { method: "POST" })).status).toBe(404);
});
