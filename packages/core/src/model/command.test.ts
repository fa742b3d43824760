import { describe, expect, it } from "vitest";
import { commandOf, isCommandRecord } from "./command.js";
import type { BytesReadRecord, StringReadRecord } from "./record.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function inText(headerList: [string, string][], body = ""): StringReadRecord {
  return { seq_num: 0, timestamp: 0, body, headers: Object.fromEntries(headerList), headerList };
}

function inBytes(pairs: [string, string][], body: Uint8Array = new Uint8Array(0)): BytesReadRecord {
  const headers = pairs.map(([name, value]): [Uint8Array, Uint8Array] => [utf8(name), utf8(value)]);
  return { seq_num: 0, timestamp: 0, body, headers, headerList: headers };
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

describe("commandOf", () => {
  it("knows only a record with one header without a name", () => {
    for (const pairs of [
      [],
      [["k", "fence"]],
      [
        ["", "fence"],
        ["k", "v"],
      ],
    ] as [string, string][][]) {
      expect(isCommandRecord(inText(pairs))).toBe(false);
      expect(isCommandRecord(inBytes(pairs))).toBe(false);
      expect(commandOf(inText(pairs))).toBeUndefined();
    }
    expect(isCommandRecord(inText([["", "fence"]]))).toBe(true);
    expect(isCommandRecord(inBytes([["", "fence"]]))).toBe(true);
  });

  it.each([null, undefined, "text", 5, {}, []])("finds none in what is no record: %j", (record) => {
    expect(isCommandRecord(record as never)).toBe(false);
    expect(commandOf(record as never)).toBeUndefined();
  });

  it("reads fences in both formats", () => {
    const fence = { command: "fence", fencingToken: "tök" };
    expect(commandOf(inText([["", "fence"]], "tök"))).toEqual(fence);
    expect(commandOf(inBytes([["", "fence"]], utf8("tök")))).toEqual(fence);
  });

  it("reads trim points as bytes, the largest as a bigint", () => {
    expect(commandOf(inBytes([["", "trim"]], u64(258n)))).toEqual({ command: "trim", trimPoint: 258 });
    const last = 2n ** 64n - 1n;
    expect(commandOf(inBytes([["", "trim"]], u64(last)))).toEqual({ command: "trim", trimPoint: last });
    expect(commandOf(inBytes([["", "trim"]], u64(2n ** 53n - 1n)))).toEqual({
      command: "trim",
      trimPoint: 2 ** 53 - 1,
    });
  });

  it("reads from text a trim point that the text shows, and says so when it does not", () => {
    const shown = new TextDecoder().decode(u64(1n));
    expect(commandOf(inText([["", "trim"]], shown))).toEqual({ command: "trim", trimPoint: 1 });
    const lossy = new TextDecoder().decode(u64(255n));
    expect(commandOf(inText([["", "trim"]], lossy))).toEqual({ command: "trim", trimPoint: undefined });
    expect(commandOf(inText([["", "trim"]], "short"))).toEqual({ command: "trim", trimPoint: undefined });
  });

  it("names commands it does not know", () => {
    expect(commandOf(inText([["", "later"]]))).toEqual({ command: "unknown", name: "later" });
  });
});
