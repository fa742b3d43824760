import { describe, expect, it } from "vitest";
import { streamConfigHeader } from "./stream-config-header.js";

describe("the header of a stream's configuration", () => {
  it("is the configuration as JSON", () => {
    const config = { retention_policy: { age: 60 }, timestamping: { mode: "arrival" }, storage_class: null };
    expect(JSON.parse(streamConfigHeader(config))).toEqual(config);
  });

  it("is ASCII, whatever names the service gives its storage classes", () => {
    const header = streamConfigHeader({ storage_class: "d\u00e9j\u00e0 \u{1f600}" });
    expect(header).toMatch(/^[ -~]*$/);
    expect(JSON.parse(header)).toEqual({ storage_class: "d\u00e9j\u00e0 \u{1f600}" });
  });

  it.each([
    ["a retention of no time", { retention_policy: { age: 0 } }, /streamConfig\.retention_policy\.age/],
    ["what is no object", "express", /streamConfig must be an object/],
  ])("refuses %s", (_, config, message) => {
    expect(() => streamConfigHeader(config)).toThrow(message);
  });
});
