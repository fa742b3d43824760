import type { MockLanguageModelV4 as Model } from "ai-7/test";
import { type AiLane, type Speech, speak } from "./lane.js";

type Part = Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

export const aiSeven: AiLane = {
  version: 7,
  node: 22,
  async open() {
    const { createUIMessageStreamResponse, readUIMessageStream, streamText, toUIMessageStream } =
      await import("ai-7");
    const { MockLanguageModelV4 } = await import("ai-7/test");
    const answer = (words: readonly string[], speech: Speech) =>
      streamText({
        model: new MockLanguageModelV4({
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
    // Its results do without the methods of the versions before.
    const chunks = (words: readonly string[], speech: Speech) =>
      toUIMessageStream({ stream: answer(words, speech).stream });
    return {
      readUIMessageStream: readUIMessageStream as never,
      result: chunks,
      hooked: (words, { consumeSseStream }) =>
        createUIMessageStreamResponse({ stream: chunks(words, { pause: 0 }), consumeSseStream }),
    };
  },
};
