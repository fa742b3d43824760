import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BASIN_TABS,
  BODY_VIEWS,
  DEFAULT_READING,
  hashOf,
  type Place,
  placeFromHash,
  STREAM_TABS,
  type Start,
  startFromText,
  titleOf,
} from "./address.js";

const name = fc.string({ minLength: 1, unit: "grapheme" });
const whole = fc.nat();
const start: fc.Arbitrary<Start> = fc.oneof(
  fc.record({ kind: fc.constant("seq" as const), seq: whole }),
  fc.record({ kind: fc.constant("time" as const), time: whole }),
  fc.constant({ kind: "tail" as const }),
);
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ page: fc.constant("basins" as const), search: fc.string() }),
  fc.record({ page: fc.constant("tokens" as const), search: fc.string() }),
  fc.record({ page: fc.constantFrom("metrics" as const, "faults" as const) }),
  fc.record({
    page: fc.constant("basin" as const),
    basin: name,
    tab: fc.constantFrom(...BASIN_TABS),
    search: fc.string(),
  }),
  fc.record({
    page: fc.constant("stream" as const),
    basin: name,
    stream: name,
    tab: fc.constantFrom(...STREAM_TABS),
    reading: fc.record({
      start,
      filter: fc.string({ unit: "grapheme" }),
      view: fc.constantFrom(...BODY_VIEWS),
      paused: fc.boolean(),
      selected: fc.option(whole, { nil: undefined }),
    }),
  }),
);

test("every place survives the way into an address and back", () => {
  fc.assert(
    fc.property(place, (given) => {
      expect(placeFromHash(hashOf(given))).toEqual(given);
    }),
  );
});

test("an address says only what is not as usual", () => {
  const stream = {
    page: "stream",
    basin: "b",
    stream: "a/b c",
    tab: "records",
    reading: DEFAULT_READING,
  } as const;
  expect(hashOf(stream)).toBe("#/basins/b/streams/a%2Fb%20c");
});

test("a title begins with what is particular", () => {
  const titles = ["", "#/faults", "#/basins/b", "#/basins/b/streams/s%2Ft"].map(placeFromHash).map(titleOf);
  expect(titles).toEqual(["Basins · S2", "Faults · S2", "b · S2", "s/t · b · S2"]);
});

test.each(["", "#", "#/", "#/nope", "#/basins/", "#/basins", "#/basins//streams/x"])(
  "%j leads to the list of basins",
  (hash) => {
    expect(placeFromHash(hash)).toEqual({ page: "basins", search: "" });
  },
);

test("nonsense in an address falls back to what is usual", () => {
  expect(placeFromHash("#/basins/b/streams/%E0%A4%A?seq=-1&time=x&view=y&tab=z&record=1.5")).toEqual({
    page: "stream",
    basin: "b",
    stream: "%E0%A4%A",
    tab: "records",
    reading: DEFAULT_READING,
  });
});

test.each<[string, Start | undefined]>([
  ["0", { kind: "seq", seq: 0 }],
  [" #12,345 ", { kind: "seq", seq: 12_345 }],
  ["1_000", { kind: "seq", seq: 1000 }],
  ["@1700000000000", { kind: "time", time: 1_700_000_000_000 }],
  ["2026-01-31T12:00:00Z", { kind: "time", time: Date.UTC(2026, 0, 31, 12) }],
  ["tail", { kind: "tail" }],
  ["start", { kind: "seq", seq: 0 }],
  ["", undefined],
  ["soon", undefined],
  ["99999999999999999999", undefined],
  ["-5 x", undefined],
])("go to %j", (text, expected) => {
  expect(startFromText(text)).toEqual(expected);
});
