import type { AppendOptions, ReadSessionOptions, S2RequestOptions, S2Stream } from "@s2-dev/streamstore";
import type { ReadArgs } from "@s2-dev/streamstore-core";
import type {
  InvalidMessage,
  InvalidPolicy,
  MessageArgs,
  OutgoingMessage,
  ResumePosition,
  WrittenMessage,
} from "./message-types.js";
import type { TypedAppendSession, TypedAppendSessionOptions } from "./typed-append-session.js";
import type { TypedReadSession } from "./typed-read-session.js";

/** What is needed of a handle of a stream. */
export type TypedSource = Pick<S2Stream, "append" | "appendSession" | "readSession">;

/** Conditions of an append, and its signal. */
export interface TypedAppendOptions extends AppendOptions, S2RequestOptions {}

/** Where to start reading, until when, and what to do with messages that cannot be used. */
export interface TypedReadArgs<P extends InvalidPolicy = Exclude<InvalidPolicy, "raw">>
  extends Omit<ReadArgs<"bytes">, "as" | "bytes" | "count" | "ignoreCommandRecords"> {
  /** Go on where an earlier read has stopped: `message.resume` or `session.resumePosition()`. */
  readonly resume?: ResumePosition | undefined;
  /**
   * `"throw"` (default) ends the read with `InvalidMessageError`; `"raw"` hands an `InvalidMessage` over; a function is
   * told of it and waited for, and the message is left out.
   */
  readonly onInvalid?: P | undefined;
}

/** What to read at once, and how much at most. */
export interface TypedReadOnceArgs<P extends InvalidPolicy = Exclude<InvalidPolicy, "raw">>
  extends Omit<TypedReadArgs<P>, "wait"> {
  /** Most messages. Default 1000. */
  readonly count?: number | undefined;
  /** Read no further batch when the messages so far are more bytes than this, as they are stored. Default 16 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Where to start following, and what to do with messages that cannot be used. */
export type FollowArgs<P extends InvalidPolicy = Exclude<InvalidPolicy, "raw">> = Omit<
  TypedReadArgs<P>,
  "until" | "wait"
>;

/** A stream of typed messages. */
export interface TypedStream<A extends MessageArgs, M> {
  /**
   * Appends one message: in one batch, all or nothing, if it fits (1 MiB); a larger one batch by batch, and readers see
   * it when it is whole. Resolves with its sequence numbers once it is durable.
   * @throws InvalidMessageError for a value that does not fit; `FrameSizeError` beyond `maxFrameBytes`;
   * `INVALID_ARGUMENT` for metadata; nothing was sent then. Otherwise what `S2Stream.append` throws.
   */
  append(...args: [...A, options?: TypedAppendOptions]): Promise<WrittenMessage>;
  /**
   * Appends several messages as one batch, all or nothing; gives the sequence numbers of each.
   * @throws as `append`, and `INVALID_ARGUMENT` when they do not fit one batch (1000 records, 1 MiB).
   */
  appendBatch(
    messages: readonly OutgoingMessage<A>[],
    options?: TypedAppendOptions,
  ): Promise<WrittenMessage[]>;
  /** Starts a pipelined session, for many messages. Touches no network: the first batch finds out what is wrong. */
  appendSession(
    options?: TypedAppendSessionOptions,
    request?: S2RequestOptions,
  ): Promise<TypedAppendSession<A>>;
  /**
   * Messages from a start, by default the beginning, up to the tail or a limit. Go on with the `resume` of the last one.
   * Nothing there is no error. Messages that are not whole at the tail are left out.
   * @throws InvalidMessageError under the policy `"throw"`: its `before` are the messages before the one that it is about.
   */
  read(args?: TypedReadOnceArgs, options?: ReadSessionOptions): Promise<M[]>;
  read(args: TypedReadOnceArgs<"raw">, options?: ReadSessionOptions): Promise<(M | InvalidMessage)[]>;
  /** Reads from a position on, by default the tail, and follows the stream live. */
  readSession(args?: TypedReadArgs, options?: ReadSessionOptions): Promise<TypedReadSession<M>>;
  readSession(
    args: TypedReadArgs<"raw">,
    options?: ReadSessionOptions,
  ): Promise<TypedReadSession<M | InvalidMessage>>;
  /**
   * Follows the stream live, by default from its tail on, and never ends by itself: leave the loop, or abort the signal.
   * The stream is opened when it is iterated.
   *
   * @example
   * for await (const { value } of orders.follow({ seq_num: 0 })) show(value);
   */
  follow(args?: FollowArgs, options?: ReadSessionOptions): AsyncIterable<M>;
  follow(args: FollowArgs<"raw">, options?: ReadSessionOptions): AsyncIterable<M | InvalidMessage>;
}
