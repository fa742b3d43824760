import {
  type AppendAck,
  AppendRecord,
  type AppendRecordInput,
  commandOf,
  S2Error,
  SeqNumMismatchError,
} from "@s2-dev/streamstore-core";
import { acquireHeldLease } from "../lease/acquire-lease.js";
import type { HeldLease } from "../lease/lease.js";
import type { OptionNames } from "../options/check-options.js";
import { checkHas } from "../options/check-values.js";
import { readAll } from "../reading/read-all.js";
import {
  type ConversationStream,
  PRODUCER_NAMES,
  type ProducerOptions,
  resolveProducer,
} from "./answer-options.js";
import { MAX_JSON_LENGTH, messageRecords } from "./answer-record.js";
import { batchesOf } from "./batch-size.js";
import { readWhole } from "./conversation.js";
import type { MessageReader, UiMessage } from "./ui-types.js";

/** How a conversation is compacted. */
export interface CompactOptions extends ProducerOptions {
  /** Go on where there is what `readConversation` calls unreadable, and lose it. Default false. */
  readonly dropUnreadable?: boolean | undefined;
  /** Go on where there are records that are not of a conversation, and delete those, too. Default false. */
  readonly dropForeign?: boolean | undefined;
}

const NAMES: OptionNames<CompactOptions> = { ...PRODUCER_NAMES, dropUnreadable: true, dropForeign: true };

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
 * @throws S2Error `UNREADABLE_RECORDS` when something cannot be read and would be lost, unless `dropUnreadable` is set;
 * `FOREIGN_RECORDS` when records without the header of a conversation would be deleted, unless `dropForeign` is set;
 * `MESSAGE_TOO_LARGE` when a message is more than 64 Mi characters of JSON: nobody could read it as one.
 * @throws SeqNumMismatchError when somebody has appended meanwhile who holds no lease; nothing is changed then.
 */
export async function compactConversation<M extends UiMessage>(
  stream: ConversationStream,
  reader: MessageReader<M>,
  options: CompactOptions = {},
): Promise<Compaction | undefined> {
  const { ttlMillis, clockSkewMillis, owner, clock, signal } = resolveProducer(
    options,
    "compactConversation",
    NAMES,
  );
  checkHas(reader, "readUIMessageStream", "reader");
  const lease = await acquireHeldLease(stream, { ttlMillis, clockSkewMillis, owner, clock, signal });
  try {
    const { conversation, foreign } = await readWhole(stream, reader, { signal });
    const { messages, active, unreadable, next } = conversation;
    if (active !== undefined || messages.length === 0) return undefined;
    if (unreadable !== undefined && options.dropUnreadable !== true) throw unreadableRecords(unreadable);
    if (foreign.length > 0 && options.dropForeign !== true) throw foreignRecords(foreign);
    const whole = messages.flatMap(wholeRecords);
    let first: AppendAck | undefined;
    for (const records of batchesOf(whole)) {
      if (first === undefined) first = await appendBehind(stream, lease, next, records, signal);
      else await lease.append(records, {}, { signal });
    }
    const seqNum = (first as AppendAck).start.seq_num;
    await lease.append(AppendRecord.trim(seqNum), {}, { signal });
    return { messages: messages.length, first: seqNum };
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}

/** Appends behind what was read, and nothing else but renewals of the lease: whatever came there would be deleted. */
async function appendBehind(
  stream: ConversationStream,
  lease: HeldLease,
  next: number,
  records: readonly AppendRecordInput[],
  signal: AbortSignal | undefined,
): Promise<AppendAck> {
  for (let expected = next; ; ) {
    try {
      return await lease.append(records, { match_seq_num: expected }, { signal });
    } catch (error) {
      if (!(error instanceof SeqNumMismatchError)) throw error;
      const before = expected;
      for await (const record of readAll(stream, { seq_num: expected }, { signal })) {
        const command = commandOf(record);
        if (command?.command !== "fence" || !lease.isOwn(command.fencingToken)) throw error;
        expected = record.seq_num + 1;
      }
      if (expected === before) throw error;
    }
  }
}

/** Chunks may make a message that is larger than one which is stored whole may be. */
function wholeRecords(message: UiMessage): AppendRecordInput[] {
  const json = JSON.stringify(message);
  if (json.length <= MAX_JSON_LENGTH) return messageRecords(json);
  const size = `${json.length} characters of JSON; at most ${MAX_JSON_LENGTH} can be read as one`;
  throw notCompacted("MESSAGE_TOO_LARGE", `the message "${message.id}" is ${size}`);
}

const SEQ_NUMS_TOLD = 5;

function unreadableRecords(seqNums: readonly number[]): S2Error {
  return notCompacted("UNREADABLE_RECORDS", `what cannot be read at ${listOf(seqNums)} would be lost`);
}

function foreignRecords(seqNums: readonly number[]): S2Error {
  const what = `the records at ${listOf(seqNums)} are not of it, and would be deleted`;
  return notCompacted("FOREIGN_RECORDS", what);
}

function listOf(seqNums: readonly number[]): string {
  const more = seqNums.length > SEQ_NUMS_TOLD ? ` and ${seqNums.length - SEQ_NUMS_TOLD} more` : "";
  return seqNums.slice(0, SEQ_NUMS_TOLD).join(", ") + more;
}

function notCompacted(code: string, why: string): S2Error {
  return new S2Error({
    message: `The conversation was not compacted: ${why}`,
    code,
    sideEffect: "none",
    retryable: false,
  });
}
