import { commandOf, type ReadRecord } from "@s2-dev/streamstore";

/** A record as the page reads it: bytes, so that nothing is lost before it is shown. */
export type PageRecord = ReadRecord<"bytes">;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const HEX_ROW = 16;

/** Bytes as text; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** Whether the bytes are UTF-8 without control characters that no text has. */
export function isText(bytes: Uint8Array): boolean {
  try {
    return isReadable(strict.decode(bytes));
  } catch {
    return false;
  }
}

/** Bytes as indented JSON, or `undefined` when they are none. Numbers stay as they were written only up to 2^53. */
export function jsonOf(bytes: Uint8Array): string | undefined {
  try {
    return JSON.stringify(JSON.parse(strict.decode(bytes)), null, 2);
  } catch {
    return undefined;
  }
}

/** Bytes as a dump in rows of sixteen: offset, hexadecimal, and the printable characters. At most `limit` bytes. */
export function hexOf(bytes: Uint8Array, limit = 64 * 1024): string {
  const shown = bytes.subarray(0, limit);
  const rows: string[] = [];
  for (let offset = 0; offset < shown.length; offset += HEX_ROW) {
    const row = [...shown.subarray(offset, offset + HEX_ROW)];
    const digits = row.map((byte, index) => (index === 8 ? " " : "") + hex2(byte)).join(" ");
    const characters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"));
    rows.push(`${offset.toString(16).padStart(8, "0")}  ${digits.padEnd(48)}  ${characters.join("")}`);
  }
  if (bytes.length > limit) rows.push(`… ${bytes.length - limit} bytes more`);
  return rows.join("\n");
}

/** The beginning of a body on one line, in the form that is asked for; what is no text is shown as bytes. */
export function previewOf(bytes: Uint8Array, form: "text" | "hex", limit = 400): string {
  const shown = bytes.subarray(0, limit);
  const text = form === "text" ? textOf(shown) : "";
  if (form === "text" && isReadable(text)) return text.replaceAll(/\s+/g, " ");
  return [...shown.subarray(0, limit / 2)].map(hex2).join(" ");
}

/** What a record is, for the list and the details. */
export type RecordKind =
  | { readonly kind: "record" }
  | { readonly kind: "fence"; readonly token: string }
  | { readonly kind: "trim"; readonly point: string }
  | { readonly kind: "command"; readonly name: string };

/** Tells commands from other records: a fence with its token, a trim with its point. */
export function kindOf(record: PageRecord): RecordKind {
  const command = commandOf(record);
  switch (command?.command) {
    case undefined:
      return { kind: "record" };
    case "fence":
      return { kind: "fence", token: command.fencingToken };
    case "trim":
      return { kind: "trim", point: command.trimPoint === undefined ? "?" : String(command.trimPoint) };
    case "unknown":
      return { kind: "command", name: command.name };
  }
}

/** The end may have been cut within a character. */
function isReadable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells text from other bytes
  return !/[\u0000-\u0008\u000e-\u001f]|\ufffd(?!\ufffd{0,3}$)/.test(text);
}

function hex2(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
