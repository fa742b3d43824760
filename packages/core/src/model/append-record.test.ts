import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AppendHeaders,
  AppendRecord,
  type AppendRecordForFormat,
  type AppendRecordType,
} from "./append-record.js";
import type { AppendRecordInput } from "./record.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("AppendRecord", () => {
  it("makes records of text, of bytes, and of both", () => {
    expect(AppendRecord.make("body", { k: "v" }, 7)).toEqual({
      body: "body",
      headers: { k: "v" },
      timestamp: 7,
    });
    expect(AppendRecord.make("body", [["k", "v"]])).toEqual({ body: "body", headers: [["k", "v"]] });
    expect(AppendRecord.make(utf8("b"), [[utf8("k"), utf8("v")]], 9n)).toEqual({
      body: utf8("b"),
      headers: [[utf8("k"), utf8("v")]],
      timestamp: 9n,
    });
    expect(AppendRecord.make(Uint8Array.of(1, 2, 3), { type: "binary" })).toEqual({
      body: Uint8Array.of(1, 2, 3),
      headers: { type: "binary" },
    });
    expect(AppendRecord.make()).toEqual({});
    expect(AppendRecord.make("", undefined, 0)).toEqual({ body: "", timestamp: 0 });
  });

  it("makes commands in text and in bytes", () => {
    expect(AppendRecord.command("fence", "tok", 5)).toEqual({
      body: "tok",
      headers: [["", "fence"]],
      timestamp: 5,
    });
    expect(AppendRecord.command(utf8("trim"), utf8("x"))).toEqual({
      body: utf8("x"),
      headers: [[new Uint8Array(0), utf8("trim")]],
    });
    expect(AppendRecord.fence("tok", 1)).toEqual({ body: "tok", headers: [["", "fence"]], timestamp: 1 });
    expect(AppendRecord.fence("")).toEqual({ body: "", headers: [["", "fence"]] });
  });

  it("writes a trim point as eight bytes, big-endian, up to 64 bits", () => {
    expect(AppendRecord.trim(258).body).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2));
    expect(AppendRecord.trim(0).body).toEqual(new Uint8Array(8));
    expect(AppendRecord.trim(2n ** 64n - 1n, 3)).toEqual({
      body: new Uint8Array(8).fill(255),
      headers: [[new Uint8Array(0), utf8("trim")]],
      timestamp: 3,
    });
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n, "5"])("refuses to trim at %s", (point) => {
    expect(() => AppendRecord.trim(point as number)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  it("refuses a fencing token of 37 bytes, naming value and limit", () => {
    expect(AppendRecord.fence("x".repeat(36)).body).toHaveLength(36);
    expect(() => AppendRecord.fence(`${"€".repeat(12)}x`)).toThrow(/at most 36 bytes/);
    expect(() => AppendRecord.fence(7 as never)).toThrow(/36 bytes.*7/);
  });

  it("cannot be changed, and gives objects that can", () => {
    expect(Object.isFrozen(AppendRecord)).toBe(true);
    const one = AppendRecord.trim(1);
    one.headers = [];
    expect(AppendRecord.trim(1).headers).toHaveLength(1);
  });

  it("is a type as well, for code that knows the older names", () => {
    const text: AppendRecordForFormat = AppendRecord.make("a", { k: "v" });
    const bytes: AppendRecordForFormat<"bytes"> = AppendRecord.make(utf8("a"));
    const mixed: AppendRecord[] = [text, bytes, AppendRecord.make(utf8("a"), { k: "v" }), { body: "plain" }];
    const headers: AppendHeaders = { k: "v" };
    const same: AppendRecordType = { headers, timestamp: null };
    const input: readonly AppendRecordInput[] = [...mixed, same];
    expect(input).toHaveLength(5);
    expectTypeOf<AppendRecordForFormat["body"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<AppendRecordForFormat<"bytes">["body"]>().toEqualTypeOf<Uint8Array | undefined>();
    expectTypeOf<[Uint8Array, Uint8Array][]>().toExtend<AppendHeaders<"bytes">>();
    expectTypeOf<Record<string, string>>().not.toExtend<AppendHeaders<"bytes">>();
  });
});
