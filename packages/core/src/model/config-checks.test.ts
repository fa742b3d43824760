import { describe, expect, it } from "vitest";
import { checkBasinConfig, checkStreamConfig, checkStreamReconfiguration } from "./config-checks.js";

describe("a stream configuration", () => {
  it("may leave everything out, or set it to null for the default", () => {
    expect(() => checkStreamConfig({}, "config")).not.toThrow();
    const nulls = { storage_class: null, retention_policy: null, timestamping: null, delete_on_empty: null };
    expect(() => checkStreamConfig(nulls, "config")).not.toThrow();
    expect(() => checkStreamConfig({ timestamping: { mode: null, uncapped: null } }, "config")).not.toThrow();
  });

  it("may name a storage class of tomorrow", () => {
    expect(() => checkStreamConfig({ storage_class: "glacial" }, "config")).not.toThrow();
  });

  it.each([
    [{}, "{}"],
    [{ age: 1, infinite: {} }, "{ age, infinite }"],
    [{ forever: {} }, "{ forever }"],
  ])(
    "is refused when its retention is %j, which has not exactly one known key",
    (retention_policy, shown) => {
      expect(() => checkStreamConfig({ retention_policy }, "config")).toThrow(
        `config.retention_policy must have exactly one of the keys age and infinite; got "${shown}"`,
      );
    },
  );

  it.each([0, -1, 0.5, Number.NaN, "86400"])("is refused when its age is %j", (age) => {
    expect(() => checkStreamConfig({ retention_policy: { age } }, "config")).toThrow(
      "config.retention_policy.age must be an integer from 1 to 9007199254740991; got",
    );
  });

  it("is refused when min_age_secs is not a whole number of seconds, in a configuration and in a change", () => {
    for (const check of [checkStreamConfig, checkStreamReconfiguration]) {
      expect(() => check({ delete_on_empty: { min_age_secs: 1.5 } }, "config")).toThrow(
        "config.delete_on_empty.min_age_secs must be an integer from 0",
      );
      expect(() => check({ delete_on_empty: { min_age_secs: 0 } }, "config")).not.toThrow();
    }
  });

  it("allows a null min_age_secs in a change only, where it resets", () => {
    const change = { delete_on_empty: { min_age_secs: null } };
    expect(() => checkStreamReconfiguration(change, "config")).not.toThrow();
    expect(() => checkStreamConfig(change, "config")).toThrow("min_age_secs must be an integer");
  });

  it("is refused when it is not an object", () => {
    for (const value of [[], "x", null])
      expect(() => checkStreamConfig(value, "config")).toThrow("config must be an object");
  });
});

describe("a basin configuration", () => {
  it("is refused when a boolean is null, as the service refuses it", () => {
    expect(() => checkBasinConfig({ create_stream_on_append: null }, "config")).toThrow(
      "config.create_stream_on_append must be true or false; got null",
    );
  });

  it("is checked down to the default configuration of streams", () => {
    expect(() =>
      checkBasinConfig({ default_stream_config: { timestamping: { uncapped: "yes" } } }, "config"),
    ).toThrow("config.default_stream_config.timestamping.uncapped must be true or false");
  });
});
