import * as core from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import * as neutral from "./index.js";
import * as node from "./index.node.js";

/** What code of the older releases imports as a value. */
const CONTRACT = [
  "S2",
  "S2Basin",
  "S2Stream",
  "S2Basins",
  "S2Streams",
  "S2AccessTokens",
  "S2Metrics",
  "BatchTransform",
  "AppendRecord",
  "meteredBytes",
  "utf8ByteLength",
  "S2Error",
  "SeqNumMismatchError",
  "FencingTokenMismatchError",
  "RangeNotSatisfiableError",
];
/** What came since. A change here is a decision. */
const SINCE = [
  "AppendOutcomeUnknownError",
  "EVENT_NAMES",
  "S2Locations",
  "commandOf",
  "createObserver",
  "isCommandRecord",
  "isS2Error",
  "logEvents",
  "CaughtUpTracker",
  "EncryptionKey",
  "MAX_APPEND_BYTES",
  "MAX_APPEND_RECORDS",
  "Producer",
  "S2Environment",
  "maxBodyBytes",
  "paginate",
  "randomFencingToken",
  "randomToken",
];

describe.each([
  ["Node", node],
  ["browsers and workers", neutral],
])("the entry for %s", (_, entry) => {
  it("exports every value of the public contract, and what came since [D1-25]", () => {
    expect(Object.keys(entry).sort()).toEqual([...CONTRACT, ...SINCE].sort());
    for (const [name, value] of Object.entries(entry)) expect(value, name).toBeDefined();
  });

  it("exports core's own classes and helpers, not copies [D1-25]", () => {
    expect(entry.S2Error).toBe(core.S2Error);
    expect(entry.BatchTransform).toBe(core.BatchTransform);
    expect(entry.AppendRecord).toBe(core.AppendRecord);
    expect(entry.meteredBytes).toBe(core.meteredBytes);
  });

  it("makes handles of the classes it exports [D1-25]", () => {
    const s2 = new entry.S2({ accessToken: "token" });
    const basin = s2.basin("test-basin");
    expect(s2).toBeInstanceOf(entry.S2);
    expect(s2.basins).toBeInstanceOf(entry.S2Basins);
    expect(s2.accessTokens).toBeInstanceOf(entry.S2AccessTokens);
    expect(s2.metrics).toBeInstanceOf(entry.S2Metrics);
    expect(s2.locations).toBeInstanceOf(entry.S2Locations);
    expect(basin).toBeInstanceOf(entry.S2Basin);
    expect(basin.streams).toBeInstanceOf(entry.S2Streams);
    expect(basin.stream("events")).toBeInstanceOf(entry.S2Stream);
  });
});
