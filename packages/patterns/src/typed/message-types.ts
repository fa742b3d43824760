import type { InvalidMessageError } from "./invalid-message-error.js";
import type { MessageMeta } from "./message-headers.js";
import type { InferInput, InferOutput, StandardSchema } from "./standard-schema.js";

/** Arguments that write one message: its value, then its metadata. */
export type MessageArgs = readonly [
  value: unknown,
  meta?: MessageMeta & { readonly type?: string | undefined },
];

/** The same as one object: what a batch holds and the `writable` takes. */
export type OutgoingMessage<A extends MessageArgs> = A extends readonly [infer V, (infer M)?]
  ? { readonly value: V } & NonNullable<M>
  : never;

// Not the type of the serialization: one that two entries share counts as a value in the bundled declarations of the root.
/** The sequence numbers that a message got: from `start` to before `end`. */
export interface WrittenMessage {
  /** Sequence number of its first record. */
  readonly start: number;
  /** Sequence number behind its last record. */
  readonly end: number;
}

/**
 * Where to go on reading later, to be stored as JSON: nothing is missed, and no message that was handed over comes again,
 * nor a copy of it that a retry has left further behind.
 */
export interface ResumePosition {
  /** The record to read from: the first of the oldest message that was not whole yet. */
  readonly seq_num: number;
  /** Messages that end here or before were handed over. */
  readonly after: number;
  /** The last number of each of the last 32 writers that number their records, as text. */
  readonly writers?: Readonly<Record<string, string>> | undefined;
}

/** What is known of every message that was read. */
export interface ReadMessage {
  /** Sequence number of its first record. */
  readonly seq_num: number;
  /** Sequence number behind its last record. */
  readonly end: number;
  /** Where to go on reading behind it; may be stored as JSON. */
  readonly resume: ResumePosition;
  /** Key that its writer gave it. */
  readonly key: string | undefined;
  /** Id that its writer gave it. */
  readonly id: string | undefined;
  /** The message's own if it has one, else that of its last record; in milliseconds since the epoch. */
  readonly timestamp: number;
  /** Its further headers, as text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A message that was read and is good. */
export interface TypedMessage<V, T extends string | undefined = string | undefined> extends ReadMessage {
  /** What the schema has made of it. */
  readonly value: V;
  /** Which of the union's types it is. */
  readonly type: T;
  /** None: it fits. */
  readonly error?: undefined;
}

/** A message that was read and cannot be used. */
export interface InvalidMessage extends ReadMessage {
  /** None: it does not fit. */
  readonly value?: undefined;
  /** The type that its header names, in a union. */
  readonly type: string | undefined;
  /** What is wrong with it. */
  readonly error: InvalidMessageError;
  /** Its bytes as they were read, a view on the received batch; empty where they were too many to be joined. */
  readonly payload: Uint8Array;
}

/** A message that will not be handed over, since not all of it was written. */
export interface DiscardedMessage {
  /** Sequence number of its first record. */
  readonly seq_num: number;
  /** Records of it that had come. */
  readonly records: number;
  /**
   * Why: nothing of it came for `maxSilentRecords` (`silent`), its writer began another (`superseded`), a record of it is
   * missing (`gap`), it is not what it claims to be (`mismatch`, `malformed`), or too many others were unfinished (`evicted`).
   */
  readonly reason: "superseded" | "gap" | "mismatch" | "malformed" | "evicted" | "silent";
}

/** The types of a union stream, each with its schema, or with a schema and what else differs from the stream's. */
export type MessageUnion = Readonly<Record<string, StandardSchema | { readonly schema: StandardSchema }>>;

type SchemaOf<D> = D extends StandardSchema
  ? D
  : D extends { readonly schema: infer S extends StandardSchema }
    ? S
    : never;

/** Arguments that write a message of a union: its type is required, and decides about its value. */
export type UnionArgs<U extends MessageUnion> = {
  [K in keyof U & string]: [value: InferInput<SchemaOf<U[K]>>, meta: MessageMeta & { readonly type: K }];
}[keyof U & string];

/** Messages of a union: told apart by their `type`. */
export type UnionMessage<U extends MessageUnion> = {
  [K in keyof U & string]: TypedMessage<InferOutput<SchemaOf<U[K]>>, K>;
}[keyof U & string];

/** Arguments that write a message of a stream that is no union. */
export type ValueArgs<V> = [value: V, meta?: MessageMeta & { readonly type?: string | undefined }];

/** Is told of a message that cannot be used and is left out, and is waited for. */
export type InvalidListener = (invalid: InvalidMessage) => void | Promise<void>;

/** What to do with a message that cannot be used: throw, hand it over as an `InvalidMessage`, or leave it out and tell. */
export type InvalidPolicy = "throw" | "raw" | InvalidListener;
