import type { S2Stream } from "@s2-dev/streamstore";
import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import {
  type Answer,
  type AnswerOptions,
  resumeResponse,
  startAnswer,
  type UiChunk,
} from "@s2-dev/streamstore-patterns/ai";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import { expect } from "vitest";
import { eventually, settled } from "./waiting.js";

/** As long as a machine under load may take, in milliseconds: what is shown here is not how soon anything happens. */
export const PATIENCE = 60_000;
/** A lease that does not run out meanwhile, however busy its holder is. */
export const LONG = 600_000;

/** Starts an answer whose lease outlasts any wait of a test. */
export const startLastingAnswer = (stream: S2Stream, options: AnswerOptions = {}): Promise<Answer> =>
  startAnswer(stream, { beginMillis: PATIENCE, ttlMillis: LONG, ...options });

/** Of producers whose clocks stand still, in milliseconds: the time, how long a lease is, and how far clocks may differ. */
export const NOW = 1_750_000_000_000;
export const TTL = 10_000;
export const SKEW = 1000;

export const delta = (text: string): UiChunk => ({ type: "text-delta", id: "0", delta: text }) as UiChunk;
export const opening: readonly UiChunk[] = [{ type: "start" }, { type: "text-start", id: "0" } as UiChunk];
export const closing: readonly UiChunk[] = [{ type: "text-end", id: "0" } as UiChunk, { type: "finish" }];
export const numbered = (from: number, to: number): UiChunk[] =>
  Array.from({ length: to - from }, (_, index) => delta(`${from + index} `));
export const textOf = (chunks: readonly object[]): string =>
  chunks.map((chunk) => (chunk as { delta?: string }).delta ?? "").join("");
/** The text of an answer that is whole. */
export const EVERYTHING = textOf(numbered(0, 100));

/** How an answer ends that has all its chunks at once. */
export function endOf(answer: Answer): Answer["done"] {
  const source = new ReadableStream<UiChunk>({
    start(controller) {
      for (const chunk of [...opening, ...numbered(0, 10), ...closing]) controller.enqueue(chunk);
      controller.close();
    },
  });
  return answer.persist(source);
}

/** A source that is fed by hand, and an answer made of it. */
export function produce(answer: Answer) {
  let controller!: ReadableStreamDefaultController<UiChunk>;
  const stream = new ReadableStream<UiChunk>({
    start(started) {
      controller = started;
    },
  });
  const response = answer.respond(stream);
  const give = (...chunks: UiChunk[]): void => {
    for (const chunk of chunks) controller.enqueue(chunk);
  };
  return { give, end: () => controller.close(), sent: chunksOf(response) };
}

/** What a reader gets, once all of it is there. */
export async function chunksOf(response: Response): Promise<object[]> {
  const text = await settled("the end of the response", response.text());
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => json);
  expect(data.at(-1)).toBe("[DONE]");
  return data.slice(0, -1).map((json) => JSON.parse(json) as object);
}

/** What a page that is loaded anew is answered with. */
export const resume = (stream: S2Stream, options: Parameters<typeof resumeResponse>[2] = {}) =>
  resumeResponse(new Request("http://chat/stream"), stream, options);

/** What a reader gets whose clock does what is due, and does not move on. */
export async function answeredBy(
  stream: S2Stream,
  options: NonNullable<Parameters<typeof resumeResponse>[2]> & { clock: FakeClock },
): Promise<object[]> {
  let chunks: object[] | undefined;
  const reading = resume(stream, options)
    .then(chunksOf)
    .then((found) => {
      chunks = found;
    });
  const ended = eventually("the end of the response", async () => {
    await options.clock.advance(0);
    return chunks;
  });
  await Promise.all([reading, ended]);
  return ended;
}

/** Waits until so many chunks are durable. */
export const untilDurable = (stream: S2Stream, count: number) =>
  eventually(`${count} durable chunks`, async () => {
    const records = await collect(stream);
    return records.filter(({ headers }) => headers._ai?.startsWith("c.")).length >= count ? true : undefined;
  });

/** A producer whose clock stands still: to others it has died when theirs is beyond its lease. */
export async function abandonAnswer(stream: S2Stream, options: AnswerOptions = {}): Promise<void> {
  const clock = createFakeClock(NOW);
  const answer = await startLastingAnswer(stream, {
    clock,
    ttlMillis: TTL,
    lingerMillis: 0,
    id: "a1",
    ...options,
  });
  const { give } = produce(answer);
  give(...opening, ...numbered(0, 40));
  await untilDurable(stream, 42);
}

/** What puts a message together of its chunks, as far as a conversation needs it. */
export const messageReader = {
  async *readUIMessageStream({ stream }: { stream: ReadableStream<UiChunk> }) {
    const message = { id: "", role: "assistant", text: "" };
    for await (const chunk of stream) {
      message.id = (chunk as { messageId?: string }).messageId ?? message.id;
      message.text += textOf([chunk]);
      yield { ...message };
    }
  },
};
