import { expect, test } from "vitest";
import { startLocal } from "../start-local.js";
import { durationSecs } from "./duration.js";
import { parseInit } from "./init-file.js";

test("durations are what humans write", () => {
  expect(durationSecs("7days")).toBe(604_800);
  expect(durationSecs("2h 30m")).toBe(9000);
  expect(durationSecs("1w2d")).toBe(777_600);
  expect(durationSecs("1500ms")).toBe(1);
  for (const text of ["", "7", "days", "7 fortnights", "-1s"]) expect(durationSecs(text)).toBeUndefined();
});

test.each([
  [{ basins: {} }, "basins must be a list"],
  [{ basins: [{}] }, "basins[0].name must be present"],
  [{ basins: [{ name: "short" }] }, "basins[0].name: basin name should be at least 8 bytes"],
  [{ basins: [{ name: "test-basin", confg: {} }] }, "basins[0].confg must be one of the known keys"],
  [{ basins: [{ name: "test-basin" }, { name: "test-basin" }] }, '"test-basin" is there twice'],
  [{ basins: [{ name: "test-basin", streams: [{ name: "s" }, { name: "s" }] }] }, '"s" is there twice'],
  [
    { basins: [{ name: "test-basin", config: { default_stream_config: { retention_policy: "0s" } } }] },
    "basins[0].config.default_stream_config.retention_policy must be more than 0 seconds",
  ],
  [
    { basins: [{ name: "test-basin", streams: [{ name: "s", config: { retention_policy: { age: 5 } } }] }] },
    "basins[0].streams[0].config.retention_policy must be a duration",
  ],
  [
    {
      basins: [
        { name: "test-basin", streams: [{ name: "s", config: { retention_policy: "999999999999y" } }] },
      ],
    },
    'retention_policy must be at most 9007199254740991 seconds; got "999999999999y"',
  ],
])("%j is refused, naming the place", (file, message) => {
  expect(() => parseInit(file)).toThrow(message);
});

test("keys beside the basins are let pass", () => {
  expect(parseInit({ $schema: "x" })).toEqual({ $schema: "x" });
});

test("a server has what its init file names", async () => {
  await using local = await startLocal({
    init: {
      basins: [
        {
          name: "test-basin",
          config: { create_stream_on_append: true, default_stream_config: { retention_policy: "infinite" } },
          streams: [
            { name: "a/b", config: { delete_on_empty: { min_age: "1m" }, timestamping: { uncapped: true } } },
          ],
        },
      ],
    },
  });
  expect(await local.service.basins.settings("test-basin")).toMatchObject({ createOnAppend: true });
  expect(await local.service.streams.settings("test-basin", "a/b")).toEqual({
    storageClass: "express",
    retention: "infinite",
    mode: "client-prefer",
    uncapped: true,
    minAgeSecs: 60,
  });
});
