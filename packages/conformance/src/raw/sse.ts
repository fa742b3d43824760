import type { RawExchange } from "./http.js";

/** One event as it stands in the body: its fields in order, nothing interpreted. */
export interface RawEvent {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string;
}

/** The events of a `text/event-stream` body; fails when the body ends within one. */
export async function* eventsOf({ chunks }: RawExchange): AsyncGenerator<RawEvent, void> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of chunks) {
    pending += decoder.decode(chunk, { stream: true });
    const blocks = pending.split("\n\n");
    pending = blocks.pop() ?? "";
    for (const block of blocks) yield eventOf(block);
  }
  if (pending !== "") throw new Error(`The body ends within an event: ${JSON.stringify(pending)}`);
}

function eventOf(block: string): RawEvent {
  const fields = block.split("\n").map((line): [string, string] => {
    const colon = line.indexOf(": ");
    return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 2)];
  });
  const fieldOf = (name: string): string | undefined => fields.find(([field]) => field === name)?.[1];
  return { fields, event: fieldOf("event"), id: fieldOf("id"), data: fieldOf("data") ?? "" };
}
