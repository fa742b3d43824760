import type { MockLanguageModelV2 as Model } from "ai-5/test";
import { type AiLane, type Speech, speak } from "./lane.js";

type Part = Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

export const aiFive: AiLane = {
  version: 5,
  node: 18,
  async open() {
    const { readUIMessageStream, streamText } = await import("ai-5");
    const { MockLanguageModelV2 } = await import("ai-5/test");
    const answer = (words: readonly string[], speech: Speech) =>
      streamText({
        model: new MockLanguageModelV2({
          doStream: async ({ abortSignal }) => ({
            stream: speak<Part>(
              words,
              abortSignal === undefined ? speech : { ...speech, signal: abortSignal },
              {
                before: [
                  { type: "stream-start", warnings: [] },
                  { type: "text-start", id: "t" },
                ],
                word: (delta) => ({ type: "text-delta", id: "t", delta }),
                after: [
                  { type: "text-end", id: "t" },
                  {
                    type: "finish",
                    finishReason: "stop",
                    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
                  },
                ],
              },
            ),
          }),
        }),
        prompt: "Count",
        ...(speech.signal === undefined ? {} : { abortSignal: speech.signal }),
      });
    return {
      readUIMessageStream: readUIMessageStream as never,
      result: answer,
      hooked: (words, { consumeSseStream }) =>
        answer(words, { pause: 0 }).toUIMessageStreamResponse({ consumeSseStream }),
    };
  },
};
