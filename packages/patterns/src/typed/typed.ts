import type { ReadSessionOptions, S2RequestOptions } from "@s2-dev/streamstore";
import {
  invalidArgument,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
  type ReadArgs,
} from "@s2-dev/streamstore-core";
import { checkObject, show } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkHas } from "../options/check-values.js";
import { openToTail } from "../reading/read-all.js";
import { splitIntoBatches } from "../serialization/batches.js";
import { writerIdBytes } from "../serialization/dedupe.js";
import type { FramedRecord } from "../serialization/frame.js";
import { createWriterId } from "../serialization/writer-id.js";
import { InvalidMessageError } from "./invalid-message-error.js";
import { type AnyMessage, MessageReader } from "./message-reader.js";
import { type EncodedMessage, fitsRecord, framedRecords, plainRecord } from "./message-records.js";
import type {
  InvalidPolicy,
  MessageArgs,
  MessageUnion,
  OutgoingMessage,
  ResumePosition,
  TypedMessage,
  UnionArgs,
  UnionMessage,
  ValueArgs,
  WrittenMessage,
} from "./message-types.js";
import { encodeMessage, type GivenMeta } from "./message-writer.js";
import type { InferInput, InferOutput, StandardSchema } from "./standard-schema.js";
import {
  checkTypedSessionOptions,
  MessageAppendSession,
  type TypedAppendSession,
  type TypedAppendSessionOptions,
} from "./typed-append-session.js";
import { MessageSession } from "./typed-read-session.js";
import {
  type AnyOptions,
  type CodecOptions,
  resolveTypedSettings,
  type SchemaOptions,
  type TypedSettings,
  type UnionOptions,
} from "./typed-settings.js";
import type {
  FollowArgs,
  TypedAppendOptions,
  TypedReadArgs,
  TypedReadOnceArgs,
  TypedSource,
  TypedStream,
} from "./typed-stream.js";
import { restoredMarks, type WriterMarks } from "./writer-marks.js";

/** What is looked at here; the session checks the others. */
const READ: OptionNames<Pick<TypedReadArgs, "onInvalid" | "resume">> = { onInvalid: true, resume: true };
const READ_ONCE: OptionNames<Pick<TypedReadOnceArgs, "count" | "maxBytes" | "onInvalid" | "resume">> = {
  ...READ,
  count: true,
  maxBytes: true,
};

/**
 * A typed view of a stream: values are checked by a schema before they are appended and again when they are read, and
 * are stored by a codec, JSON unless another is given. What is stored is the value as it was given; what is read is what
 * the schema makes of it, so defaults and transformations apply on reading, once.
 *
 * Messages of any size can be written; those that fit a record are one, whose body is the encoded value.
 *
 * @example
 * const orders = typed(stream, { schema: z.object({ id: z.string(), amount: z.number() }) });
 * await orders.append({ id: "a", amount: 3 });
 * for await (const { value } of orders.follow({ seq_num: 0 })) console.log(value.amount);
 *
 * @throws S2Error `INVALID_ARGUMENT` for options that make no sense.
 */
export function typed<S extends StandardSchema>(
  stream: TypedSource,
  options: SchemaOptions<S>,
): TypedStream<ValueArgs<InferInput<S>>, TypedMessage<InferOutput<S>>>;
/** A typed view of a stream of several types, which a header tells apart: each has a schema of its own. */
export function typed<const U extends MessageUnion>(
  stream: TypedSource,
  options: UnionOptions<U>,
): TypedStream<UnionArgs<U>, UnionMessage<U>>;
/** A typed view of a stream without a schema: values are what the codec takes and gives. */
export function typed<V>(
  stream: TypedSource,
  options: CodecOptions<V>,
): TypedStream<ValueArgs<V>, TypedMessage<V>>;
export function typed(stream: TypedSource, options: AnyOptions): TypedStream<MessageArgs, AnyMessage> {
  const settings = resolveTypedSettings(options);
  checkHas(stream, "append", "stream");
  return new View(stream, settings) as TypedStream<MessageArgs, AnyMessage>;
}

const DEFAULT_COUNT = 1000;
const DEFAULT_READ_BYTES = 16 * 1024 * 1024;

class View {
  readonly #stream: TypedSource;
  readonly #settings: TypedSettings;

  constructor(stream: TypedSource, settings: TypedSettings) {
    this.#stream = stream;
    this.#settings = settings;
  }

