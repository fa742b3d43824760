import { type ReadSession, S2Error, type StringReadRecord } from "@s2-dev/streamstore-core";
import { readAll } from "../reading/read-all.js";
import { type ConversationStream, DEFAULT_TTL } from "./answer-options.js";
import { beginOfChunk, kindOf } from "./answer-record.js";
import { type ActiveAnswer, type FoundAnswer, lookForAnswer } from "./find-answer.js";
import type { ReplayPosition } from "./replay-position.js";
import type { ResumeSettings } from "./resume-options.js";

/** What is needed of a handle of a stream to give its answer to readers. */
export type AnswerSourceStream = Pick<ConversationStream, "basin" | "name" | "read" | "readSession">;

/** What a reader gets. */
export interface Replay {
  readonly session: ReadSession<"string">;
  /** The answer that may not have ended; without one the session ends at the tail. */
  readonly active: ActiveAnswer | undefined;
  /** What the reader has seen of that which it gets. */
  readonly position: ReplayPosition | undefined;
  readonly expiresAt: number;
}

/** A session on what the reader lacks; `undefined` when there is nothing. */
export async function openReplay(
  stream: AnswerSourceStream,
  position: ReplayPosition | undefined,
  { clock }: ResumeSettings,
  signal: AbortSignal,
): Promise<Replay | undefined> {
  const found = await lookForAnswer(stream, { signal });
  const lacks = await lackOf(stream, position, found, signal);
  if (lacks === "present" && found !== undefined) {
    const { answer, begin } = found;
    const own = position !== undefined && position.seqNum >= begin ? position : undefined;
    const session = await stream.readSession({ seq_num: own?.seqNum ?? begin }, { signal });
    // What comes tells more: the record at which the answer begins, and every renewal.
    const expiresAt = own?.expiresAt ?? Math.max(clock.now() + DEFAULT_TTL, found.expiresAt);
    return { session, active: { answer, begin }, position: own, expiresAt };
  }
  if (lacks !== "earlier" || position === undefined) return undefined;
  const session = await stream.readSession({ seq_num: position.seqNum, wait: 0 }, { signal });
  return { session, active: undefined, position, expiresAt: Number.POSITIVE_INFINITY };
}

/** What a reader lacks: the rest of the present answer or all of it, or that of one that has ended since. */
type Lack = "present" | "earlier" | "nothing";

async function lackOf(
  stream: AnswerSourceStream,
  position: ReplayPosition | undefined,
  found: FoundAnswer | undefined,
  signal: AbortSignal,
): Promise<Lack> {
  const present = found === undefined ? "nothing" : "present";
  if (position === undefined) return present;
  if (position.isEnd === true) {
    return found !== undefined && position.seqNum <= found.begin ? "present" : "nothing";
  }
  const isBefore = found !== undefined && position.seqNum < found.begin;
  if (found !== undefined && !isBefore) return "present";
  const isEarlier = (record: StringReadRecord): boolean => {
    const kind = kindOf(record);
    // Whoever has seen chunks of an answer wants its end; a plain cursor may lie between two answers.
    return beginOfChunk(kind) !== undefined || (kind === "end" && !(position.seen === undefined && isBefore));
  };
  try {
    let first: number | undefined;
    for await (const { records } of readAll(
      stream,
      { seq_num: position.seqNum, clamp: true },
      { signal },
    ).batches()) {
      first ??= records[0]?.seq_num;
      const isWhole = first === position.seqNum;
      // The rest of an answer of which a part was trimmed is none.
      if (!isWhole && (position.seen !== undefined || found === undefined)) return "nothing";
      for (const record of records) {
        if (record.seq_num === found?.begin) return "present";
        if (isEarlier(record)) return isWhole ? "earlier" : "nothing";
      }
    }
  } catch (error) {
    if (!(error instanceof S2Error) || error.code !== "stream_not_found") throw error;
  }
  return "nothing";
}
