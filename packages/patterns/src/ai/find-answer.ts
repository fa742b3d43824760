import { S2Error } from "@s2-dev/streamstore-core";
import { readLast } from "../reading/read-last.js";
import type { ConversationStream } from "./answer-options.js";
import { AnswerRecordReader, beginOfChunk, kindOf } from "./answer-record.js";

/** An answer that has begun and not ended. */
export interface ActiveAnswer {
  readonly answer: string;
  /** Sequence number of the record at which it begins. */
  readonly begin: number;
}

/** Records from the tail that are looked at first; stop requests and the like may be among them. */
const LOOK_BACK = 8;
const WIDEN = 8;

/**
 * The answer of a conversation that has begun and not ended, found from the tail: its producer may be at work, or may
 * have gone. `undefined` when there is none, also for a stream that does not exist.
 */
export async function findAnswer(
  stream: Pick<ConversationStream, "read" | "readSession">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ActiveAnswer | undefined> {
  try {
    const begin = await findBegin(stream, options);
    return begin === undefined ? undefined : await answerAt(stream, begin, options);
  } catch (error) {
    if (error instanceof S2Error && error.code === "stream_not_found") return undefined;
    throw error;
  }
}

/** Where the last answer begins, unless something says that it has ended. */
async function findBegin(
  stream: Pick<ConversationStream, "readSession">,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<number | undefined> {
  for (let depth = LOOK_BACK; ; depth *= WIDEN) {
    const records = await readLast(stream, depth, { ignoreCommandRecords: true }, options);
    for (const record of records.reverse()) {
      const kind = kindOf(record);
      const begin = kind === "begin" ? record.seq_num : beginOfChunk(kind);
      if (begin !== undefined) return begin;
      if (kind === "end" || kind === "message") return undefined;
    }
    if (records.length < depth) return undefined;
  }
}

async function answerAt(
  stream: Pick<ConversationStream, "read">,
  begin: number,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<ActiveAnswer | undefined> {
  const { records } = await stream.read({ seq_num: begin, count: 1 }, options);
  const [record] = records;
  // Trimmed meanwhile: then it has ended.
  if (record === undefined || record.seq_num !== begin) return undefined;
  const event = new AnswerRecordReader().push(record);
  return event?.kind === "begin" ? { answer: event.answer, begin } : undefined;
}
