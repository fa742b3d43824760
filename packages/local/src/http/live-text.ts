import { type JsonFormat, readBatchToJson } from "@s2-dev/streamstore-core/wire";
import type { ReadRecords } from "../service/read-session.js";
import { batchOf } from "./record-batch.js";

/** Batches whose text is kept: as many as followers may lie apart before the slowest falls back to storage. */
const KEPT = 32;

/** Spells a batch as JSON. */
export type BatchText = (records: ReadRecords, format: JsonFormat) => string;

/** Makes a speller for one server. Live batches, which every follower gets, are spelled once. */
export function createBatchText(spell: typeof readBatchToJson = readBatchToJson): BatchText {
  const kept: Readonly<Record<JsonFormat, Map<Uint8Array, string>>> = { raw: new Map(), base64: new Map() };

  return (records, format) => {
    const [chunk, ...others] = records.chunks;
    if (records.tail === undefined || chunk === undefined || others.length > 0)
      return spell(batchOf(records), format);
    const texts = kept[format];
    let text = texts.get(chunk);
    if (text === undefined) {
      text = spell(batchOf(records), format);
      texts.set(chunk, text);
      const [oldest] = texts.keys();
      if (texts.size > KEPT && oldest !== undefined) texts.delete(oldest);
    }
    return text;
  };
}
