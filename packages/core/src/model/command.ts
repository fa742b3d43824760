import { TRIM_BODY_BYTES } from "./limits.js";
import type { BytesReadRecord, StringReadRecord } from "./record.js";

/** What a command record that was read says. */
export type Command =
  | { readonly command: "fence"; readonly fencingToken: string }
  | {
      readonly command: "trim";
      /**
       * Records before this sequence number are dropped. Above 2^53-1 it is a bigint (deleting a stream trims at
       * 2^64-1). `undefined`: the record was read as text, in which this number cannot be seen; read it as bytes.
       */
      readonly trimPoint: number | bigint | undefined;
    }
  | { readonly command: "unknown"; readonly name: string };

/**
 * Whether a record that was read is a command: it has exactly one header, and that header's name is empty. What is no
 * record is none.
 */
export function isCommandRecord(record: StringReadRecord | BytesReadRecord): boolean {
  const headerList = record?.headerList;
  return headerList?.length === 1 && headerList[0]?.[0].length === 0;
}

/** The command in a record that was read, or `undefined` when the record is not one. */
export function commandOf(record: StringReadRecord | BytesReadRecord): Command | undefined {
  if (!isCommandRecord(record)) return undefined;
  const value = record.headerList[0]?.[1] ?? "";
  const name = typeof value === "string" ? value : decode(value);
  if (name === "fence") {
    return {
      command: "fence",
      fencingToken: typeof record.body === "string" ? record.body : decode(record.body),
    };
  }
  if (name === "trim") return { command: "trim", trimPoint: trimPointOf(record.body) };
  return { command: "unknown", name };
}

function trimPointOf(body: string | Uint8Array): number | bigint | undefined {
  // U+FFFD stands for bytes that were lost in the text.
  if (typeof body === "string" && body.includes("\ufffd")) return undefined;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (bytes.length !== TRIM_BODY_BYTES) return undefined;
  const point = new DataView(bytes.buffer, bytes.byteOffset, TRIM_BODY_BYTES).getBigUint64(0);
  return point <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(point) : point;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
