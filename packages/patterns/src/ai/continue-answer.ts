import { readAll } from "../reading/read-all.js";
import type { Answer } from "./answer.js";
import {
  type AnswerOptions,
  type AnswerSettings,
  type ConversationStream,
  resolveAnswerSettings,
} from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader, chunkIn, endRecord, reasonOfChunk } from "./answer-record.js";
import { ChunkShaper } from "./chunk-shaper.js";
import { Continuation } from "./continuation.js";
import { type ActiveAnswer, findAnswer } from "./find-answer.js";
import { hold, openAnswer, release } from "./start-answer.js";
import type { UiChunk } from "./ui-types.js";

/** An answer that goes on where another producer has broken it off. */
export interface ContinuedAnswer extends Answer {
  /** All its chunks that are durable, in order. */
  readonly chunks: readonly UiChunk[];
  /** All the text in them. */
  readonly text: string;
}

/** How an answer is continued: as it is written, but for what lies before it. */
export type ContinueOptions = Omit<
  AnswerOptions,
  "beginMillis" | "dropFrom" | "id" | "messages" | "whenActive"
>;

/**
 * Goes on with the answer whose producer has gone, from its last durable part: readers that follow it see it go on. What
 * is given to it now is joined to what is there: `start` is left out, and the text that was broken off goes on in its
 * part. Of several that try exactly one succeeds.
 *
 * Gives `undefined` when there is none; when somebody has asked for it to stop; and when its last chunk says that it has
 * come to its end, and only the record of that is missing. Then it is ended. All its chunks are in memory meanwhile.
 *
 * @throws LeaseHeldError while its producer, or another that goes on with it, is alive.
 */
export async function continueAnswer(
  stream: ConversationStream,
  options: ContinueOptions = {},
): Promise<ContinuedAnswer | undefined> {
  const settings = resolveAnswerSettings(options);
  if ((await findAnswer(stream, settings)) === undefined) return undefined;
  const held = await hold(stream, settings);
  try {
    // Looked for again under the lease: it may have come to its end.
    const found = await findAnswer(stream, settings);
    const left = found && (await readLeft(stream, found, settings));
    if (found === undefined || left === undefined || left.reason !== undefined) {
      if (found !== undefined && left?.reason !== undefined) {
        await held.lease.append([endRecord(found.answer, left.reason)]);
      }
      await release(held);
      return undefined;
    }
    const { chunks, nextIndex, watchFrom } = left;
    const shaper = new ChunkShaper(found.answer, new Continuation(chunks));
    const place = { begin: found.begin, nextIndex, watchFrom };
    const answer = openAnswer(stream, settings, found.answer, shaper, held, place);
    return Object.assign(answer, { chunks, text: textOf(chunks) });
  } catch (error) {
    await release(held);
    throw error;
  }
}

/** What there is of an answer that was broken off. */
interface Left {
  readonly chunks: UiChunk[];
  /** One more than the next: a chunk that was cut off is not joined to what comes. */
  readonly nextIndex: number;
  /** Sequence number behind the last record that was read. */
  readonly watchFrom: number;
  /** How it has ended, if it only was not said; or that somebody has asked for it to stop. */
  readonly reason: AnswerReason | undefined;
}

async function readLeft(
  stream: ConversationStream,
  { answer, begin }: ActiveAnswer,
  { signal }: AnswerSettings,
): Promise<Left> {
  const reader = new AnswerRecordReader();
  const chunks: UiChunk[] = [];
  let watchFrom = begin + 1;
  let isStopped = false;
  for await (const { records } of readAll(stream, { seq_num: begin }, { signal }).batches()) {
    for (const record of records) {
      watchFrom = record.seq_num + 1;
      const event = reader.push(record);
      const chunk = event?.kind === "chunk" && event.begin === begin ? chunkIn(event.json) : undefined;
      if (chunk !== undefined) chunks.push(chunk);
      else if (event?.kind === "stop" && event.answer === answer) isStopped = true;
    }
  }
  const reason = chunks.map(reasonOfChunk).find((said) => said !== undefined);
  return {
    chunks,
    nextIndex: reader.index + 2,
    watchFrom,
    reason: reason ?? (isStopped ? "stopped" : undefined),
  };
}

function textOf(chunks: readonly UiChunk[]): string {
  return chunks
    .map((chunk) => (chunk.type === "text-delta" ? String((chunk as { delta?: unknown }).delta ?? "") : ""))
    .join("");
}
