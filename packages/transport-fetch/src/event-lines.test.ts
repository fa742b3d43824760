import type { SseEvent } from "@s2-dev/streamstore-core/wire";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventLines } from "./event-lines.js";

function eventsIn(pieces: readonly string[]): SseEvent[] {
  const events: SseEvent[] = [];
  const lines = createEventLines((event) => events.push(event));
  for (const piece of pieces) lines.push(piece);
  return events;
}

/** What the library finds in the whole text at once. */
function eventsByLibrary(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  createParser({ onEvent: ({ event, id, data }) => events.push({ event, id, data }) }).feed(text);
  return events;
}

/** An event named with nothing is one without a name. */
const named = (events: readonly SseEvent[]): SseEvent[] =>
  events.map(({ event, id, data }) => ({ event: event || undefined, id, data }));

const line = fc.oneof(
  fc.constant(""),
  fc
    .tuple(
      fc.constantFrom("data", "event", "id", "retry", "", "other", " data", "DATA"),
      fc.constantFrom("", ":", ": ", ":  ", " :"),
      fc.constantFrom("", "x", "[DONE]", '{"records":[]}', "a:b", "a\0b", "é€😀"),
    )
    .map((parts) => parts.join("")),
);
const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n")), { maxLength: 12 });

describe("events in the text of a stream", () => {
  it("are what eventsource-parser finds, wherever the text is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 6 }), (lines, cuts) => {
        // A CR at the very end leaves open whether an LF follows, which the library waits for.
        const text = `${lines.flat().join("")}:\n`;
        const edges = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length];
        const pieces = edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
        expect(named(eventsIn(pieces))).toEqual(named(eventsByLibrary(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it("end with an empty line; what is not ended is counted", () => {
    const events: SseEvent[] = [];
    const lines = createEventLines((event) => events.push(event));
    lines.push("id: 7\ndata: ab\ndata: c");
    expect([events.length, lines.pending]).toEqual([0, "ab".length + "data: c".length]);
    lines.push("\r\n\r");
    expect(events).toEqual([{ event: undefined, id: "7", data: "ab\nc" }]);
    lines.push("\ndata: next\n\n");
    expect(events.slice(1)).toEqual([{ event: undefined, id: undefined, data: "next" }]);
    expect(lines.pending).toBe(0);
  });
});
