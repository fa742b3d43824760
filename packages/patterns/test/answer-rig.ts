import { createFakeClock, type FakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import {
  type AnswerOptions,
  type ResumeOptions,
  resumeResponse,
  startAnswer,
  type UiChunk,
} from "../src/ai/index.js";
import { MemoryConversation } from "./memory-conversation.js";
import { answerChunks, feed, readEvents } from "./ui-chunks.js";

export const NOW = 1_750_000_000_000;
export const WORDS = ["Once ", "upon ", "a ", "time"];
export const CHUNKS = answerChunks(WORDS);

/** A conversation in memory, with a producer and readers on a clock of their own. */
export function createAnswerRig() {
  const clock = createFakeClock(NOW);
  const memory = new MemoryConversation(clock);
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const options: AnswerOptions = { clock, ttlMillis: 9000, clockSkewMillis: 1000, id: "a1", onError };
  /** An answer of which these chunks are durable, and which may go on. */
  const begin = async (count: number, more: Omit<AnswerOptions, "clock"> & { clock?: FakeClock } = {}) => {
    const answer = await startAnswer(memory.stream, { ...options, ...more });
    const source = feed();
    void answer.persist(source.stream);
    source.give(...CHUNKS.slice(0, count));
    await clock.advance(50);
    await more.clock?.advance(50);
    return { answer, source };
  };
  const resume = async (more: ResumeOptions = {}, headers: Record<string, string> = {}) => {
    const request = new Request("http://chat/api/chat/one/stream", { headers });
    const response = await resumeResponse(request, memory.stream, { clock, clockSkewMillis: 1000, ...more });
    return { response, events: response.status === 200 ? readEvents(response) : undefined };
  };
  const follow = async (more: ResumeOptions = {}, headers: Record<string, string> = {}) => {
    const { events } = await resume(more, headers);
    if (events === undefined) throw new Error("there should be something to resume");
    await flushMicrotasks();
    return events;
  };
  /** How the answers have ended, as the stream says. */
  const ends = (): unknown[] => memory.bodies(/^end$/).map((body) => JSON.parse(body));
  const fences = (): number => memory.records.filter(({ headers }) => headers[""] === "fence").length;
  return { clock, memory, errors, options, begin, resume, follow, ends, fences };
}

/** The clock of a producer that has gone: it stands still, so it renews nothing and learns nothing. */
export const dying = () => ({ clock: createFakeClock(NOW) });

export function fedWith(chunks: readonly UiChunk[]): ReadableStream<UiChunk> {
  const source = feed();
  source.give(...chunks);
  source.end();
  return source.stream;
}
