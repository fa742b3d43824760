import { describe, expect, it } from "vitest";
import { CHUNKS, createAnswerRig, dying } from "../../test/answer-rig.js";
import { chunk } from "../../test/ui-chunks.js";
import { createCursor } from "../cursor/index.js";
import { PositionWriter, parsePosition } from "./replay-position.js";

const place = { basin: "all-chats", name: "one" };
const ids = new PositionWriter(place);

describe("the id of an event", () => {
  it("says where the reader is, what it has seen, and until when the producer was alive", () => {
    const id = ids.chunk(17, { begin: 3, index: 12 }, 1_750_000_000_123, false);
    expect(parsePosition(id, place)).toEqual({
      ...{ seqNum: 17, seen: { begin: 3, index: 12 }, expiresAt: 1_750_000_000_123, hasTerminal: false },
    });
    const last = ids.chunk(18, { begin: 3, index: 13 }, Number.POSITIVE_INFINITY, true);
    expect(parsePosition(last, place)).toMatchObject({
      expiresAt: Number.POSITIVE_INFINITY,
      hasTerminal: true,
    });
    expect(parsePosition(String(createCursor(place, 5)), place)).toEqual({ seqNum: 5, hasTerminal: false });
    // As a header it is sent as it is.
    expect(`${id}${last}`).toMatch(/^[\w.-]+$/);
  });

  it.each([
    "",
    "nonsense",
    `${createCursor(place, 5)}.x`,
    `${createCursor(place, 5)}.1.2`,
    `${createCursor(place, 5)}.a.2.-`,
  ])("is not %j", (text) => {
    expect(() => parsePosition(text, place)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("is one of its stream", () => {
    const id = ids.chunk(17, { begin: 3, index: 12 }, 0, false);
    expect(() => parsePosition(id, { ...place, name: "two" })).toThrow(
      expect.objectContaining({ code: "CURSOR_MISMATCH" }),
    );
  });
});

describe("a reader that comes back with the id of any event", () => {
  it("sees no token twice, wherever retries have left their copies, while the answer goes on and afterwards", async () => {
    const { clock, memory, begin, follow } = createAnswerRig();
    memory.repeats = true;
    const { source } = await begin(5);
    const first = await follow();
    for (const each of CHUNKS.slice(5, -1)) {
      source.give(each);
      await clock.advance(30);
    }
    expect(memory.bodies(/^c\./).length).toBeGreaterThanOrEqual(2 * (CHUNKS.length - 1));
    const seen = [...first.data];
    const during = [];
    for (const id of first.ids) during.push(await follow({}, { "last-event-id": id }));
    source.give(...CHUNKS.slice(-1));
    source.end();
    await clock.advance(1000);
    const whole = first.data;
    expect(whole).toHaveLength(CHUNKS.length + 1);
    for (const [index, { data }] of during.entries())
      expect([...seen.slice(0, index + 1), ...data]).toEqual(whole);
    for (const [index, id] of first.ids.slice(0, -2).entries()) {
      const { data } = await follow({}, { "last-event-id": id });
      expect([...whole.slice(0, index + 1), ...data]).toEqual(whole);
    }
  });

  it("is told once how the answer ended", async () => {
    const { clock, begin, follow } = createAnswerRig();
    const { source } = await begin(5);
    const first = await follow();
    source.give(chunk({ type: "error", errorText: "overloaded" }));
    source.end();
    await clock.advance(1000);
    const { data } = await follow({}, { "last-event-id": first.ids.at(-2) as string });
    expect(data).toEqual(["[DONE]"]);
  });

  it("is told once how the answer ended, also where data have followed", async () => {
    const { clock, begin, follow } = createAnswerRig();
    const { source } = await begin(5);
    const first = await follow();
    source.give({ type: "abort" }, chunk({ type: "data-usage", data: 7 }));
    source.end();
    await clock.advance(1000);
    expect(first.data.map((json) => json.slice(9, 15))).toEqual(expect.arrayContaining(['abort"', "data-u"]));
    const { data } = await follow({}, { "last-event-id": first.ids.at(-2) as string });
    expect(data).toEqual(["[DONE]"]);
  });

  it("knows until when the producer counts as alive without looking back for it", async () => {
    const { clock, memory, begin, follow } = createAnswerRig();
    await begin(5, { ttlMillis: 60_000 });
    const first = await follow();
    const before = memory.reads.length;
    const late = await follow({}, { "last-event-id": first.ids[2] as string });
    const looks = memory.reads.slice(before).map(({ tail_offset = 0 }) => tail_offset);
    expect(Math.max(...looks)).toBeLessThanOrEqual(16);
    // Its lease is renewed every twenty seconds only.
    await clock.advance(19_900);
    expect(late.data).toHaveLength(2);
    let hasEnded = false;
    void late.finished.then(() => {
      hasEnded = true;
    });
    await clock.advance(100);
    expect(hasEnded).toBe(false);
  });

  it("learns as soon as any other that the producer has gone", async () => {
    const { clock, begin, follow } = createAnswerRig();
    await begin(5, dying());
    const first = await follow();
    await clock.advance(5000);
    const late = await follow({}, { "last-event-id": first.ids[2] as string });
    await clock.advance(4949);
    expect([first.data.length, late.data.length]).toEqual([5, 2]);
    await clock.advance(1);
    expect([first.data.at(-1), late.data.at(-1)]).toEqual(["[DONE]", "[DONE]"]);
  });
});
