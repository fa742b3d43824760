import { readAll } from "../reading/read-all.js";
import type { ConversationStream } from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader, chunkIn, reasonSaid } from "./answer-record.js";
import type { ActiveAnswer } from "./find-answer.js";
import type { UiChunk } from "./ui-types.js";

/** What the records of an answer tell whose producer has gone. */
export interface LeftAnswer {
  /** One more than the next: a chunk that was cut off is not joined to what comes. */
  readonly nextIndex: number;
  /** Sequence number behind the last record that was read. */
  readonly watchFrom: number;
  /** How it has ended, if only the record of that is missing; or that somebody has asked for it to stop. */
  readonly reason: AnswerReason | undefined;
}

/** Reads an answer that has not ended from its beginning to the tail; a batch at a time is in memory. */
export async function readLeft(
  stream: Pick<ConversationStream, "readSession">,
  { answer, begin }: ActiveAnswer,
  signal: AbortSignal | undefined,
  onChunk: (chunk: UiChunk) => void = () => {},
): Promise<LeftAnswer> {
  const reader = new AnswerRecordReader();
  let watchFrom = begin + 1;
  let said: AnswerReason | undefined;
  let isStopped = false;
  for await (const { records } of readAll(stream, { seq_num: begin }, { signal }).batches()) {
    for (const record of records) {
      watchFrom = record.seq_num + 1;
      const event = reader.push(record);
      const chunk = event?.kind === "chunk" && event.begin === begin ? chunkIn(event.json) : undefined;
      if (chunk !== undefined) {
        said = reasonSaid(said, chunk);
        onChunk(chunk);
      } else if (event?.kind === "stop" && event.answer === answer) isStopped = true;
    }
  }
  return { nextIndex: reader.index + 2, watchFrom, reason: said ?? (isStopped ? "stopped" : undefined) };
}
