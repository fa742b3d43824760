import { expect, test } from "vitest";
import { pagePolicy } from "./page-policy.js";

const connects = (query: string): string => /connect-src ([^;]*)/.exec(pagePolicy(query))?.[1] ?? "";

test("allows no inline code, and connections to this server alone", () => {
  const policy = pagePolicy("");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self';");
  expect(policy).not.toContain("unsafe");
  expect(connects("")).toBe("'self'");
});

test.each([
  [
    "account=https://a.s2.dev/v1&basin=https://{basin}.b.s2.dev/v1",
    "'self' https://a.s2.dev https://*.b.s2.dev",
  ],
  ["account=a.s2.dev", "'self' https://a.s2.dev"],
  ["account=http://127.0.0.1:8080&basin=http://127.0.0.1:8080", "'self' http://127.0.0.1:8080"],
  ["basin=http%3A%2F%2F%7Bbasin%7D.localhost%3A9000", "'self' http://*.localhost:9000"],
  ["basin=https://x-{basin}.y.example", "'self' https://*.y.example"],
  ["account=http://[::1]:80/v1", "'self' http://[::1]"],
])("lets the page connect to what its address names: %s", (query, expected) => {
  expect(connects(query)).toBe(expected);
});

test.each([
  "account=javascript:alert(1)",
  "account=https://a;script-src *",
  "account=https://a%3B script-src%20*",
  "basin=https://{basin}",
  "account=https://a b",
  "account=*",
  "account=https://*",
  "basin=https://{basin}.x;y",
])("takes nothing else into the policy: %s", (query) => {
  expect(connects(query)).toBe("'self'");
});
