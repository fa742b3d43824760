import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { decodeData, RecordCursor } from "../storage/record-cursor.js";
import { encodeRecordData, encodeRecords, type RecordData } from "../storage/record-encoding.js";
import type { StoredBatch } from "../storage/storage.js";
import type { U64 } from "../storage/u64.js";
import { isCommand } from "./append-input.js";
import type { Cipher } from "./configs.js";
import { refuse } from "./errors.js";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_KEY_TEXT = 44;
const NO_HEADERS: RecordData["headers"] = [];

/**
 * Seals and opens records under a key that the client sends along. The cipher beneath is AES-256-GCM for both of the
 * service's names: what matters here is the behaviour, that a key is needed and a wrong one fails.
 */
export interface RecordCipher {
  /** A data record as it is stored; command records stay as they are. */
  seal(record: RecordData): RecordData;
  /** A stored batch in the clear. @throws ServiceError `decryption_failed`, for one bad record too. */
  open(batch: StoredBatch): StoredBatch;
}

/** Why a header's text cannot be a key at all, on any stream; `undefined` when it might be one. */
export function keyTextFault(text: string): string | undefined {
  const { length } = text.trim();
  if (length >= 1 && length <= MAX_KEY_TEXT) return undefined;
  return `invalid encryption key: key material length ${length} is out of range`;
}

/**
 * The cipher for a stream and the key that a request carries.
 * @returns `undefined` for a stream in the clear, whose readers may send any key.
 * @throws ServiceError `bad_header` when the key is missing or is no key.
 */
export function resolveCipher(
  cipher: Cipher | null,
  keyText: string | undefined,
  streamId: string,
): RecordCipher | undefined {
  if (cipher === null) return undefined;
  if (keyText === undefined)
    throw refuse("bad_header", `missing encryption key for stream cipher '${cipher}'`);
  return createRecordCipher(decodeKey(cipher, keyText.trim()), Buffer.from(streamId));
}

function decodeKey(cipher: Cipher, text: string): Buffer {
  const key = Buffer.from(text, "base64");
  if (key.toString("base64") !== text) {
    throw refuse("bad_header", `invalid encryption key for stream cipher '${cipher}': invalid base64`);
  }
  if (key.length === KEY_BYTES) return key;
  throw refuse("bad_header", `invalid encryption key length for stream cipher '${cipher}': ${key.length}`);
}

function createRecordCipher(key: Buffer, streamId: Buffer): RecordCipher {
  return {
    seal(record) {
      if (isCommand(record.headers)) return record;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(streamId);
      const text = Buffer.concat([nonce, cipher.update(encodeRecordData(record)), cipher.final()]);
      return { headers: NO_HEADERS, body: Buffer.concat([text, cipher.getAuthTag()]) };
    },
    open(batch) {
      const records: RecordData[] = [];
      const timestamps: U64[] = [];
      const cursor = new RecordCursor(batch.bytes);
      while (cursor.next()) {
        const stored = cursor.parts();
        records.push(stored.headers.length > 0 ? stored : openRecord(stored.body, key, streamId));
        timestamps.push(cursor.timestamp);
      }
      return { ...batch, sealed: false, bytes: encodeRecords(records, batch.firstSeqNum, timestamps) };
    },
  };
}

function openRecord(sealed: Uint8Array, key: Buffer, streamId: Buffer): RecordData {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES)).setAAD(streamId);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const text = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
    const data = Buffer.concat([decipher.update(text), decipher.final()]);
    return decodeData(data, 0, data.length);
  } catch {
    throw refuse("decryption_failed", "record decryption failed");
  }
}
