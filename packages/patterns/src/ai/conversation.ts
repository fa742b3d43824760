import type { S2RequestOptions } from "@s2-dev/streamstore";
import { invalidArgument, isCommandRecord, type StringReadRecord } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { readAll } from "../reading/read-all.js";
import type { ConversationStream } from "./answer-options.js";
import {
  type AnswerReason,
  AnswerRecordReader,
  chunkIn,
  kindOf,
  objectIn,
  reasonOfChunk,
} from "./answer-record.js";
import { startOf } from "./chunk-shaper.js";
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
  /**
   * Sequence numbers of what could not be read and is left out: records that are no messages or chunks, and the beginnings
   * of answers whose chunks the AI SDK cannot read. Absent when there are none.
   */
  readonly unreadable?: readonly number[];
}

/**
 * Reads the messages of a conversation: those that were stored whole, and those of answers, which are made of their
 * chunks by the AI SDK's own `readUIMessageStream`. Copies that retries have left behind are dropped. What cannot be read
 * is left out, and `unreadable` says where it is. All of the conversation is in memory: see `compactConversation`.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a reader that is none, and whatever the service answers.
 *
 * @example
 * const { messages } = await readConversation(stream, { readUIMessageStream });
 */
export async function readConversation<M extends UiMessage>(
  stream: Pick<ConversationStream, "readSession">,
  reader: MessageReader<M>,
  options?: S2RequestOptions,
): Promise<Conversation<M>> {
  const { conversation } = await readWhole(stream, reader, options);
  return conversation;
}

/** The same, with what else is in the stream. */
export async function readWhole<M extends UiMessage>(
  stream: Pick<ConversationStream, "readSession">,
  reader: MessageReader<M>,
  options?: S2RequestOptions,
): Promise<{ readonly conversation: Conversation<M>; readonly foreign: readonly number[] }> {
  if (typeof reader?.readUIMessageStream !== "function") {
    throw invalidArgument(
      `the second argument must have readUIMessageStream of the AI SDK; got ${show(reader?.readUIMessageStream)}`,
    );
  }
  const builder = new ConversationBuilder(reader);
  try {
    for await (const { records } of readAll(stream, {}, options).batches()) {
      for (const record of records) await builder.push(record);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== "stream_not_found") throw error;
  }
  return { conversation: await builder.build(), foreign: builder.foreign };
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
  readonly #unreadable = new Set<number>();
  /** Sequence numbers of records that are neither of a conversation nor commands. */
  readonly foreign: number[] = [];

  constructor(reader: MessageReader<M>) {
    this.#reader = reader;
  }

  async push(record: StringReadRecord): Promise<void> {
    this.#next = record.seq_num + 1;
    if (kindOf(record) === undefined && !isCommandRecord(record)) this.foreign.push(record.seq_num);
    const event = this.#records.push(record);
    if (event === undefined) return;
    if (event.kind === "message") this.#putJson(event.json, record.seq_num);
    else if (event.kind === "drop") this.#drop(event.from);
    else if (event.kind === "begin") await this.#begin(event.answer, record.seq_num);
    else if (event.kind === "chunk" && this.#begins.has(event.begin)) {
      const chunk = chunkIn(event.json);
      if (chunk === undefined) this.#unreadable.add(record.seq_num);
      else this.#chunks.push(chunk);
    } else if (event.kind === "end" && event.answer === this.#active?.answer)
      await this.#finish(event.reason);
  }

  async build(): Promise<Conversation<M>> {
    const message = this.#active === undefined ? undefined : await this.#message(this.#active);
    return {
      messages: this.#messages,
      next: this.#next,
      ...(this.#lastReason === undefined ? {} : { lastReason: this.#lastReason }),
      ...(this.#active === undefined
        ? {}
        : { active: { ...this.#active, ...(message === undefined ? {} : { message }) } }),
      ...(this.#unreadable.size === 0 ? {} : { unreadable: [...this.#unreadable].sort((a, b) => a - b) }),
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
    const message = await this.#message(this.#active);
    if (message !== undefined) this.#put(message);
    this.#active = undefined;
    this.#chunks = [];
    this.#lastReason = reason;
  }

  /** What the chunks of the present answer make, with the message that they go on with, if that is an older one. */
  async #message({ answer, begin }: ActiveAnswer): Promise<M | undefined> {
    if (this.#chunks.every((chunk) => reasonOfChunk(chunk) !== undefined)) return undefined;
    const id = nameIn(this.#chunks) ?? answer;
    const earlier = this.#messages.find((message) => message.id === id);
    const stream = streamOfChunks(id, this.#chunks);
    // Made from a copy: the AI SDK changes the message that it goes on with.
    const message = earlier === undefined ? {} : { message: structuredClone(earlier) };
    let last: M | undefined;
    try {
      for await (const grown of this.#reader.readUIMessageStream({ stream, ...message })) last = grown;
    } catch {
      // The message is what could be read of it; the others are as they are.
      this.#unreadable.add(begin);
    }
    return last;
  }

  #putJson(json: string, seqNum: number): void {
    const message = objectIn(json);
    if (message === undefined) this.#unreadable.add(seqNum);
    else this.#put(message as unknown as M);
  }

  /** A message with the id of an earlier one takes its place. One without an id is nobody's copy. */
  #put(message: M): void {
    const index = isName(message.id) ? this.#messages.findIndex(({ id }) => id === message.id) : -1;
    if (index < 0) this.#messages.push(message);
    else this.#messages[index] = message;
  }

  #drop(from: string): void {
    const index = this.#messages.findIndex(({ id }) => id === from);
    if (index >= 0) this.#messages.splice(index);
  }
}

/** The id by which the chunks call their message, if they do: the last one that they give counts. */
function nameIn(chunks: readonly UiChunk[]): string | undefined {
  const names = chunks.filter(({ type }) => type === "start").map((chunk) => fieldsOf(chunk).messageId);
  return names.filter(isName).at(-1);
}

function isName(id: unknown): id is string {
  return typeof id === "string" && id !== "";
}

/** The chunks with the name of their message in front: what comes before a `start` would be lost behind another name. */
function streamOfChunks(id: string, chunks: readonly UiChunk[]): ReadableStream<UiChunk> {
  return new ReadableStream<UiChunk>({
    start(controller) {
      controller.enqueue(startOf(id));
      for (const chunk of chunks) controller.enqueue(chunk.type === "start" ? unnamed(chunk) : chunk);
      controller.close();
    },
  });
}

function unnamed(chunk: UiChunk): UiChunk {
  const { messageId: _, ...rest } = fieldsOf(chunk);
  return rest as unknown as UiChunk;
}
