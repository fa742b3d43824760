import { invalidArgument, type ReadRecord, type RecordFormat } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { encodeBase64 } from "@s2-dev/streamstore-core/wire";

/** One event as a program gives it. */
export interface StreamEvent {
  /** Name of the event; without one it is a `message`. */
  readonly event?: string | undefined;
  /** Its data; lines may end in any way. An event without data is not dispatched by an `EventSource`. */
  readonly data: string;
}

const ANY_LINE_END = /\r\n|\r|\n/;

/** The text of one event, blank line included. */
export function eventText(event: StreamEvent, id: string): string {
  const { event: name, data } = event;
  if (typeof data !== "string") throw invalidArgument(`the data of an event must be text; got ${show(data)}`);
  let text = "";
  if (name !== undefined) {
    if (typeof name !== "string" || ANY_LINE_END.test(name)) {
      throw invalidArgument(`the name of an event must be one line of text; got ${show(name)}`);
    }
    text += `event: ${name}\n`;
  }
  // JSON, the usual case, is one line.
  const lines = ANY_LINE_END.test(data) ? data.split(ANY_LINE_END).join("\ndata: ") : data;
  return `${text}id: ${id}\ndata: ${lines}\n\n`;
}

/**
 * A record as JSON: `{ seq_num, timestamp, body, headers }`, with all headers in order as pairs. Text as it is, bytes in
 * base64.
 */
export function recordToJson<F extends RecordFormat>(record: ReadRecord<F>): string {
  checkHeaderList(record);
  const { seq_num, timestamp, body, headerList } = record;
  const headers = headerList.map(([name, value]) => [textOf(name), textOf(value)]);
  return JSON.stringify({ seq_num, timestamp, body: textOf(body), headers });
}

function textOf(data: string | Uint8Array): string {
  return typeof data === "string" ? data : encodeBase64(data);
}

function checkHeaderList(record: { readonly headerList: readonly unknown[] }): void {
  if (!Array.isArray(record?.headerList))
    throw invalidArgument(`record must be one that was read; got ${show(record)}`);
}
