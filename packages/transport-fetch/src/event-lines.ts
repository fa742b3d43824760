import type { SseEvent } from "@s2-dev/streamstore-core/reading";

/** Cuts the text of an event stream into events, however it comes in pieces. */
export interface EventLines {
  push(text: string): void;
  /** Characters kept of an event that is not complete. */
  readonly pending: number;
}

/**
 * Finds the events in an event stream: lines end in LF, CR or both; comments and unknown fields are passed over; an
 * event that is not followed by an empty line is none. A byte order mark is whoever decodes the text's to drop.
 * A library does the same in four times the code, which every page that reads would load; a test compares the two.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createEventLines(onEvent: (event: SseEvent) => void): EventLines {
  /** The beginning of a line whose end has not come. Grows by concatenation, which copies nothing until it is cut. */
  let begun = "";
  let endsInCr = false;
  let event: string | undefined;
  let id: string | undefined;
  let data: string | undefined;

  function takeLine(line: string): void {
    if (line === "") {
      if (data !== undefined) onEvent({ event, id, data });
      event = id = data = undefined;
      return;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value;
    // An id with a NUL is to be ignored, says the standard.
    else if (name === "id" && !value.includes("\0")) id = value;
  }

  return {
    get pending() {
      return begun.length + (data?.length ?? 0);
    },
    push(text) {
      if (text === "") return;
      let start = endsInCr && text[0] === "\n" ? 1 : 0;
      let cr = text.indexOf("\r");
      for (;;) {
        const lf = text.indexOf("\n", start);
        if (cr >= 0 && cr < start) cr = text.indexOf("\r", start);
        const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
        if (end < 0) break;
        takeLine(begun + text.slice(start, end));
        begun = "";
        start = end + (end === cr && lf === end + 1 ? 2 : 1);
      }
      begun += text.slice(start);
      endsInCr = text.endsWith("\r");
    },
  };
}
