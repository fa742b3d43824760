import { expect, test } from "vitest";
import { endpointsFrom, faultsUrl, HOSTED, isOwn, searchOf, tokenKey } from "./endpoints.js";

const ORIGIN = "http://127.0.0.1:8080";

test("the server that served the page is looked at unless the address names another", () => {
  expect(endpointsFrom("", ORIGIN)).toEqual({ account: ORIGIN, basin: ORIGIN });
  expect(isOwn(endpointsFrom("", ORIGIN), ORIGIN)).toBe(true);
  expect(endpointsFrom("?account=http://x", ORIGIN)).toEqual({ account: "http://x", basin: "http://x" });
});

test.each([HOSTED, { account: "http://x:1", basin: "http://x:1" }, { account: ORIGIN, basin: ORIGIN }])(
  "endpoints survive the way into an address and back: %j",
  (endpoints) => {
    expect(endpointsFrom(searchOf(endpoints, ORIGIN), ORIGIN)).toEqual(endpoints);
  },
);

test("a token is kept for its endpoints alone", () => {
  const keys = [HOSTED, { ...HOSTED, account: "https://evil" }, { ...HOSTED, basin: "https://evil" }].map(
    tokenKey,
  );
  expect(new Set(keys).size).toBe(3);
});

test("faults are switched beside the API", () => {
  expect(faultsUrl({ account: "http://x:1/v1", basin: "" })).toBe("http://x:1/admin/faults");
  expect(faultsUrl({ account: "x.example", basin: "" })).toBe("https://x.example/admin/faults");
});
