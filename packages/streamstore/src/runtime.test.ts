import { S2Error } from "@s2-dev/streamstore-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { version } from "../package.json";
import { S2 } from "./index.js";
import { S2 as NodeS2 } from "./index.node.js";
import type { S2ClientOptions } from "./options.js";
import { whyUnfit } from "./runtime.node.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs a call with a `fetch` that answers 403, and gives what `fetch` was called with. */
async function fetchedBy(
  make: (fetch: (url: string, init: RequestInit) => Promise<Response>) => {
    basins: { list(): Promise<unknown> };
  },
): Promise<{ url: string; headers: Headers }> {
  const calls: [string, RequestInit][] = [];
  const client = make(async (url, init) => {
    calls.push([url, init]);
    return new Response(JSON.stringify({ code: "permission_denied", message: "no" }), { status: 403 });
  });
  await expect(client.basins.list()).rejects.toThrow(S2Error);
  const [url, init] = calls[0] as [string, RequestInit];
  return { url, headers: new Headers(init.headers) };
}

describe("the entry for browsers and workers", () => {
  it("refuses s2s where it is asked for, with a reason and a way out [D1-69, D1-60]", () => {
    const stream = () =>
      new S2({ accessToken: "token" }).basin("test-basin").stream("s", { forceTransport: "s2s" });
    expect(stream).toThrow(expect.objectContaining({ code: "UNSUPPORTED", sideEffect: "none" }));
    expect(stream).toThrow(/node:http2.*use "fetch"/);
  });

  it("looks at no environment", () => {
    vi.stubEnv("S2_ACCESS_TOKEN", "token");
    expect(() => new S2()).toThrow("accessToken is missing");
  });

  it("refuses options that it could not heed, and a logger, which every page would pay for", () => {
    expect(() => new S2({ accessToken: "token", connect: { ca: "certificate" } })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED" }),
    );
    expect(() => new S2({ accessToken: "token", http2: { connectionWindowSize: 100_000 } })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED", message: expect.stringContaining("http2") }),
    );
    expect(() => new S2({ accessToken: "token", logger: console })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED", message: expect.stringContaining("logger") }),
    );
  });

  it("compresses with what the runtime has, and refuses what it lacks when the client is made [H-20]", async () => {
    expect(() => new S2({ accessToken: "token", compression: "zstd" })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED", message: expect.stringContaining("zstd") }),
    );
    const { headers } = await fetchedBy((fetch) => {
      const { basins } = new S2({ accessToken: "token", fetch, compression: "gzip" });
      const config = { default_stream_config: { storage_class: "x".repeat(2000) } };
      return { basins: { list: () => basins.create({ basin: "new-basin", config }) } };
    });
    expect(headers.get("content-encoding")).toBe("gzip");
  });
});

describe("the entry for Node, Bun and Deno", () => {
  it("takes token and endpoints from the environment", async () => {
    vi.stubEnv("S2_ACCESS_TOKEN", "from-environment");
    vi.stubEnv("S2_ACCOUNT_ENDPOINT", "http://localhost:1");
    vi.stubEnv("S2_BASIN_ENDPOINT", "http://localhost:1");
    const { url, headers } = await fetchedBy((fetch) => new NodeS2({ fetch }));
    expect(url).toBe("http://localhost:1/v1/basins");
    expect(headers.get("authorization")).toBe("Bearer from-environment");
  });

  it.each<[string, S2ClientOptions, RegExp]>([
    [
      "a window that is too small",
      { http2: { initialStreamWindowSize: 65_534 } },
      /initialStreamWindowSize.*65535.*65534/,
    ],
    [
      "a window that is too large",
      { http2: { connectionWindowSize: 2 ** 31 } },
      /connectionWindowSize.*2147483647/,
    ],
    [
      "more streams than a connection takes",
      { http2: { maxStreamsPerConnection: 101 } },
      /maxStreamsPerConnection.*100/,
    ],
    ["no options for HTTP/2", { http2: 5 as never }, /http2 must be an object/],
    ["an unknown compression", { compression: "br" as never }, /compression.*"none", "gzip" or "zstd".*"br"/],
  ])("refuses %s when the client is made [H-20]", (_, options, message) => {
    expect(() => new NodeS2({ accessToken: "token", ...options })).toThrow(message);
  });

  it("sends its name and version as user agent [D1-66]", async () => {
    const { headers } = await fetchedBy((fetch) => new NodeS2({ accessToken: "token", fetch }));
    expect(headers.get("user-agent")).toBe(`s2-sdk-typescript/${version}`);
  });

  it("takes options for connections", async () => {
    const s2 = new NodeS2({
      accessToken: "token",
      connect: { ca: "certificate" },
      connectionTimeoutMillis: 500,
    });
    s2.basin("test-basin").stream("s", { forceTransport: "fetch" });
    s2.basin("test-basin").stream("s", { forceTransport: "s2s" });
    await s2.close();
  });

  it.each(["proxy.test:3128", "socks5://me:secret@proxy.test", "", 3128])(
    "refuses what is no URL of an HTTP proxy, and keeps what may be a password to itself: %s",
    (proxy) => {
      const make = () => new NodeS2({ accessToken: "token", connect: { proxy: proxy as string } });
      expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", sideEffect: "none" }));
      expect(make).toThrow(/^connect\.proxy must be an http: or https: URL; got (another text|3128)$/);
    },
  );

  it("refuses a proxy's user name or password that is not percent-encoded, without telling it", () => {
    const make = () => new NodeS2({ accessToken: "token", connect: { proxy: "http://me:100%@proxy.test" } });
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", sideEffect: "none" }));
    expect(make).toThrow(/^connect\.proxy must have its user name and password percent-encoded$/);
  });

  it.each([
    [{ node: "20.19.0" }, undefined],
    [{ node: "22.0.0", bun: "1.3.11" }, undefined],
    [{ node: "22.0.0", bun: "1.10.0" }, undefined],
    [{ node: "22.0.0", bun: "1.3.10" }, /Bun 1.3.11 or newer; this is 1.3.10/],
    [{ node: "22.0.0", bun: "1.2.30" }, /Bun 1.3.11/],
    [{ node: "22.0.0", deno: "2.7.5" }, undefined],
    [{ node: "22.0.0", deno: "2.7.4+abc" }, /Deno 2.7.5 or newer/],
    [{ node: "22.0.0", deno: "1.46.0" }, /Deno 2.7.5/],
  ])("looks at versions alone to tell whether s2s works: %o", (versions: Record<string, string>, reason) => {
    const given = whyUnfit(versions);
    if (reason === undefined) expect(given).toBeUndefined();
    else expect(given).toMatch(reason);
  });
});
