import type { S2Stream } from "@s2-dev/streamstore";
import { type Answer, compactConversation, readConversation } from "@s2-dev/streamstore-patterns/ai";
import type * as five from "ai-5";
import type * as six from "ai-6";
import type * as seven from "ai-7";

/** What each version has: never called, it has to compile. */
export async function fitsFive(ai: typeof five, stream: S2Stream, answer: Answer, model: five.LanguageModel) {
  const { messages } = await readConversation(stream, ai);
  const first: five.UIMessage | undefined = messages[0];
  answer.respond(ai.streamText({ model, messages: ai.convertToModelMessages(messages) }));
  return first;
}

export async function fitsSix(ai: typeof six, stream: S2Stream, answer: Answer, model: six.LanguageModel) {
  const { messages } = await readConversation(stream, ai);
  const first: six.UIMessage | undefined = messages[0];
  answer.respond(ai.streamText({ model, messages: await ai.convertToModelMessages(messages) }));
  return first;
}

export async function fitsSeven(
  ai: typeof seven,
  stream: S2Stream,
  answer: Answer,
  model: seven.LanguageModel,
) {
  const { readUIMessageStream } = ai;
  const conversation = await readConversation<seven.UIMessage>(stream, { readUIMessageStream });
  const result = ai.streamText({ model, messages: await ai.convertToModelMessages(conversation.messages) });
  answer.respond(ai.toUIMessageStream({ stream: result.stream }));
  return compactConversation(stream, { readUIMessageStream });
}
