import type { ReadRecord } from "@s2-dev/streamstore-core";
import { InvalidMessageError, invalidMessage } from "./invalid-message-error.js";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.js";
import { MessageDecoder, type StoredMessage } from "./message-decoder.js";
import type { StoredMeta } from "./message-headers.js";
import type {
  InvalidMessage,
  InvalidPolicy,
  ReadMessage,
  ResumePosition,
  TypedMessage,
} from "./message-types.js";
import type { TypedSettings } from "./typed-settings.js";
import { storedMarks, type WriterMarks } from "./writer-marks.js";

/** Any message that a read may hand over. */
export type AnyMessage = TypedMessage<unknown> | InvalidMessage;

/** Turns the records of a stream into typed messages, one after the other. */
export class MessageReader {
  readonly #settings: TypedSettings;
  readonly #onInvalid: InvalidPolicy;
  readonly #after: number;
  readonly #decoder: MessageDecoder;
  /** Bytes of the messages so far. */
  payloadBytes = 0;

  /** Messages that end at `after` or before were handed over earlier, and so were those that `marks` tell of. */
  constructor(settings: TypedSettings, onInvalid: InvalidPolicy, after: number, marks: WriterMarks) {
    this.#settings = settings;
    this.#onInvalid = onInvalid;
    this.#after = after;
    this.#decoder = new MessageDecoder(settings, marks);
  }

  /**
   * The message that a record completes, if one is to be handed over.
   * Throws, or rejects with, `InvalidMessageError` under the policy `"throw"`.
   */
  push(record: ReadRecord<"bytes">): MaybePromise<AnyMessage | undefined> {
    const stored = this.#decoder.push(record);
    if (stored === undefined || stored.end <= this.#after) return undefined;
    this.payloadBytes += stored.payload.length;
    const { headers: names } = this.#settings;
    const meta = names.read(stored.headers);
    const view = new Message(stored, meta);
    try {
      const value = this.#valueOf(stored, meta);
      if (!isPromise(value)) return goodMessage(view, value);
      return value.then(
        (given) => goodMessage(view, given),
        (error: unknown) => this.#refuse(view, stored.payload, error),
      );
    } catch (error) {
      return this.#refuse(view, stored.payload, error);
    }
  }

  #valueOf({ payload, seqNum, end, tooLarge }: StoredMessage, meta: StoredMeta): MaybePromise<unknown> {
    const { type, version } = meta;
    const place = { seqNum, end, type, version };
    if (tooLarge !== undefined) throw invalidMessage("size", tooLarge, place);
    const kind = this.#settings.kindOf(type);
    if (kind === undefined) throw invalidMessage("type", this.#settings.unknownType(type), place);
    if (!(version >= 1)) throw invalidMessage("version", "its version is no number of at least 1", place);
    return kind.read(payload, version, place);
  }

  #refuse(view: Message, payload: Uint8Array, error: unknown): MaybePromise<InvalidMessage | undefined> {
    const policy = this.#onInvalid;
    if (policy === "throw" || !(error instanceof InvalidMessageError)) throw error;
    const invalid = invalidOf(view, error, payload);
    if (policy === "raw") return invalid;
    return andThen(policy(invalid), () => undefined);
  }
}

/** What is common to good and bad messages. It keeps nothing of the batch that it came in, but for an invalid payload. */
class Message implements ReadMessage {
  value: unknown = undefined;
  error: InvalidMessageError | undefined = undefined;
  payload: Uint8Array | undefined = undefined;
  readonly seq_num: number;
  readonly end: number;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #resumeFrom: number;
  readonly #marks: WriterMarks;
  #resume: ResumePosition | undefined;

  constructor({ seqNum, end, timestamp, resumeFrom, marks }: StoredMessage, meta: StoredMeta) {
    this.seq_num = seqNum;
    this.end = end;
    this.type = meta.type;
    this.key = meta.key;
    this.id = meta.id;
    this.timestamp = meta.timestamp ?? timestamp;
    this.headers = meta.headers;
    this.#resumeFrom = resumeFrom;
    this.#marks = marks;
  }

  get resume(): ResumePosition {
    this.#resume ??= this.#makeResume();
    return this.#resume;
  }

  #makeResume(): ResumePosition {
    const writers = storedMarks(this.#marks);
    return { seq_num: this.#resumeFrom, after: this.end, ...(writers === undefined ? {} : { writers }) };
  }
}

function goodMessage(view: Message, value: unknown): TypedMessage<unknown> {
  view.value = value;
  return view as TypedMessage<unknown>;
}

function invalidOf(view: Message, error: InvalidMessageError, payload: Uint8Array): InvalidMessage {
  view.error = error;
  view.payload = payload;
  return view as InvalidMessage;
}
