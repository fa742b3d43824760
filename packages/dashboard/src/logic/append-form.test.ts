import type { AppendRecordInput } from "@s2-dev/streamstore";
import { expect, test } from "vitest";
import { EMPTY_RECORD, type FileForm, recordFromForm, recordsFromFile } from "./append-form.js";

const text = (body: AppendRecordInput["body"]): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);

test("makes a record of what was typed", () => {
  const form = { ...EMPTY_RECORD, body: "hi", headers: "a: 1\n\n b : x:y \n", timestamp: "1,700" };
  expect(recordFromForm(form)).toEqual({
    body: "hi",
    headers: [
      ["a", "1"],
      ["b", "x:y"],
    ],
    timestamp: 1700,
  });
  expect(recordFromForm(EMPTY_RECORD)).toEqual({ body: "" });
  expect(recordFromForm({ ...EMPTY_RECORD, encoding: "hex", body: "00 fF\n10" }).body).toEqual(
    Uint8Array.of(0, 255, 16),
  );
});

test("makes a fence with the token that is typed, and a trim with the number as eight bytes", () => {
  expect(recordFromForm({ ...EMPTY_RECORD, kind: "fence", body: "me" })).toEqual({
    body: "me",
    headers: [["", "fence"]],
  });
  const trim = recordFromForm({ ...EMPTY_RECORD, kind: "trim", body: "258" });
  expect(trim.body).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2));
});

test.each([
  [{ timestamp: "soon" }, "The timestamp must be a whole number; got soon"],
  [{ headers: "nothing" }, '"name: value"'],
  [{ headers: ": x" }, '"name: value"'],
  [{ encoding: "hex", body: "0" }, "pairs of hexadecimal digits"],
  [{ kind: "trim", body: "" }, "needs the sequence number"],
  [{ kind: "trim", body: "1.5" }, "must be a whole number"],
  [{ kind: "fence", body: "x".repeat(37) }, "36"],
] as const)("refuses %j", (form, message) => {
  expect(() => recordFromForm({ ...EMPTY_RECORD, ...form })).toThrow(message);
});

async function fileOf(content: string, form: FileForm, size = 1000): Promise<AppendRecordInput[]> {
  const bytes = new TextEncoder().encode(content);
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
  const records: AppendRecordInput[] = [];
  for await (const record of recordsFromFile(chunks(), form)) records.push(record);
  return records;
}

test.each([1, 2, 3, 1000])("makes a record of each line, in pieces of %i bytes", async (size) => {
  const records = await fileOf("one\r\ntwo\n\nföur", "lines", size);
  expect(records.map((record) => text(record.body))).toEqual(["one", "two", "", "föur"]);
  expect(await fileOf("one\n", "lines", size)).toHaveLength(1);
});

test("takes a whole file as one record", async () => {
  const records = await fileOf("a\nb\n", "whole", 1);
  expect(records.map((record) => text(record.body))).toEqual(["a\nb\n"]);
});

test("takes records with headers and timestamps as JSON lines", async () => {
  const file = '{"body":"a","headers":[["k","v"]],"timestamp":5}\n\n{"body":{"x":1}}\n{}';
  expect(await fileOf(file, "json")).toEqual([
    { body: "a", headers: [["k", "v"]], timestamp: 5 },
    { body: '{"x":1}' },
    { body: undefined },
  ]);
  await expect(fileOf('{"body":"a"}\n{', "json")).rejects.toThrow("Line 2 is no JSON");
  await expect(fileOf("[]", "json")).rejects.toThrow("Line 1 must be an object");
});
