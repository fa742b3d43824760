import { type AppendAck, AppendRecord } from "@s2-dev/streamstore-core";
import { acquireLease } from "../lease/acquire-lease.js";
import { type ConversationStream, type ProducerOptions, resolveProducer } from "./answer-options.js";
import { messageRecords } from "./answer-record.js";
import { batchesOf } from "./batch-size.js";
import { readConversation } from "./conversation.js";
import type { MessageReader, UiMessage } from "./ui-types.js";

/** What a compaction has left. */
export interface Compaction {
  /** Messages of the conversation, each in one record unless it is large. */
  readonly messages: number;
  /** Sequence number of the first record that is left; those before it are dropped in the background. */
  readonly first: number;
}

/**
 * Replaces the tokens of a conversation by its messages: appends each message whole and trims what is before them.
 * Whoever reads meanwhile sees the same conversation; a crash in between leaves it as it was. A reader that is in the
 * middle of replaying an answer that has ended is cut off, so this is for conversations that are at rest.
 *
 * Gives `undefined` when there is nothing to do, or an answer that has not ended.
 *
 * @throws LeaseHeldError while an answer is being written.
 */
export async function compactConversation<M extends UiMessage>(
  stream: ConversationStream,
  reader: MessageReader<M>,
  options: ProducerOptions = {},
): Promise<Compaction | undefined> {
  const { ttlMillis, clockSkewMillis, owner, clock, signal } = resolveProducer(options);
  const lease = await acquireLease(stream, { ttlMillis, clockSkewMillis, owner, clock, signal });
  try {
    const { messages, active } = await readConversation(stream, reader, { signal });
    if (active !== undefined || messages.length === 0) return undefined;
    let first: AppendAck | undefined;
    for (const records of batchesOf(messages.flatMap(messageRecords))) {
      const ack = await lease.append(records, {}, { signal });
      first ??= ack;
    }
    const seqNum = (first as AppendAck).start.seq_num;
    await lease.append(AppendRecord.trim(seqNum), {}, { signal });
    return { messages: messages.length, first: seqNum };
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}
