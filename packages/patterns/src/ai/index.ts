/**
 * Answers of a model that survive reloads, crashes and restarts, and can be stopped from anywhere, with any version of the
 * AI SDK.
 * @packageDocumentation
 */

export type { Answer, AnswerEnd, UiResponseInit } from "./answer.js";
export type { AnswerOptions, ConversationStream, ProducerOptions } from "./answer-options.js";
export type { AnswerReason } from "./answer-record.js";
export {
  type AnswerResponseOptions,
  answerResponse,
  type Produce,
  type Producing,
} from "./answer-response.js";
export { type Compaction, type CompactOptions, compactConversation } from "./compact-conversation.js";
export { type ContinuedAnswer, type ContinueOptions, continueAnswer } from "./continue-answer.js";
export { type Conversation, readConversation } from "./conversation.js";
export { type ActiveAnswer, findAnswer } from "./find-answer.js";
export type { AnswerSourceStream } from "./find-replay.js";
export type { ResumeOptions } from "./resume-options.js";
export { resumeResponse } from "./resume-response.js";
export { startAnswer } from "./start-answer.js";
export { type StopOptions, type StoppedAnswer, stopAnswer } from "./stop-answer.js";
export type { MessageReader, UiChunk, UiChunkSource, UiMessage } from "./ui-types.js";
