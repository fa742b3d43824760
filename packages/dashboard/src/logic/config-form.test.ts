import type { BasinConfig, StreamConfig } from "@s2-dev/streamstore";
import { expect, test } from "vitest";
import {
  basinChange,
  basinConfigFrom,
  basinFormOf,
  EMPTY_BASIN,
  EMPTY_STREAM,
  streamChange,
  streamConfigFrom,
  streamFormOf,
} from "./config-form.js";
import { durationOf, secondsFrom } from "./duration.js";

const config: StreamConfig = {
  storage_class: "express",
  retention_policy: { age: 604_800 },
  timestamping: { mode: "arrival", uncapped: true },
  delete_on_empty: { min_age_secs: 5400 },
};

test("shows a configuration, and makes the same one of it", () => {
  const form = streamFormOf(config);
  expect(form).toEqual({
    storageClass: "express",
    retention: "7d",
    timestamping: "arrival",
    uncapped: "yes",
    deleteOnEmpty: "1h 30m",
  });
  expect(streamConfigFrom(form)).toEqual(config);
  expect(streamFormOf({})).toEqual(EMPTY_STREAM);
  expect(streamConfigFrom(EMPTY_STREAM)).toEqual({});
});

test("says only what has changed, and resets what was emptied", () => {
  const form = streamFormOf(config);
  expect(streamChange(form, form)).toEqual({});
  expect(streamChange(form, { ...form, retention: "infinite" })).toEqual({
    retention_policy: { infinite: {} },
  });
  expect(streamChange(form, EMPTY_STREAM)).toEqual({
    storage_class: null,
    retention_policy: null,
    timestamping: { mode: null, uncapped: null },
    delete_on_empty: { min_age_secs: null },
  });
  expect(streamChange(form, { ...form, uncapped: "no" })).toEqual({ timestamping: { uncapped: false } });
});

test("does the same for a basin", () => {
  const basin: BasinConfig = {
    create_stream_on_append: true,
    create_stream_on_read: false,
    stream_cipher: "aes-256-gcm",
    default_stream_config: { storage_class: "standard" },
  };
  const form = basinFormOf(basin);
  expect(basinConfigFrom(form)).toEqual({
    create_stream_on_append: true,
    stream_cipher: "aes-256-gcm",
    default_stream_config: { storage_class: "standard" },
  });
  expect(basinChange(form, { ...form, cipher: "" })).toEqual({ stream_cipher: null });
  expect(basinChange(form, { ...form, createOnRead: true, createOnAppend: false })).toEqual({
    create_stream_on_append: false,
    create_stream_on_read: true,
  });
  expect(basinFormOf({})).toEqual(EMPTY_BASIN);
});

test.each([
  [{ retention: "soon" }, "Retention is a duration"],
  [{ deleteOnEmpty: "5x" }, "Delete when empty is a duration"],
])("refuses %j", (form, message) => {
  expect(() => streamConfigFrom({ ...EMPTY_STREAM, ...form })).toThrow(message);
});

test.each([
  ["90", 90],
  ["7d", 604_800],
  ["1w", 604_800],
  [" 1H 30m ", 5400],
  ["2d3s", 172_803],
  ["", undefined],
  ["d", undefined],
  ["1.5h", undefined],
])("%j is %s seconds", (text, seconds) => {
  expect(secondsFrom(text)).toBe(seconds);
  if (seconds !== undefined) expect(secondsFrom(durationOf(seconds))).toBe(seconds);
});
