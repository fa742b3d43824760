import type { UiChunk } from "../src/ai/index.js";

/** The chunks of an answer of these words, as the AI SDK makes them. */
export function answerChunks(words: readonly string[], id = "0"): UiChunk[] {
  return [
    { type: "start" },
    { type: "start-step" },
    chunk({ type: "text-start", id }),
    ...words.map((delta) => chunk({ type: "text-delta", id, delta })),
    chunk({ type: "text-end", id }),
    { type: "finish-step" },
    { type: "finish" },
  ];
}

export function chunk(fields: { readonly type: string } & Record<string, unknown>): UiChunk {
  return fields;
}

/** The text in chunks, or in their JSON. */
export function textOf(chunks: readonly (UiChunk | string)[]): string {
  return chunks
    .map((each) => (typeof each === "string" ? (JSON.parse(each) as UiChunk) : each) as { delta?: string })
    .map(({ delta = "" }) => delta)
    .join("");
}

/** A source that is fed by hand. */
export interface FedSource {
  readonly stream: ReadableStream<UiChunk>;
  readonly cancelledWith: unknown[];
  give(...chunks: UiChunk[]): void;
  end(): void;
  fail(error: unknown): void;
}

export function feed(): FedSource {
  let controller!: ReadableStreamDefaultController<UiChunk>;
  const cancelledWith: unknown[] = [];
  const stream = new ReadableStream<UiChunk>({
    start(started) {
      controller = started;
    },
    cancel(reason) {
      cancelledWith.push(reason);
    },
  });
  return {
    ...{ stream, cancelledWith },
    give: (...chunks) => {
      for (const each of chunks) controller.enqueue(each);
    },
    end: () => controller.close(),
    fail: (error) => controller.error(error),
  };
}

/** The events in the body of a response: id and data of each, without comments. */
export interface ReadEvents {
  readonly data: string[];
  readonly ids: string[];
  comments: number;
  readonly finished: Promise<"ended" | "broken">;
  cancel(): Promise<void>;
}

/** Reads a response as it comes. */
export function readEvents(response: Response): ReadEvents {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const events = { data: [] as string[], ids: [] as string[], comments: 0 };
  const finished = readAll(reader, events);
  return Object.assign(events, { finished, cancel: () => reader.cancel("gone") });
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  events: Pick<ReadEvents, "comments" | "data" | "ids">,
): Promise<"ended" | "broken"> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "ended";
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const line of blocks.flatMap((block) => block.split("\n"))) {
        if (line === ":") events.comments += 1;
        if (line.startsWith("data: ")) events.data.push(line.slice(6));
        if (line.startsWith("id: ")) events.ids.push(line.slice(4));
      }
    }
  } catch {
    return "broken";
  }
}
