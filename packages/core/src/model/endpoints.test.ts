import { describe, expect, it } from "vitest";
import { type EndpointOptions, resolveEndpoints } from "./endpoints.js";

const both = (account: string, basin: string): EndpointOptions => ({ endpoints: { account, basin } });
const unchecked = (options: Record<string, unknown>): EndpointOptions => options as EndpointOptions;

describe("endpoints", () => {
  it("are those of the hosted service by default, which needs no basin header", () => {
    const endpoints = resolveEndpoints();
    expect(endpoints.accountBaseUrl).toBe("https://a.s2.dev/v1");
    expect(endpoints.basinBaseUrl("my-basin")).toBe("https://my-basin.b.s2.dev/v1");
    expect(endpoints.sendBasinHeader).toBe(false);
  });

  it.each([
    ["example.test", "https://example.test/v1"],
    ["example.test:8080", "https://example.test:8080/v1"],
    ["localhost:8080", "https://localhost:8080/v1"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"],
    ["http://[::1]:8080/", "http://[::1]:8080/v1"],
    ["https://example.test/s2/v2/", "https://example.test/s2/v2"],
    ["example.test/v1", "https://example.test/v1"],
    ["HTTPS://Example.Test:443", "https://example.test/v1"],
    ["  http://example.test ", "http://example.test/v1"],
  ])("take %s for %s", (given, url) => {
    const endpoints = resolveEndpoints(both(given, given));
    expect(endpoints.accountBaseUrl).toBe(url);
    expect(endpoints.basinBaseUrl("my-basin")).toBe(url);
  });

  it.each([
    ["{basin}.example.test:81", "https://my-basin.example.test:81/v1"],
    ["http://example.test/{basin}/v1", "http://example.test/my-basin/v1"],
    ["http://{basin}.example.test/of/{basin}", "http://my-basin.example.test/of/my-basin"],
  ])("put the basin's name into %s", (template, url) => {
    expect(resolveEndpoints(both("example.test", template)).basinBaseUrl("my-basin")).toBe(url);
  });

  it("may be given by the older options", () => {
    const endpoints = resolveEndpoints({
      baseUrl: "http://127.0.0.1:80/v1",
      makeBasinBaseUrl: (basin) => `http://127.0.0.1:8080/${basin}/v1`,
    });
    expect(endpoints.accountBaseUrl).toBe("http://127.0.0.1/v1");
    expect(endpoints.basinBaseUrl("my-basin")).toBe("http://127.0.0.1:8080/my-basin/v1");
  });

  it("may be given by the environment, where an empty variable counts as none", () => {
    const environment = {
      S2_ACCOUNT_ENDPOINT: "http://127.0.0.1:1",
      S2_BASIN_ENDPOINT: "http://127.0.0.1:2",
    };
    expect(resolveEndpoints({}, environment).accountBaseUrl).toBe("http://127.0.0.1:1/v1");
    expect(resolveEndpoints({}, environment).basinBaseUrl("my-basin")).toBe("http://127.0.0.1:2/v1");
    const empty = { S2_ACCOUNT_ENDPOINT: "", S2_BASIN_ENDPOINT: "" };
    expect(resolveEndpoints({}, empty).accountBaseUrl).toBe("https://a.s2.dev/v1");
  });

  it("given by option win over the environment", () => {
    const environment = { S2_ACCOUNT_ENDPOINT: "http://env.test", S2_BASIN_ENDPOINT: "http://env.test" };
    const endpoints = resolveEndpoints(both("http://option.test", "http://option.test"), environment);
    expect(endpoints.accountBaseUrl).toBe("http://option.test/v1");
    expect(endpoints.basinBaseUrl("my-basin")).toBe("http://option.test/v1");
  });

  it("name the basin in a header whenever a basin endpoint was configured, however it was", () => {
    const configured: [EndpointOptions, Record<string, string>][] = [
      [both("a.test", "{basin}.b.test"), {}],
      [{ baseUrl: "http://a.test", makeBasinBaseUrl: (basin) => `http://${basin}.b.test` }, {}],
      [{ baseUrl: "http://a.test", endpoints: { basin: "b.test" } }, {}],
      [{}, { S2_ACCOUNT_ENDPOINT: "a.test", S2_BASIN_ENDPOINT: "b.test" }],
    ];
    for (const [options, environment] of configured) {
      expect(resolveEndpoints(options, environment).sendBasinHeader).toBe(true);
    }
  });

  it.each<[EndpointOptions, Record<string, string>, string]>([
    [
      { endpoints: { account: "a.test" } },
      {},
      "endpoints.account configures one endpoint only: the basin endpoint",
    ],
    [
      { endpoints: { basin: "b.test" } },
      {},
      "endpoints.basin configures one endpoint only: the account endpoint",
    ],
    [{ baseUrl: "http://a.test" }, {}, "baseUrl configures one endpoint only"],
    [{ makeBasinBaseUrl: () => "http://b.test" }, {}, "makeBasinBaseUrl configures one endpoint only"],
    [{}, { S2_ACCOUNT_ENDPOINT: "a.test" }, "S2_ACCOUNT_ENDPOINT configures one endpoint only"],
    [{}, { S2_BASIN_ENDPOINT: "b.test" }, "S2_BASIN_ENDPOINT configures one endpoint only"],
    // The other half of a pair never comes from somewhere else.
    [
      { baseUrl: "http://a.test" },
      { S2_ACCOUNT_ENDPOINT: "x.test", S2_BASIN_ENDPOINT: "y.test" },
      "baseUrl configures",
    ],
  ])("are refused when only one is configured: %j %j", (options, environment, message) => {
    expect(() => resolveEndpoints(options, environment)).toThrow(message);
  });

  it.each([
    ["http://example.test/v1?x=1", "no query and no fragment"],
    ["http://example.test/v1?", "no query and no fragment"],
    ["http://example.test/v1#top", "no query and no fragment"],
    ["example.test#", "no query and no fragment"],
    ["ftp://example.test", "scheme https or http"],
    ["file:///v1", "scheme https or http"],
    ["http://", "a host, host:port or URL"],
    ["two words", "a host, host:port or URL"],
    ["example.test:port", "a host, host:port or URL"],
    ["mailto:someone", "a host, host:port or URL"],
    ["", "a host, host:port or URL"],
  ])("are refused when one is %j", (given, rule) => {
    expect(() => resolveEndpoints(both(given, "b.test"))).toThrow(
      new RegExp(`^endpoints\\.account must (?:be|have) ${rule}; got "${given.replace(/[?]/g, "\\?")}"$`),
    );
    expect(() => resolveEndpoints(both("a.test", given))).toThrow("endpoints.basin must");
    expect(() =>
      resolveEndpoints({}, { S2_ACCOUNT_ENDPOINT: given || " ", S2_BASIN_ENDPOINT: "b.test" }),
    ).toThrow("S2_ACCOUNT_ENDPOINT must");
  });

  it("are refused with a user name or password, which the message does not repeat", () => {
    for (const given of [
      "http://user:hunter2@example.test",
      "user:hunter2@example.test",
      "http://user:hunter2@:x",
    ]) {
      const attempt = (): unknown => resolveEndpoints(both(given, "b.test"));
      expect(attempt).toThrow("endpoints.account must");
      expect(attempt).toThrow(/^(?!.*hunter2)/);
    }
  });

  it("are refused when the account endpoint holds a placeholder, or the basin endpoint an unknown one", () => {
    expect(() => resolveEndpoints(both("http://example.test/{basin}", "b.test"))).toThrow(
      "endpoints.account must",
    );
    expect(() => resolveEndpoints(both("a.test", "http://example.test/{bucket}"))).toThrow(
      "endpoints.basin must",
    );
  });

  it("are refused when one endpoint is given twice", () => {
    expect(() => resolveEndpoints({ baseUrl: "a.test", ...both("a.test", "b.test") })).toThrow(
      "baseUrl and endpoints.account name the same endpoint",
    );
    expect(() => resolveEndpoints({ makeBasinBaseUrl: () => "b.test", ...both("a.test", "b.test") })).toThrow(
      "makeBasinBaseUrl and endpoints.basin name the same endpoint",
    );
  });

  it("are refused when they are of the wrong type", () => {
    expect(() => resolveEndpoints(unchecked({ endpoints: "a.test" }))).toThrow("endpoints must be an object");
    expect(() => resolveEndpoints(unchecked({ baseUrl: 1 }))).toThrow("baseUrl must be a host");
    expect(() => resolveEndpoints(unchecked({ baseUrl: "a.test", makeBasinBaseUrl: "b.test" }))).toThrow(
      "makeBasinBaseUrl must be a function",
    );
  });

  it("refuse what cannot be a basin's name before it becomes part of a host", () => {
    const endpoints = resolveEndpoints();
    expect(() => endpoints.basinBaseUrl("evil.test/x")).toThrow("basin must be 8 to 48 bytes");
  });

  it("check what the user's function returns", () => {
    const endpoints = resolveEndpoints({ baseUrl: "a.test", makeBasinBaseUrl: () => "http://b.test/?basin" });
    expect(() => endpoints.basinBaseUrl("my-basin")).toThrow(
      'makeBasinBaseUrl("my-basin") must have no query',
    );
  });
});
