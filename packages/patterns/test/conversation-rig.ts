import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import {
  type AnswerOptions,
  compactConversation,
  readConversation,
  startAnswer,
  type UiChunk,
  type UiMessage,
} from "../src/ai/index.js";
import { MemoryConversation } from "./memory-conversation.js";
import { answerChunks, feed, textOf } from "./ui-chunks.js";

/** A message as far as tests look at one. */
export interface Message extends UiMessage {
  readonly text: string;
}

/** As that of the AI SDK: gives a message each time it has grown, and goes on with one that it is given. */
export const reader = {
  async *readUIMessageStream(options: { stream: ReadableStream<UiChunk>; message?: Message }) {
    let { id = "", text = "" } = options.message ?? {};
    for await (const chunk of options.stream) {
      id = (chunk as { messageId?: string }).messageId ?? id;
      text += textOf([chunk]);
      yield { id, role: "assistant", text } as Message;
    }
  },
};

/** A conversation in memory, and what its users do. */
export function createConversationRig() {
  const clock = createFakeClock(1_750_000_000_000);
  const memory = new MemoryConversation(clock);
  const say = async (id: string, words: readonly string[], more: AnswerOptions = {}, isWhole = true) => {
    const answer = await startAnswer(memory.stream, { clock, id, ...more });
    const source = feed();
    void answer.persist(source.stream);
    source.give(...answerChunks(words).slice(0, isWhole ? undefined : 4));
    if (isWhole) source.end();
    await clock.advance(200);
    return source;
  };
  const ask = (id: string, text: string) => ({ messages: [{ id, role: "user", text }] });
  const read = () => readConversation(memory.stream, reader);
  const compact = () => compactConversation(memory.stream, reader, { clock });
  return { clock, memory, say, ask, read, compact };
}

/** Each message in a line. */
export const texts = (messages: readonly Message[]) =>
  messages.map(({ id, role, text }) => `${id} ${role}: ${text}`);
