import { readFileSync } from "node:fs";
import type { LanguageModel } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { storyWords } from "./story.js";

/** Milliseconds between two words of the model that needs no key. */
const PAUSE = Number(process.env.WORD_MILLIS ?? 40);

/** A file that says how many words of an answer may be told by now: with it a test holds the model where it wants it. */
const WORDS_FILE = process.env.WORDS_FILE;

type StreamOptions = Parameters<MockLanguageModelV3["doStream"]>[0];
type Part =
  Awaited<ReturnType<MockLanguageModelV3["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

/**
 * A real model by way of the AI Gateway when there is a key for it; one that tells a story, word by word, otherwise.
 * Whoever goes on with an answer gives it what there is of it as the last message.
 */
export function chatModel(): LanguageModel {
  if (process.env.AI_GATEWAY_API_KEY) return process.env.AI_MODEL ?? "openai/gpt-5-mini";
  return new MockLanguageModelV3({ doStream: async (options) => ({ stream: tell(options) }) });
}

function tell({ prompt, abortSignal }: StreamOptions): ReadableStream<Part> {
  const last = prompt.at(-1);
  const told = last?.role === "assistant" ? textIn(last.content) : "";
  const question = textIn(prompt.filter(({ role }) => role === "user").at(-1)?.content);
  const story = storyWords(question);
  const words = wordsBehind(story, told);
  let index = -1;
  return new ReadableStream<Part>({
    start(controller) {
      controller.enqueue({ type: "stream-start", warnings: [] });
      controller.enqueue({ type: "text-start", id: "story" });
    },
    async pull(controller) {
      index += 1;
      const word = words[index];
      if (word !== undefined) {
        do await pause(abortSignal);
        while (story.length - words.length + index >= wordsAllowed());
        controller.enqueue({ type: "text-delta", id: "story", delta: word });
        return;
      }
      controller.enqueue({ type: "text-end", id: "story" });
      controller.enqueue({ type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage });
      controller.close();
    },
  });
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** The words that follow the text that was told already; it may end within one. */
function wordsBehind(words: readonly string[], told: string): string[] {
  let rest = told.length;
  const left: string[] = [];
  for (const word of words) {
    if (rest < word.length) left.push(word.slice(Math.max(0, rest)));
    rest -= word.length;
  }
  return left;
}

function wordsAllowed(): number {
  return WORDS_FILE === undefined ? Number.POSITIVE_INFINITY : Number(readFileSync(WORDS_FILE, "utf8"));
}

function textIn(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      console.log("model call aborted");
      reject(signal?.reason);
    };
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, PAUSE);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
