import { afterEach, describe, expect, it, vi } from "vitest";
import { version } from "../package.json";
import type * as streamstore from "../src/index.js";
import { type Bundle, bundle } from "./bundle.js";

/** A program that keeps everything a client can do. */
const PROGRAM = `export { S2 } from "@s2-dev/streamstore";`;
/**
 * Gzipped, in bytes; `packages/benchmarks/sizes.json` has the budgets. `all`: in one file, with all that is loaded on
 * demand; `first`: what a page loads at first. Workers also carry what their runtimes call failures of the network.
 */
const MOST_BYTES = {
  "a browser": { all: 39_500, first: 11_850 },
  "a worker": { all: 40_400, first: 12_700 },
} as const;

/** Sources are bundled, so that nothing has to be built first; `check:package` asks for what is published instead. */
const OF = process.env.BUNDLE_OF === "dist" ? [] : ["@s2-dev/source"];

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Loads a bundle and makes one call, answered by a `fetch` put in the runtime's place. */
async function callWith({ code }: Bundle): Promise<{ url: string; headers: Headers }> {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) =>
    Response.json({ basins: [], has_more: false }),
  );
  vi.stubGlobal("fetch", fetch);
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const { S2 } = (await import(/* @vite-ignore */ url)) as typeof streamstore;
  const s2 = new S2({ accessToken: "token" });
  expect(await s2.basins.list()).toEqual({ basins: [], has_more: false });
  const [first] = fetch.mock.calls;
  if (first === undefined) throw new Error("the runtime's fetch was not called");
  return { url: first[0], headers: new Headers(first[1].headers) };
}

describe.each([
  ["a browser", OF],
  ["a worker", [...OF, "workerd", "worker"]],
] as const)("a bundle for %s", (name, conditions) => {
  const made = bundle(PROGRAM, conditions);

  it("imports no module of Node, and nothing else either [D1-68, G-15]", async () => {
    const { imports, code } = await made;
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/["'`]node:(?!http2, which)/);
  });

  it("contains neither undici nor the s2s transport: it uses fetch [D1-68, D1-69]", async () => {
    const paths = (await made).inputs.map(([path]) => path);
    expect(paths.filter((path) => /undici|transport-s2s|\.node\.|node-runtime/.test(path))).toEqual([]);
    expect(
      paths.filter((path) =>
        /transport-fetch\/(src\/calls(\.browser)?\.ts|dist\/calls(\.browser)?\.js)$/.test(path),
      ),
    ).toHaveLength(1);
  });

  it("knows what other runtimes call their failures unless it is for a browser, which tells nothing", async () => {
    const isForBrowser = name === "a browser";
    expect((await made).code.includes("ECONNABORTED")).toBe(!isForBrowser);
  });

  it("calls the runtime's own fetch [D1-69]", async () => {
    const { url, headers } = await callWith(await made);
    expect(url).toBe("https://a.s2.dev/v1/basins");
    expect(headers.get("authorization")).toBe("Bearer token");
  });

  it("sends a user agent where a client may set one, as workers may and browsers may not [D1-66]", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    expect((await callWith(await made)).headers.get("user-agent")).toBe(`s2-sdk-typescript/${version}`);
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11)" });
    expect((await callWith(await made)).headers.has("user-agent")).toBe(false);
  });

  it("contains no schema and no test helper [H-25, D2-21]", async () => {
    const paths = (await made).inputs.map(([path]) => path);
    expect(paths.filter((path) => /zod|\/schemas\/|\/testing\/|fixture/.test(path))).toEqual([]);
  });

  it("contains nothing of observers, which nobody makes here", async () => {
    expect((await made).code).not.toMatch(/sessionOpened|batchAcked|batch acknowledged/);
    const watched = await bundle(
      `export { S2, createObserver, logEvents } from "@s2-dev/streamstore";`,
      conditions,
    );
    expect(watched.code).toMatch(/sessionOpened.*batch acknowledged|batch acknowledged.*sessionOpened/s);
  });

  it("contains nothing of the bridge for newer code, which imports the main entry and not the other way round", async () => {
    const paths = (await made).inputs.map(([path]) => path);
    expect(paths.filter((path) => /camel/.test(path))).toEqual([]);
  });

  it("logs nothing [D2-21]", async () => {
    expect((await made).code).not.toMatch(/\bconsole\b|\bdebugger\b/);
  });

  it("is small [G-15]", async () => {
    const { gzipBytes, inputs } = await made;
    const largest = inputs.slice(0, 5).map(([path, bytes]) => `${path} ${bytes}`);
    console.info(`${gzipBytes} bytes gzipped; the largest parts, minified: ${largest.join(", ")}`);
    expect(gzipBytes).toBeLessThan(MOST_BYTES[name].all);
  });

  it("loads at first what makes calls, and what carries sessions when one is opened [G-15]", async () => {
    const { gzipBytes, inputs, imports } = await bundle(PROGRAM, conditions, "outside");
    const sessions = /session\/(append|read)\/(driver|session)|read-link|append-link|append-input|sse|base64/;
    expect(inputs.filter(([path]) => sessions.test(path))).toEqual([]);
    expect(imports.filter((path) => /read|append/.test(path))).toHaveLength(3);
    expect(gzipBytes).toBeLessThan(MOST_BYTES[name].first);
  });

  it("loads nothing that appends in order to read, and nothing that reads in order to append", async () => {
    const pathsOf = async (part: string): Promise<string> => {
      const { inputs } = await bundle(`export * from "@s2-dev/streamstore/${part}";`, conditions, "outside");
      return inputs.map(([path]) => path).join("\n");
    };
    expect(await pathsOf("reading")).not.toMatch(/session\/append|append-link|append-input/);
    expect(await pathsOf("appending")).not.toMatch(/session\/read|read-link|sse|json-records|base64/);
  });
});
