import type { AnswerReason } from "./answer-record.js";
import type { UiChunk } from "./ui-types.js";

/** Whether its chunks have not said how an answer has ended: one that has failed behind its own `finish` has said otherwise. */
export function lacksClosing(reason: AnswerReason, said: AnswerReason | undefined): boolean {
  return said === undefined || (reason === "failed" && said !== "failed");
}

/** The chunk that tells a reader of an end which the chunks before it do not tell. */
export function closingChunk(reason: AnswerReason, errorText: () => string): UiChunk | undefined {
  if (reason === "finished") return undefined;
  // Whoever has replaced an answer, or stopped it, wanted to.
  if (reason === "stopped" || reason === "replaced") return { type: "abort" };
  return { type: "error", errorText: errorText() } as UiChunk;
}
