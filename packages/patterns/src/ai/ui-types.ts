/** One chunk of a UI message stream, of whichever version of the AI SDK: what a `data:` line of its events holds. */
export interface UiChunk {
  /** What kind of chunk it is. */
  readonly type: string;
}

/** A message as `useChat` holds it, of whichever version of the AI SDK. */
export interface UiMessage {
  /** Id of the message. */
  readonly id: string;
  /** Who says it: `"user"`, `"assistant"` or `"system"`. */
  readonly role: string;
  /** What it says: text and other parts, each with a `type`. */
  readonly parts?: readonly object[];
}

/** What an answer is made of: chunks, or a result of `streamText`, which gives them. */
export type UiChunkSource =
  | ReadableStream<UiChunk>
  | AsyncIterable<UiChunk>
  | { toUIMessageStream(): ReadableStream<UiChunk> };

/** Makes messages of chunks: `readUIMessageStream` of the AI SDK that the program uses. */
export interface MessageReader<M extends UiMessage> {
  /** Gives a message again and again while it grows; it goes on from `message` when there is one. */
  readUIMessageStream(options: { stream: ReadableStream<UiChunk>; message?: M }): AsyncIterable<M>;
}

/** A chunk's own fields, which differ from version to version. */
export function fieldsOf(chunk: UiChunk): Readonly<Record<string, unknown>> {
  return chunk as unknown as Readonly<Record<string, unknown>>;
}
