import type { Answer, UiChunk, UiChunkSource } from "@s2-dev/streamstore-patterns/ai";

/** A message as far as the tests look into it. */
export interface LaneMessage {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly { readonly type: string }[];
}

/** How a mock model speaks. */
export interface Speech {
  readonly signal?: AbortSignal;
  /** Milliseconds before each word. */
  readonly pause: number;
  /** Says its words, and then nothing more, not even that it has come to its end. */
  readonly isOpen?: boolean;
  /** What its end waits for. */
  readonly heldUntil?: Promise<unknown>;
}

/** What the tests use of one version of the AI SDK. */
export interface AiPackage {
  /** An answer of these words, in the form in which that version gives it. */
  result(words: readonly string[], speech: Speech): UiChunkSource;
  /** The response of an answer whose copy goes to `consumeSseStream`. */
  hooked(words: readonly string[], answer: Answer): Response;
  readUIMessageStream(options: {
    stream: ReadableStream<UiChunk>;
    message?: LaneMessage;
  }): AsyncIterable<LaneMessage>;
}

export interface AiLane {
  readonly version: number;
  /** The oldest Node that it is for. */
  readonly node: number;
  open(): Promise<AiPackage>;
}

/** The parts of a model's stream: those of `parts`, with the words between the first two and the last ones. */
export function speak<P>(
  words: readonly string[],
  { signal, pause, isOpen = false, heldUntil }: Speech,
  parts: { readonly before: readonly P[]; word(text: string): P; readonly after: readonly P[] },
): ReadableStream<P> {
  const all = [...parts.before, ...words.map(parts.word), ...(isOpen ? [] : parts.after)];
  let next = 0;
  return new ReadableStream<P>(
    {
      async pull(controller) {
        const part = all[next];
        next += 1;
        if (part !== undefined) {
          if (pause > 0) await waitFor(pause, signal);
          if (next === all.length) await heldUntil;
          controller.enqueue(part);
        } else if (isOpen) await new Promise(() => {});
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What a provider's `fetch` does when it is aborted. */
function waitFor(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve();
    }, millis);
    signal?.addEventListener("abort", leave, { once: true });
  });
}
