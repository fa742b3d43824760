import type { S2RequestOptions } from "@s2-dev/streamstore";
import type { StringReadRecord } from "@s2-dev/streamstore-core";
import { readAll } from "../reading/read-all.js";
import type { ConversationStream } from "./answer-options.js";
import { type AnswerReason, AnswerRecordReader } from "./answer-record.js";
import type { ActiveAnswer } from "./find-answer.js";
import { fieldsOf, type MessageReader, type UiChunk, type UiMessage } from "./ui-types.js";

/** What a stream holds of a conversation. */
export interface Conversation<M extends UiMessage> {
  /** Its messages in order, those of answers that have ended among them. */
  readonly messages: M[];
  /** The answer that has not ended, with its message so far: a page gets that by resuming. */
  readonly active?: ActiveAnswer & { readonly message?: M };
  /** How the last answer has ended. */
  readonly lastReason?: AnswerReason;
  /** Sequence number of the record behind the last one that was read. */
  readonly next: number;
}

/**
 * Reads the messages of a conversation: those that were stored whole, and those of answers, which are made of their
 * chunks by the AI SDK's own `readUIMessageStream`. Copies that retries have left behind are dropped.
 *
 * @example
 * const { messages } = await readConversation(stream, { readUIMessageStream });
 */
export async function readConversation<M extends UiMessage>(
  stream: Pick<ConversationStream, "readSession">,
  reader: MessageReader<M>,
  options?: S2RequestOptions,
): Promise<Conversation<M>> {
  const builder = new ConversationBuilder(reader);
  try {
    for await (const { records } of readAll(stream, {}, options).batches()) {
      for (const record of records) await builder.push(record);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== "stream_not_found") throw error;
  }
  return builder.build();
}

class ConversationBuilder<M extends UiMessage> {
  readonly #reader: MessageReader<M>;
  readonly #records = new AnswerRecordReader();
  readonly #messages: M[] = [];
  #active: ActiveAnswer | undefined;
  /** Where the present answer begins, as its chunks may say. */
  readonly #begins = new Set<number>();
  #chunks: UiChunk[] = [];
  #lastReason: AnswerReason | undefined;
  #next = 0;

  constructor(reader: MessageReader<M>) {
    this.#reader = reader;
  }

  async push(record: StringReadRecord): Promise<void> {
    this.#next = record.seq_num + 1;
    const event = this.#records.push(record);
    if (event === undefined) return;
    if (event.kind === "message") this.#put(JSON.parse(event.json) as M);
    else if (event.kind === "drop") this.#drop(event.from);
    else if (event.kind === "begin") await this.#begin(event.answer, record.seq_num);
    else if (event.kind === "chunk" && this.#begins.has(event.begin)) {
      this.#chunks.push(JSON.parse(event.json) as UiChunk);
    } else if (event.kind === "end" && event.answer === this.#active?.answer)
      await this.#finish(event.reason);
  }

  async build(): Promise<Conversation<M>> {
    const message = this.#active === undefined ? undefined : await this.#message();
    return {
      messages: this.#messages,
      next: this.#next,
      ...(this.#lastReason === undefined ? {} : { lastReason: this.#lastReason }),
      ...(this.#active === undefined
        ? {}
        : { active: { ...this.#active, ...(message === undefined ? {} : { message }) } }),
    };
  }

  async #begin(answer: string, begin: number): Promise<void> {
    // A copy that a retry has left behind says the same.
    if (this.#active?.answer !== answer) {
      // Without an end before it, the last one was ended by whoever took over.
      await this.#finish("lost");
      this.#active = { answer, begin };
      this.#begins.clear();
    }
    this.#begins.add(begin);
  }

  async #finish(reason: AnswerReason): Promise<void> {
    if (this.#active === undefined) return;
    const message = await this.#message();
    if (message !== undefined) this.#put(message);
    this.#active = undefined;
    this.#chunks = [];
    this.#lastReason = reason;
  }

  /** What the chunks of the present answer make, with the message that they go on with, if that is an older one. */
  async #message(): Promise<M | undefined> {
    const [start] = this.#chunks;
    if (start === undefined) return undefined;
    const { messageId } = fieldsOf(start);
    const earlier = this.#messages.find(({ id }) => id === messageId);
    const stream = new ReadableStream<UiChunk>({
      start: (controller) => {
        for (const chunk of this.#chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    // Made from a copy: the AI SDK changes the message that it goes on with.
    const message = earlier === undefined ? {} : { message: structuredClone(earlier) };
    let last: M | undefined;
    for await (const grown of this.#reader.readUIMessageStream({ stream, ...message })) last = grown;
    return last;
  }

  /** A message with the id of an earlier one takes its place. */
  #put(message: M): void {
    const index = this.#messages.findIndex(({ id }) => id === message.id);
    if (index < 0) this.#messages.push(message);
    else this.#messages[index] = message;
  }

  #drop(from: string): void {
    const index = this.#messages.findIndex(({ id }) => id === from);
    if (index >= 0) this.#messages.splice(index);
  }
}
