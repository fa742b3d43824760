/**
 * Streams of typed messages: checked by any Standard Schema validator, stored by any codec, of any size.
 * @packageDocumentation
 */
export { type Codec, jsonCodec } from "./codec.js";
export { InvalidMessageError, type MessageIssue, type MessageProblem } from "./invalid-message-error.js";
export type { MessageMeta, MetaHeaderNames } from "./message-headers.js";
export { type Upcaster, upcast } from "./message-kind.js";
export type {
  DiscardedMessage,
  InvalidListener,
  InvalidMessage,
  InvalidPolicy,
  MessageArgs,
  MessageUnion,
  OutgoingMessage,
  ReadMessage,
  ResumePosition,
  TypedMessage,
  UnionArgs,
  UnionMessage,
  ValueArgs,
  WrittenMessage,
} from "./message-types.js";
export type {
  InferInput,
  InferOutput,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./standard-schema.js";
export { typed } from "./typed.js";
export type {
  MessageTicket,
  TypedAppendSession,
  TypedAppendSessionOptions,
} from "./typed-append-session.js";
export type { TypedReadSession } from "./typed-read-session.js";
export type {
  CodecOptions,
  CommonOptions,
  SchemaOptions,
  UnionMember,
  UnionOptions,
  VersionOptions,
} from "./typed-settings.js";
export type {
  FollowArgs,
  TypedAppendOptions,
  TypedReadArgs,
  TypedReadOnceArgs,
  TypedSource,
  TypedStream,
} from "./typed-stream.js";
