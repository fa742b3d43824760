import { AppendRecord, type AppendRecordInput } from "@s2-dev/streamstore";

/** What one record is made of, as typed. */
export interface RecordForm {
  readonly kind: "record" | "fence" | "trim";
  /** The body; of a fence the token, of a trim the sequence number. */
  readonly body: string;
  readonly encoding: "text" | "hex";
  /** A header a line: `name: value`. */
  readonly headers: string;
  /** Milliseconds since the epoch, or nothing. */
  readonly timestamp: string;
}

export const EMPTY_RECORD: RecordForm = {
  kind: "record",
  body: "",
  encoding: "text",
  headers: "",
  timestamp: "",
};

/** The record that a form describes. @throws Error that says what is wrong with it. */
export function recordFromForm(form: RecordForm): AppendRecordInput {
  const timestamp = integerFrom(form.timestamp, "The timestamp");
  if (form.kind === "fence") return AppendRecord.fence(form.body, timestamp);
  if (form.kind === "trim") {
    const point = integerFrom(form.body, "The trim point");
    if (point === undefined) throw new Error("A trim needs the sequence number before which records go");
    return AppendRecord.trim(point, timestamp);
  }
  const body = form.encoding === "hex" ? bytesFromHex(form.body) : form.body;
  const headers = headersFrom(form.headers);
  return {
    body,
    ...(headers.length === 0 ? {} : { headers }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** A sequence number or a time as typed; nothing for an empty text. @throws Error that names it. */
export function integerFrom(text: string, what: string): number | undefined {
  const given = text.trim().replaceAll(/[,_](?=\d)/g, "");
  if (given === "") return undefined;
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Error(`${what} must be a whole number; got ${text.trim()}`);
  return value;
}

function headersFrom(text: string): [string, string][] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      if (colon <= 0) throw new Error(`A header is written "name: value"; got ${line.trim()}`);
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
}

function bytesFromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits))
    throw new Error("Bytes are written as pairs of hexadecimal digits");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** How a file becomes records. */
export const FILE_FORMS = ["lines", "json", "whole"] as const;
/** `lines`: one a line; `json`: one a line, as `{"body", "headers", "timestamp"}`; `whole`: one of the whole file. */
export type FileForm = (typeof FILE_FORMS)[number];

/**
 * The records of a file, as it is read.
 * @throws Error that names the line that is wrong.
 */
export async function* recordsFromFile(
  chunks: AsyncIterable<Uint8Array>,
  form: FileForm,
): AsyncGenerator<AppendRecordInput, void, undefined> {
  if (form === "whole") {
    yield { body: await joined(chunks) };
    return;
  }
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number += 1;
    if (form === "lines") yield { body: line };
    else if (line.length > 0) yield recordFromJson(line, number);
  }
}

function recordFromJson(line: Uint8Array, number: number): AppendRecordInput {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(line));
  } catch (error) {
    throw new Error(`Line ${number} is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`Line ${number} must be an object with body, headers or timestamp`);
  }
  const { body, headers, timestamp } = value as Readonly<Record<string, unknown>>;
  const hasTextBody = body === undefined || typeof body === "string";
  return {
    // What is no text is kept as the JSON that it is.
    body: hasTextBody ? body : JSON.stringify(body),
    ...(headers === undefined ? {} : { headers: headers as NonNullable<AppendRecordInput["headers"]> }),
    ...(typeof timestamp === "number" ? { timestamp } : {}),
  };
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const NEWLINE = 10;
  const RETURN = 13;
  let parts: Uint8Array[] = [];
  const line = (end: Uint8Array): Uint8Array => {
    const whole = parts.length === 0 ? end : concatenated([...parts, end]);
    parts = [];
    return whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield line(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield line(new Uint8Array(0));
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatenated(parts);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
