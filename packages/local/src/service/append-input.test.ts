import { expect, test } from "vitest";
import { appendInput, bodies, fence, type ShortRecord, trim } from "../../test/harness.js";
import { checkAppend } from "./append-input.js";

const MIB = 1024 * 1024;

function check(...records: ShortRecord[]): ReturnType<typeof checkAppend> {
  return checkAppend(appendInput(records));
}

test("meters 8 bytes, 2 for each header, and all bytes of names, values and body", () => {
  expect(check({ body: "1234" }).meteredBytes).toBe(12);
  expect(
    check({
      headers: [
        ["ab", "c"],
        ["d", ""],
      ],
    }).meteredBytes,
  ).toBe(8 + 4 + 4);
  expect(check(fence("tok")).meteredBytes).toBe(15 + 3);
  expect(check(trim(5)).meteredBytes).toBe(23 - 1);
});

test("takes a record of exactly 1 MiB, and no more", () => {
  expect(check({ body: "x".repeat(MIB - 8) }).meteredBytes).toBe(MIB);
  expect(() => check({ body: "x".repeat(MIB - 7) })).toThrow("record must have metered size less than 1 MiB");
  expect(() => check({ body: "x".repeat(MIB - 8) }, {})).toThrow("metered size of 1 MiB");
});

test("takes 1 to 1000 records", () => {
  expect(() => check()).toThrow("record batch must not be empty");
  expect(check(...Array<ShortRecord>(1000).fill({})).records).toHaveLength(1000);
  expect(() => check(...Array<ShortRecord>(1001).fill({}))).toThrow(
    "record batch must not exceed 1000 records",
  );
});

test("knows commands by a single header without a name", () => {
  expect(check({}, fence("a"), trim(9)).commands).toEqual([
    { op: "fence", index: 1, token: "a" },
    { op: "trim", index: 2, point: 9 },
  ]);
  expect(check(trim(0xffff_ffff_ffff_ffffn)).commands).toEqual([
    { op: "trim", index: 0, point: 0xffff_ffff_ffff_ffffn },
  ]);
});

test("refuses commands that are none", () => {
  expect(() => check({ headers: [["", "x"]] })).toThrow("unknown command");
  expect(() =>
    check({
      headers: [
        ["", "fence"],
        ["a", "b"],
      ],
    }),
  ).toThrow("invalid header: empty name");
  expect(() => check({ headers: [["", "trim"]], body: "1234567" })).toThrow("was 7 bytes, must be 8");
  expect(() => check(fence("x".repeat(37)))).toThrow("must not exceed 36 bytes");
  expect(() => check({ headers: [["", "fence"]], body: Buffer.from([0xff]) })).toThrow("invalid UTF-8");
});

test("refuses a fencing token that is too long", () => {
  expect(() => checkAppend(appendInput(bodies("a"), { fencing_token: "x".repeat(37) }))).toThrow("36 bytes");
});
