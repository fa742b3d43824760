import { expect, test } from "vitest";
import { hexOf, isText, jsonOf, kindOf, previewOf } from "./body-view.js";
import { fenceOf, recordOf, trimOf } from "./records.fixture.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("shows JSON indented, and says when a body is none", () => {
  expect(jsonOf(bytes('{"a":[1,"é"]}'))).toBe('{\n  "a": [\n    1,\n    "é"\n  ]\n}');
  expect([jsonOf(bytes("{")), jsonOf(Uint8Array.of(0xff))]).toEqual([undefined, undefined]);
});

test("shows bytes in rows of sixteen, with their offsets and characters", () => {
  expect(hexOf(bytes("0123456789abcdef\n\u0000")).split("\n")).toEqual([
    "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef",
    "00000010  0a 00                                             ··",
  ]);
});

test("shows no more of a large body than was asked for, and says how much is left", () => {
  expect(hexOf(new Uint8Array(100), 16).split("\n").at(-1)).toBe("… 84 bytes more");
});

test("tells text from other bytes", () => {
  expect(["hello\tthere\n", "", "日本"].map((text) => isText(bytes(text)))).toEqual([true, true, true]);
  expect([Uint8Array.of(0xc3), Uint8Array.of(0, 1, 2)].map(isText)).toEqual([false, false]);
});

test("shows the beginning of a body on one line", () => {
  expect(previewOf(bytes("a\n  b\tc"), "text")).toBe("a b c");
  expect(previewOf(bytes("ab"), "hex")).toBe("61 62");
  expect(previewOf(Uint8Array.of(0, 255), "text")).toBe("00 ff");
  expect(previewOf(bytes("é日"), "text", 4)).toBe("é\ufffd");
  expect(previewOf(bytes("x".repeat(1000)), "text")).toHaveLength(400);
});

test("shows command records as what they are", () => {
  expect(kindOf(fenceOf(1, "me"))).toEqual({ kind: "fence", token: "me" });
  expect(kindOf(trimOf(1, 300))).toEqual({ kind: "trim", point: "300" });
  expect(kindOf(recordOf(1, "x", [["", "other"]]))).toEqual({ kind: "command", name: "other" });
  expect(kindOf(recordOf(1, "x", [["a", "b"]]))).toEqual({ kind: "record" });
});
