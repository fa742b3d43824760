import { type AppendAck, type AppendRecordInput, invalidArgument } from "@s2-dev/streamstore-core";
import { ignoreRejection } from "@s2-dev/streamstore-core/transport";
import { acquireLease } from "../lease/acquire-lease.js";
import { mismatchIn } from "../lease/fencing-token.js";
import { LeaseHeldError } from "../lease/lease-errors.js";
import { randomId } from "../random/random-id.js";
import { type Answer, RunningAnswer } from "./answer.js";
import { AnswerLog, type AnswerPlace, type Held } from "./answer-log.js";
import {
  type AnswerOptions,
  type AnswerSettings,
  type ConversationStream,
  resolveAnswerSettings,
} from "./answer-options.js";
import { beginRecord, dropRecord, endRecord, messageRecords } from "./answer-record.js";
import { batchesOf } from "./batch-size.js";
import { ChunkShaper } from "./chunk-shaper.js";
import { findAnswer } from "./find-answer.js";

const ID_LENGTH = 16;
/** An answer that is just ending holds its lease for a moment after its last chunk. */
const HELD_TRIES = 5;
const HELD_PAUSE = 100;

/**
 * Begins an answer in the conversation that a stream holds. Its producer has the stream for itself, by a lease: whoever
 * else begins one is refused, or takes over. An answer whose producer has gone is ended as `lost`. Once it resolves, a page
 * that is loaded anew finds the answer: that takes two reads and two appends, one after the other.
 *
 * Needs the rights to append, to fence, to read and to check the tail.
 *
 * @throws LeaseHeldError when another producer is at work, unless `whenActive` is `"takeOver"`.
 * @throws S2Error `INVALID_ARGUMENT` for options out of range, and whatever the service answers.
 *
 * @example
 * const answer = await startAnswer(stream, { messages: [message] });
 * const result = streamText({ model, prompt, abortSignal: answer.signal });
 * return result.toUIMessageStreamResponse({ consumeSseStream: answer.consumeSseStream });
 */
export async function startAnswer(stream: ConversationStream, options: AnswerOptions = {}): Promise<Answer> {
  const settings = resolveAnswerSettings(options);
  const { id = randomId(ID_LENGTH) } = options;
  checkId(id, "id");
  if (options.dropFrom !== undefined) checkId(options.dropFrom, "dropFrom");
  const before = [
    ...(options.dropFrom === undefined ? [] : [dropRecord(options.dropFrom)]),
    ...(options.messages ?? []).flatMap(messageRecords),
  ];
  const held = await hold(stream, settings, settings.takesOver ? 1 : HELD_TRIES);
  try {
    const left = await findAnswer(stream, settings);
    const opening = [
      ...(left === undefined ? [] : [endRecord(left.answer, settings.takesOver ? "replaced" : "lost")]),
      ...before,
      beginRecord(id, held.lease.expiresAt),
    ];
    const begin = await appendOpening(held, opening);
    return openAnswer(stream, settings, id, new ChunkShaper(id), held, { begin, nextIndex: 0 });
  } catch (error) {
    await release(held);
    // Another took over between the lease and the first record: it is at work, and nothing of this answer is there.
    const taken = mismatchIn(error);
    throw taken === undefined ? error : new LeaseHeldError(taken.expectedFencingToken);
  }
}

/** Appends the records up to the one at which the answer begins; gives that one's place, once a reader would find it. */
async function appendOpening(
  { session, lease }: Held,
  opening: readonly AppendRecordInput[],
): Promise<number> {
  const { fencingToken: fencing_token } = lease;
  const acks = await Promise.all(
    batchesOf(opening).map((records) => session.submit(records, { fencing_token })),
  );
  return (acks[acks.length - 1] as AppendAck).end.seq_num - 1;
}

/** An answer whose chunks go to this stream from now on. */
export function openAnswer(
  stream: ConversationStream,
  settings: AnswerSettings,
  id: string,
  shaper: ChunkShaper,
  held: Held,
  place: AnswerPlace,
): Answer {
  return new RunningAnswer(
    settings,
    id,
    shaper,
    (events) => new AnswerLog(stream, settings, id, held, place, events),
  );
}

/** Takes the lease of a stream, and a session under it. */
export async function hold(stream: ConversationStream, settings: AnswerSettings, tries = 1): Promise<Held> {
  const { clock, clockSkewMillis, ttlMillis, owner, signal, takesOver } = settings;
  const letGo = new AbortController();
  const session = await stream.appendSession(settings.session);
  try {
    for (let left = tries; ; left -= 1) {
      try {
        const lease = await acquireLease(stream, {
          ...{ clock, clockSkewMillis, ttlMillis, owner, session, takeOver: takesOver },
          signal: letGo.signal,
        });
        return { session, lease, letGo };
      } catch (error) {
        if (!(error instanceof LeaseHeldError) || left <= 1 || signal?.aborted) throw error;
        await new Promise<void>((resolve) => clock.timer(HELD_PAUSE, resolve, true));
      }
    }
  } catch (error) {
    ignoreRejection(session.close());
    throw error;
  }
}

/** Gives back what was taken for nothing. */
export async function release({ lease, session }: Held): Promise<void> {
  await lease[Symbol.asyncDispose]();
  ignoreRejection(session.close());
}

function checkId(value: unknown, field: string): void {
  if (typeof value === "string" && value.length > 0 && value.length <= 256) return;
  throw invalidArgument(`${field} must be a text of 1 to 256 characters`);
}
