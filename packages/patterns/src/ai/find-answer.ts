import { S2Error, type StringReadRecord } from "@s2-dev/streamstore-core";
import { checkObject } from "@s2-dev/streamstore-core/transport";
import { openToTail } from "../reading/read-all.js";
import type { ConversationStream } from "./answer-options.js";
import { AnswerRecordReader, beginOfChunk, isMessageKind, kindOf } from "./answer-record.js";

/** An answer that has begun and not ended. */
export interface ActiveAnswer {
  /** Id of the answer. */
  readonly answer: string;
  /** Sequence number of the record at which it begins. */
  readonly begin: number;
}

/** What a look at the tail tells of it. */
export interface FoundAnswer extends ActiveAnswer {
  /** Until when its first producer counted as alive, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Sequence number behind the last record that was looked at. */
  readonly next: number;
}

type Source = Pick<ConversationStream, "read" | "readSession">;
interface LookOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Records from the tail that are looked at first; renewals of the lease and stop requests may be among them. */
const LOOK_BACK = 16;
const WIDEN = 8;

/**
 * The answer of a conversation that has begun and not ended, found from the tail: its producer may be at work, or may
 * have gone. `undefined` when there is none, also for a stream that does not exist.
 */
export async function findAnswer(
  stream: Pick<ConversationStream, "read" | "readSession">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ActiveAnswer | undefined> {
  checkObject(options, "the options of findAnswer");
  const found = await lookForAnswer(stream, options);
  return found && { answer: found.answer, begin: found.begin };
}

/** The same, with what else was seen. */
export async function lookForAnswer(
  stream: Source,
  { signal }: LookOptions = {},
): Promise<FoundAnswer | undefined> {
  try {
    const last = await lastWord(stream, { signal });
    if (last?.begin === undefined) return undefined;
    const { begin, next } = last;
    const { records } = await stream.read({ seq_num: begin, count: 1 }, { signal });
    const [record] = records;
    // Trimmed meanwhile: then it has ended.
    if (record === undefined || record.seq_num !== begin) return undefined;
    const event = new AnswerRecordReader().push(record);
    if (event?.kind !== "begin") return undefined;
    return { answer: event.answer, begin, expiresAt: event.expiresAt, next };
  } catch (error) {
    if (error instanceof S2Error && error.code === "stream_not_found") return undefined;
    throw error;
  }
}

/** What the last record says that is of an answer or a message. */
interface LastWord {
  /** Where the answer begins; `undefined` when none is under way. */
  readonly begin: number | undefined;
  readonly next: number;
}

/** Looks further and further back; however far that is, a batch at a time is in memory. */
async function lastWord(stream: Source, options: LookOptions): Promise<LastWord | undefined> {
  for (let depth = LOOK_BACK; ; depth = Math.min(depth * WIDEN, Number.MAX_SAFE_INTEGER)) {
    const session = await openToTail<"string">(stream, { tail_offset: depth, count: depth }, options);
    if (session === undefined) return undefined;
    let last: LastWord | undefined;
    let seen = 0;
    let next = 0;
    for await (const { records } of session.batches()) {
      seen += records.length;
      for (const record of records) last = wordOf(record) ?? last;
      next = (records.at(-1)?.seq_num ?? next - 1) + 1;
    }
    // Fewer than were asked for: the look went back to the first record there is.
    if (last !== undefined || seen < depth) return last && { ...last, next };
  }
}

function wordOf(record: StringReadRecord): LastWord | undefined {
  const kind = kindOf(record);
  const next = record.seq_num + 1;
  if (kind === undefined) return undefined;
  if (kind === "begin") return { begin: record.seq_num, next };
  if (kind === "end" || isMessageKind(kind)) return { begin: undefined, next };
  const begin = beginOfChunk(kind);
  return begin === undefined ? undefined : { begin, next };
}
