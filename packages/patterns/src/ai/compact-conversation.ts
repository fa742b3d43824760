import { type AppendAck, AppendRecord, S2Error } from "@s2-dev/streamstore-core";
import { acquireLease } from "../lease/acquire-lease.js";
import { type ConversationStream, type ProducerOptions, resolveProducer } from "./answer-options.js";
import { messageRecords } from "./answer-record.js";
import { batchesOf } from "./batch-size.js";
import { readConversation } from "./conversation.js";
import type { MessageReader, UiMessage } from "./ui-types.js";

/** How a conversation is compacted. */
export interface CompactOptions extends ProducerOptions {
  /** Go on where there is what `readConversation` calls unreadable, and lose it. Default false. */
  readonly dropUnreadable?: boolean | undefined;
}

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
 * @throws S2Error `UNREADABLE_RECORDS` when something cannot be read and would be lost, unless `dropUnreadable` is set.
 */
export async function compactConversation<M extends UiMessage>(
  stream: ConversationStream,
  reader: MessageReader<M>,
  options: CompactOptions = {},
): Promise<Compaction | undefined> {
  const { ttlMillis, clockSkewMillis, owner, clock, signal } = resolveProducer(options);
  const lease = await acquireLease(stream, { ttlMillis, clockSkewMillis, owner, clock, signal });
  try {
    const { messages, active, unreadable } = await readConversation(stream, reader, { signal });
    if (active !== undefined || messages.length === 0) return undefined;
    if (unreadable !== undefined && options.dropUnreadable !== true) throw unreadableRecords(unreadable);
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

const SEQ_NUMS_TOLD = 5;

function unreadableRecords(seqNums: readonly number[]): S2Error {
  const more = seqNums.length > SEQ_NUMS_TOLD ? ` and ${seqNums.length - SEQ_NUMS_TOLD} more` : "";
  return new S2Error({
    message: `The conversation was not compacted: what cannot be read at ${seqNums.slice(0, SEQ_NUMS_TOLD).join(", ")}${more} would be lost`,
    code: "UNREADABLE_RECORDS",
    sideEffect: "none",
    retryable: false,
  });
}
