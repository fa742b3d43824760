import { S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { errorFromNetwork } from "./network-error.js";

describe("mapping the failures of a browser's fetch", () => {
  it.each([
    ["Chrome: no answer", new TypeError("Failed to fetch")],
    ["Chrome: cut in the body", new TypeError("network error")],
    ["Firefox: no answer", new TypeError("NetworkError when attempting to fetch resource.")],
    ["Firefox: cut in the body", new TypeError("Error in input stream")],
    ["Safari: no answer", new TypeError("Load failed")],
    ["an abort of its own", new DOMException("The operation was aborted.", "AbortError")],
  ])("takes a side effect for possible: %s [D1-58]", (_, thrown) => {
    expect(errorFromNetwork(thrown)).toMatchObject({
      code: "CONNECTION_LOST",
      sideEffect: "possible",
      retryable: true,
      cause: thrown,
      message: expect.stringContaining(thrown.message),
    });
  });

  it("does not retry what is no network error, and leaves what is known already", () => {
    const thrown = new RangeError("the server said: Failed to fetch");
    expect(errorFromNetwork(thrown)).toMatchObject({ code: "INTERNAL_ERROR", retryable: false });
    expect(errorFromNetwork(undefined).code).toBe("INTERNAL_ERROR");
    const known = new S2Error({ message: "known" });
    expect(errorFromNetwork(known)).toBe(known);
  });
});
