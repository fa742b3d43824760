import { isS2Error } from "@s2-dev/streamstore-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryReadSession } from "../../test/memory-read-session.js";
import { storedRecord } from "../../test/memory-stream.js";
import { CursorMismatchError, createCursor, cursorOf, parseCursor, restoreCursor } from "./index.js";
import { cursorWriter } from "./stream-cursor.js";

const place = { basin: "my-favourite-basin", name: "conversations/für elise" };

const streamName = fc
  .string({ minLength: 1, maxLength: 100, unit: "grapheme" })
  .filter((name) => !name.includes("\0") && name !== "." && name !== ".." && /^\P{Surrogate}*$/u.test(name));

describe("a cursor", () => {
  it("comes back from its text, whatever the stream is called and wherever it is", () => {
    fc.assert(
      fc.property(streamName, fc.maxSafeNat(), (name, seqNum) => {
        const text = String(createCursor({ ...place, name }, seqNum));
        expect(text).toMatch(/^[\w.-]+$/);
        expect(restoreCursor(text, { ...place, name })).toEqual(createCursor({ ...place, name }, seqNum));
        expect(cursorWriter({ ...place, name })(seqNum)).toBe(text);
      }),
    );
  });

  it("says where to start, and is its text in JSON", () => {
    const cursor = createCursor(place, 42);
    expect(cursor.start()).toEqual({ seq_num: 42 });
    expect(JSON.parse(JSON.stringify({ cursor }))).toEqual({ cursor: cursor.toString() });
    expect(parseCursor(cursor.toString())).toMatchObject({ ...{ basin: place.basin }, stream: place.name });
  });

  it("is refused by another stream, and by a stream of that name in another basin", () => {
    const text = String(createCursor(place, 7));
    for (const other of [
      { ...place, name: "another" },
      { ...place, basin: "another-basin" },
    ]) {
      expect(() => restoreCursor(text, other)).toThrow(CursorMismatchError);
      expect(() => restoreCursor(text, other)).toThrow(
        expect.objectContaining({ code: "CURSOR_MISMATCH", cursor: createCursor(place, 7) }),
      );
    }
  });

  it("is not made of any other text, nor of a text that was cut off", () => {
    const text = String(createCursor(place, 7));
    const cut = Array.from({ length: text.length }, (_, length) => text.slice(0, length));
    const others = [
      "7",
      "c2.7.AAAA",
      `${text}=`,
      ` ${text}`,
      text.toUpperCase(),
      "c1.zzzzzzzzzzz.AAAA",
      "c1.1.____",
    ];
    for (const wrong of [...cut, ...others, undefined as unknown as string]) {
      let thrown: unknown;
      try {
        restoreCursor(wrong, place);
      } catch (error) {
        thrown = error;
      }
      expect(isS2Error(thrown), String(wrong)).toBe(true);
    }
  });

  it("is made of names and numbers only", () => {
    for (const seqNum of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => createCursor(place, seqNum)).toThrow("seq_num must be an integer from 0 to 2^53-1");
    }
    expect(() => createCursor({ ...place, basin: "X" }, 0)).toThrow("basin must");
    expect(() => createCursor({ ...place, name: ".." }, 0)).toThrow("stream must");
  });

  it("follows what a session has handed over", async () => {
    const records = ["a", "b", "c"].map((body, index) => storedRecord({ body }, 10 + index));
    const session = new MemoryReadSession(records);
    expect(cursorOf(place, session)).toBeUndefined();
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    expect(cursorOf(place, session)?.seq_num).toBe(12);
  });
});
