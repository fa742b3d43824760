import type { MockLanguageModelV3 as Model } from "ai-6/test";
import { type AiLane, type Speech, speak } from "./lane.js";

type Part = Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

export const aiSix: AiLane = {
  version: 6,
  node: 18,
  async open() {
    const { readUIMessageStream, streamText } = await import("ai-6");
    const { MockLanguageModelV3 } = await import("ai-6/test");
    const answer = (words: readonly string[], speech: Speech) =>
      streamText({
        model: new MockLanguageModelV3({
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
                    finishReason: { unified: "stop", raw: "stop" },
                    usage: {
                      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
                      outputTokens: { total: 1, text: 1, reasoning: 0 },
                    },
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