  async append(value: unknown, meta?: GivenMeta, options: TypedAppendOptions = {}): Promise<WrittenMessage> {
    checkObject(options, "the options of an append");
    const message = await encodeMessage(this.#settings, value, meta);
    const { signal, match_seq_num, ...args } = options;
    let range: WrittenMessage | undefined;
    let expected = match_seq_num ?? undefined;
    for (const batch of splitIntoBatches(recordsOf(message))) {
      const ack = await this.#stream.append(batch, { ...args, match_seq_num: expected }, { signal });
      if (expected !== undefined) expected += batch.length;
      range = { start: range?.start ?? ack.start.seq_num, end: ack.end.seq_num };
    }
    return range as WrittenMessage;
  }

  async appendBatch(
    messages: readonly OutgoingMessage<MessageArgs>[],
    options: TypedAppendOptions = {},
  ): Promise<WrittenMessage[]> {
    checkObject(options, "the options of an append");
    if (!Array.isArray(messages)) throw invalidArgument(`messages must be an array; got ${show(messages)}`);
    // A hole is a message, too: one that is refused.
    const encoded = await Promise.all(
      Array.from(messages, (message, index) => this.#encodeAt(message, index)),
    );
    const records = encoded.map(plainRecord);
    checkOneBatch(records);
    if (records.length === 0) return [];
    const { signal, ...args } = options;
    const { start } = await this.#stream.append(records, args, { signal });
    return records.map((_, index) => ({ start: start.seq_num + index, end: start.seq_num + index + 1 }));
  }

  async appendSession(
    options: TypedAppendSessionOptions = {},
    request?: S2RequestOptions,
  ): Promise<TypedAppendSession<MessageArgs>> {
    checkTypedSessionOptions(options);
    const { streamConfig, maxInflightBytes, maxInflightBatches, exactlyOnce, retry, session } = options;
    const own = { streamConfig, maxInflightBytes, maxInflightBatches, exactlyOnce, retry };
    const opened = session ?? (await this.#stream.appendSession(own, request));
    return new MessageAppendSession(this.#settings, opened, options);
  }

  async read(
    args: TypedReadOnceArgs<InvalidPolicy> = {},
    options?: ReadSessionOptions,
  ): Promise<AnyMessage[]> {
    checkOptions<object>(args, "a typed read", READ_ONCE);
    const { onInvalid, resume, count = DEFAULT_COUNT, maxBytes = DEFAULT_READ_BYTES, ...range } = args;
    for (const [name, value] of Object.entries({ count, maxBytes })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw invalidArgument(`${name} must be an integer from 0 to 2^53-1; got ${show(value)}`);
      }
    }
    const reader = this.#reader(onInvalid, resume);
    const found: AnyMessage[] = [];
    if (count === 0) return found;
    const session = await openToTail<"bytes">(
      this.#stream,
      { ...range, ...from(resume), as: "bytes" },
      options,
    );
    if (session === undefined) return found;
    try {
      for await (const messages of new MessageSession(session, reader).batches()) {
        found.push(...messages);
        if (found.length >= count || reader.payloadBytes > maxBytes) break;
      }
    } catch (error) {
      throw error instanceof InvalidMessageError ? Object.assign(error, { before: found }) : error;
    }
    return found.slice(0, count);
  }

  async readSession(
    args: TypedReadArgs<InvalidPolicy> = {},
    options?: ReadSessionOptions,
  ): Promise<MessageSession> {
    checkOptions<object>(args, "a typed read", READ);
    const { onInvalid, resume, ...range } = args;
    const reader = this.#reader(onInvalid, resume);
    const session = await this.#stream.readSession<"bytes">(
      { ...range, ...from(resume), as: "bytes" },
      options,
    );
    return new MessageSession(session, reader);
  }

  follow(args: FollowArgs<InvalidPolicy> = {}, options?: ReadSessionOptions): AsyncIterable<AnyMessage> {
    const open = (): Promise<MessageSession> => this.readSession(args, options);
    return {
      async *[Symbol.asyncIterator]() {
        yield* await open();
      },
    };
  }

  #reader(onInvalid: InvalidPolicy = "throw", resume?: ResumePosition): MessageReader {
    if (onInvalid !== "throw" && onInvalid !== "raw" && typeof onInvalid !== "function") {
      throw invalidArgument(`onInvalid must be "throw", "raw" or a function; got ${show(onInvalid)}`);
    }
    const { after, marks } = knownFrom(resume);
    return new MessageReader(this.#settings, onInvalid, after, marks);
  }

  async #encodeAt(message: OutgoingMessage<MessageArgs>, index: number): Promise<EncodedMessage> {
    checkObject(message, `messages[${index}]`);
    const { value, ...meta } = message;
    try {
      return await encodeMessage(this.#settings, value, meta);
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error;
      const issues = error.issues.map((issue) => ({ ...issue, path: [index, ...issue.path] }));
      throw new InvalidMessageError(error.problem, issues, error, { cause: error });
    }
  }
}

/** A message that is larger than a record is numbered by a writer of its own, so that readers can tell its parts. */
function recordsOf(message: EncodedMessage): FramedRecord[] {
  const plain = plainRecord(message);
  if (fitsRecord(plain)) return [plain];
  return framedRecords(message, { writer: writerIdBytes(createWriterId()), seq: 0n });
}

function checkOneBatch(records: readonly FramedRecord[]): void {
  const bytes = records.reduce((sum, record) => sum + meteredBytes(record), 0);
  if (records.length <= MAX_BATCH_RECORDS && bytes <= MAX_BATCH_BYTES) return;
  throw invalidArgument(
    `a batch has at most ${MAX_BATCH_RECORDS} messages and ${MAX_BATCH_BYTES} metered bytes; got ${records.length} and ${bytes}: use appendSession`,
  );
}

/** A position to resume from is a start; other ones beside it are refused by the read. */
function from(resume: ResumePosition | undefined): Pick<ReadArgs, "seq_num"> {
  return resume === undefined ? {} : { seq_num: resume.seq_num };
}

/** What a position tells of what was handed over. Throws `INVALID_ARGUMENT` for what is none. */
function knownFrom(resume: ResumePosition | undefined): { after: number; marks: WriterMarks } {
  if (resume === undefined) return { after: 0, marks: [] };
  checkObject(resume, "resume");
  const { seq_num, after, writers } = resume;
  const marks = restoredMarks(writers);
  if (!isPosition(seq_num) || !isPosition(after) || marks === undefined) {
    throw invalidArgument(`resume must be the position of a message; got ${show(JSON.stringify(resume))}`);
  }
  return { after, marks };
}

function isPosition(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
