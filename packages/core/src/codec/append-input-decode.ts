import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { malformed, ProtoReader, skipUnknown } from "./proto-reader.js";
import { readText } from "./text.js";
import type { U64, WireAppendInput, WireAppendRecord, WireHeader } from "./wire-types.js";

const RECORDS = 0x0a;
const MATCH_SEQ_NUM = 0x10;
const FENCING_TOKEN = 0x1a;
const TIMESTAMP = 0x08;
const HEADERS = 0x12;
const BODY = 0x1a;
const NAME = 0x0a;
const VALUE = 0x12;

const NO_HEADERS: readonly WireHeader[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Reads an `AppendInput` as a server does: the form is checked, no rule about the contents is applied. Header names,
 * values and bodies are views on `payload`.
 * @throws CodecError `bad_proto`.
 */
export function decodeAppendInput(payload: Uint8Array): WireAppendInput {
  const reader = new ProtoReader(payload);
  const records: WireAppendRecord[] = [];
  let matchSeqNum: U64 | undefined;
  let fencingToken: string | undefined;
  while (reader.pos < reader.end) {
    const key = reader.key();
    if (key === RECORDS) records.push(readRecord(reader));
    else if (key === MATCH_SEQ_NUM) matchSeqNum = reader.u64();
    else if (key === FENCING_TOKEN) fencingToken = readUtf8(reader);
    else skipUnknown(reader, key, 3);
  }
  return { records, match_seq_num: matchSeqNum, fencing_token: fencingToken };
}

function readRecord(reader: ProtoReader): WireAppendRecord {
  const outer = reader.enter();
  let timestamp: U64 | undefined;
  let body = EMPTY_BYTES;
  let headers: WireHeader[] | undefined;
  while (reader.pos < reader.end) {
    const key = reader.key();
    if (key === TIMESTAMP) timestamp = reader.u64();
    else if (key === HEADERS) {
      headers ??= [];
      headers.push(readHeader(reader));
    } else if (key === BODY) body = reader.view();
    else skipUnknown(reader, key, 3);
  }
  reader.leave(outer);
  return { timestamp, headers: headers ?? NO_HEADERS, body };
}

function readHeader(reader: ProtoReader): WireHeader {
  const outer = reader.enter();
  let name = EMPTY_BYTES;
  let value = EMPTY_BYTES;
  while (reader.pos < reader.end) {
    const key = reader.key();
    if (key === NAME) name = reader.view();
    else if (key === VALUE) value = reader.view();
    else skipUnknown(reader, key, 2);
  }
  reader.leave(outer);
  return [name, value];
}

/** Text that must be UTF-8. Apart from the reader, since only servers read such a field. */
function readUtf8(reader: ProtoReader): string {
  const bytes = reader.view();
  const text = readText(bytes, 0, bytes.length);
  // A replacement character is either in the text itself or the sign of bytes that are not UTF-8.
  if (text.includes("\ufffd") && !isUtf8(bytes)) {
    throw malformed("invalid string value: data is not UTF-8 encoded");
  }
  return text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
