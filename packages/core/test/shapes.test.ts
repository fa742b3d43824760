import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../src/codec/append-input.js";
import { readQuery } from "../src/model/read-args.js";
import { BatchTransform } from "../src/session/produce/batch-transform.js";
import { Producer } from "../src/session/produce/producer.js";

describe("what only looks like an empty record", () => {
  it.each<[string, unknown, RegExp]>([
    ["bytes", new Uint8Array([1]), /records\[0\] .* not a Uint8Array/],
    ["a list", [{ body: "a" }], /not a Array/],
    ["a promise that was not awaited", Promise.resolve(), /not a Promise/],
    ["a map", new Map(), /not a Map/],
    ["an object with other fields", { data: "x" }, /not an object with "data"/],
  ])("is refused: %s", (_, value, message) => {
    expect(() => encodeAppendBatch([value as never])).toThrow(message);
  });

  it("is told from a record that is empty", () => {
    expect(encodeAppendBatch([{}, { body: undefined }]).recordCount).toBe(2);
  });

  it.each([[undefined], [null], ["text"], [new Uint8Array(2)]])(
    "errors a BatchTransform: %s",
    async (value) => {
      const { readable, writable } = new BatchTransform();
      const writer = writable.getWriter();
      writer.closed.catch(() => {});
      readable.getReader().closed.catch(() => {});
      await expect(writer.write(value as never)).rejects.toMatchObject({
        name: "S2Error",
        code: "INVALID_ARGUMENT",
      });
    },
  );
});

describe("an option that another era spells otherwise", () => {
  it.each([["matchSeqNum"], ["fencingToken"]])("is refused on an append: %s", (name) => {
    expect(() => encodeAppendBatch([{ body: "a" }], { [name]: 0 } as never)).toThrow(
      /it is called (match|fencing)_/,
    );
  });

  it.each([["matchSeqNum"], ["fencingToken"]])(
    "is refused on a BatchTransform and a Producer: %s",
    (name) => {
      const options = { [name]: 0 } as never;
      expect(() => new BatchTransform(options)).toThrow(/it is called (match|fencing)_/);
      expect(() => new Producer(options, {} as never)).toThrow(/it is called (match|fencing)_/);
    },
  );

  it.each([["seqNum"], ["tailOffset"]])("is refused on a read: %s", (name) => {
    expect(() => readQuery({ [name]: 0 } as never)).toThrow(/it is called (seq|tail)_/);
  });

  it.each([[null], [5], ["abc"]])("is no object at all: %s", (value) => {
    expect(() => encodeAppendBatch([{ body: "a" }], value as never)).toThrow(/must be an object/);
    expect(() => readQuery(value as never)).toThrow(/must be an object/);
  });
});
