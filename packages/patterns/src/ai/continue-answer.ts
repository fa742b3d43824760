import type { Answer } from "./answer.js";
import { type AnswerOptions, type ConversationStream, resolveAnswerSettings } from "./answer-options.js";
import { endRecord } from "./answer-record.js";
import { ChunkShaper } from "./chunk-shaper.js";
import { Continuation } from "./continuation.js";
import { findAnswer } from "./find-answer.js";
import { readLeft } from "./left-answer.js";
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
 * Gives `undefined` when there is none; when somebody has asked for it to stop; and when its chunks say that it has come
 * to its end, and only the record of that is missing. Then it is ended. All its chunks are in memory meanwhile.
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
    const chunks: UiChunk[] = [];
    const left = found && (await readLeft(stream, found, settings.signal, (chunk) => chunks.push(chunk)));
    if (found === undefined || left === undefined || left.reason !== undefined) {
      if (found !== undefined && left?.reason !== undefined) {
        await held.lease.append([endRecord(found.answer, left.reason)]);
      }
      await release(held);
      return undefined;
    }
    const { nextIndex, watchFrom } = left;
    const shaper = new ChunkShaper(found.answer, new Continuation(chunks));
    const place = { begin: found.begin, nextIndex, watchFrom };
    const answer = openAnswer(stream, settings, found.answer, shaper, held, place);
    return Object.assign(answer, { chunks, text: textOf(chunks) });
  } catch (error) {
    await release(held);
    throw error;
  }
}

function textOf(chunks: readonly UiChunk[]): string {
  return chunks
    .map((chunk) => (chunk.type === "text-delta" ? String((chunk as { delta?: unknown }).delta ?? "") : ""))
    .join("");
}
