import { type TypedSource, typed } from "@s2-dev/streamstore-patterns/typed";

/** What a message is: a change, or the whole document as it was, which takes the place of everything before it. */
export const UPDATE = "update";
export const SNAPSHOT = "snapshot";

/** The stream of a document: updates of Yjs as they are, of any size. The type is in a header. */
export const messagesOf = (stream: TypedSource) =>
  typed<Uint8Array>(stream, { codec: { encode: (update) => update, decode: (bytes) => bytes.slice() } });

/** Such a stream. */
export type Messages = ReturnType<typeof messagesOf>;
