import { invalidArgument, show } from "../../error/make.js";
import type { AppendHeader, AppendRecordInput } from "../../model/record.js";
import type { ExactlyOnceOptions } from "./types.js";

/** Adds a session's marker to the records of a batch. */
export type Marker = (records: readonly AppendRecordInput[]) => readonly AppendRecordInput[];

/**
 * How a session marks its batches: not at all, or with a value drawn once a session, 128 bits in hexadecimal. Throws
 * `INVALID_ARGUMENT` for what `exactlyOnce` cannot be.
 */
export function createMarker(option: boolean | ExactlyOnceOptions, random: () => number): Marker {
  if (typeof option === "boolean") return unmarked;
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw invalidArgument(`exactlyOnce must be a boolean or an object; got ${show(option)}`);
  }
  // A name that is overlooked would leave the session without the marker that was asked for.
  const foreign = Object.keys(option).find((name) => name !== "markerHeader");
  if (foreign !== undefined) {
    throw invalidArgument(`exactlyOnce has no option ${show(foreign)}; its option is markerHeader`);
  }
  const { markerHeader } = option;
  if (markerHeader === undefined) return unmarked;
  if (typeof markerHeader !== "string" || markerHeader === "") {
    throw invalidArgument(
      `exactlyOnce.markerHeader must be a name of at least one character; got ${show(markerHeader)}`,
    );
  }
  const word = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const marker: AppendHeader = [markerHeader, word() + word() + word() + word()];
  return (records) => marked(records, marker);
}

const unmarked: Marker = (records) => records;

/** Marks the first record that is no command: one more header would make a command an ordinary record. */
function marked(records: readonly AppendRecordInput[], marker: AppendHeader): readonly AppendRecordInput[] {
  for (const [index, record] of records.entries()) {
    const headers = headersOf(record);
    // What is no record is for the encoder to refuse.
    if (headers === undefined) return records;
    if (headers.length === 1 && headers[0]?.[0]?.length === 0) continue;
    const copy = [...records];
    copy[index] = { ...record, headers: [...headers, marker] };
    return copy;
  }
  return records;
}

function headersOf(record: unknown): readonly AppendHeader[] | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const { body, headers, timestamp } = record as AppendRecordInput;
  if (headers === undefined) {
    const isRecord = body !== undefined || timestamp !== undefined || Object.keys(record).length === 0;
    return isRecord ? [] : undefined;
  }
  if (Array.isArray(headers)) return headers as readonly AppendHeader[];
  return typeof headers === "object" && headers !== null ? Object.entries(headers) : undefined;
}
