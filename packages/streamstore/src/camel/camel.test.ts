import type * as main from "@s2-dev/streamstore";
import * as core from "@s2-dev/streamstore-core";
import { expect, it } from "vitest";
import { streamConfigFromWire, streamConfigToWire } from "./configs.js";
import { errorFrom } from "./errors.js";
import {
  AppendInput,
  AppendRecord,
  EncryptionKey,
  EncryptionKeyLengthError,
  RangeNotSatisfiableError,
  S2Basins,
  S2Endpoints,
  S2Error,
  SeqNumMismatchError,
} from "./index.js";
import { readArgsFrom } from "./read-input.js";

it("makes errors of the engine errors of this entry, for good", () => {
  const mismatch = new core.SeqNumMismatchError({ expectedSeqNum: 7 });
  const error = errorFrom(mismatch);
  expect(error).toBeInstanceOf(SeqNumMismatchError);
  expect(error).toBeInstanceOf(S2Error);
  expect(error).toBeInstanceOf(core.SeqNumMismatchError);
  expect(error).not.toBeInstanceOf(RangeNotSatisfiableError);
  expect(error).toMatchObject({ expectedSeqNum: 7, status: 412, message: mismatch.message });
  expect(errorFrom(mismatch)).toBe(error);
  expect(errorFrom(error)).toBe(error);
  const range = errorFrom(new core.RangeNotSatisfiableError({ tail: { seq_num: 3, timestamp: 5 } }));
  expect(range).toMatchObject({ tail: { seqNum: 3, timestamp: new Date(5) } });
});

it("knows what had no effect", () => {
  expect(errorFrom(new core.S2Error({ message: "", code: "rate_limited" })).hasNoSideEffects()).toBe(true);
  expect(errorFrom(new core.S2Error({ message: "", code: "unavailable" })).hasNoSideEffects()).toBe(false);
  expect(new S2Error({ message: "", code: "ECONNREFUSED" }).hasNoSideEffects()).toBe(true);
});

it("converts known fields only, and never what is the user's", () => {
  const config = { retentionPolicy: { ageSecs: 9 }, deleteOnEmpty: null, timestamping: { uncapped: true } };
  const wire = { retention_policy: { age: 9 }, delete_on_empty: null, timestamping: { uncapped: true } };
  expect(streamConfigToWire(config)).toEqual(wire);
  expect(streamConfigFromWire({ ...wire, of_tomorrow: 1 } as core.StreamConfig)).toEqual(config);
});

it("flattens what a read asks for", () => {
  const input = { start: { from: { timestamp: new Date(5) } }, stop: { untilTimestamp: 9, waitSecs: 1.9 } };
  expect(readArgsFrom(input, "bytes")).toMatchObject({ timestamp: 5, until: 9, wait: 1, as: "bytes" });
});

it("measures records and refuses what is no batch", () => {
  expect(AppendRecord.string({ body: "x", headers: [["a", "b"]] }).meteredBytes).toBe(13);
  expect(AppendRecord.maxBodyBytes()).toBe(1_048_568);
  expect(() => AppendInput.create([])).toThrow(/records/);
  expect(() => AppendInput.create([AppendRecord.fence("a")], { matchSeqNum: -1 })).toThrow(/matchSeqNum/);
  const holed = [AppendRecord.string({ body: "a" })];
  holed[2] = AppendRecord.string({ body: "b" });
  expect(() => AppendInput.create(holed)).toThrow(/records\[1\] must be an object, not undefined/);
  expect(() => EncryptionKey.from(new Uint8Array(34))).toThrow(EncryptionKeyLengthError);
});

it("takes one endpoint alone", () => {
  const endpoints = new S2Endpoints({ account: "a.example", basin: "{basin}.example:9/x" });
  expect(endpoints.accountBaseUrl()).toBe("https://a.example/v1");
  expect(endpoints.basinBaseUrl("bb")).toBe("https://bb.example:9/x");
  expect(new S2Endpoints({ account: "a.example" }).basinBaseUrl("bb")).toBe("https://bb.b.s2.dev/v1");
});

it("passes over what only listAll looks at in one page, as 0.27 does", async () => {
  const asked: unknown[] = [];
  const engine = {
    list: async (args: unknown) => {
      asked.push(args);
      return { basins: [], has_more: false };
    },
  } as unknown as main.S2Basins;
  const args = { prefix: "a", limit: 5, includeDeleted: true };
  expect(await new S2Basins(engine).list(args)).toEqual({ basins: [], hasMore: false });
  expect(asked).toEqual([{ prefix: "a", limit: 5 }]);
});
