import { type AppendAck, type AppendRecordInput, invalidArgument, S2Error } from "@s2-dev/streamstore-core";
import {
  abortedError,
  checkObject,
  createDeferred,
  ignoreRejection,
  onAbort,
  show,
} from "@s2-dev/streamstore-core/transport";
import { acquireHeldLease } from "../lease/acquire-lease.js";
import { mismatchIn } from "../lease/fencing-token.js";
import { LeaseHeldError } from "../lease/lease-errors.js";
import { checkHas } from "../options/check-values.js";
import { randomId } from "../random/random-id.js";
import type { Answer } from "./answer.js";
import { AnswerLog, type AnswerPlace, type Held } from "./answer-log.js";
import {
  type AnswerOptions,
  type AnswerSettings,
  type ConversationStream,
  resolveAnswerSettings,
} from "./answer-options.js";
import { beginRecord, dropRecord, endRecord, MAX_JSON_LENGTH, messageRecords } from "./answer-record.js";
import { batchesOf } from "./batch-size.js";
import { ChunkShaper } from "./chunk-shaper.js";
import { findAnswer } from "./find-answer.js";
import { readLeft } from "./left-answer.js";
import { RunningAnswer } from "./running-answer.js";
import type { UiMessage } from "./ui-types.js";

const ID_LENGTH = 16;
/** An answer that is just ending holds its lease for a moment after its last chunk. */
const HELD_TRIES = 5;
const HELD_PAUSE = 100;

/**
 * Begins an answer in the conversation that a stream holds. Its producer has the stream for itself, by a lease: whoever
 * else begins one is refused, or takes over. An answer whose producer has gone is ended as `lost`, or as it says itself.
 * Once it resolves, a page that is loaded anew finds the answer: that takes two reads and two appends, one after the other,
 * and at most `beginMillis`. What a beginning that was given up has left behind is cleared away in the background.
 * Dispose of it (`await using`), so that it ends if it is never given its chunks, since the program throws before that.
 *
 * Needs the rights to append, to fence, to read and to check the tail.
 *
 * @throws LeaseHeldError when another producer is at work, unless `whenActive` is `"takeOver"`.
 * @throws S2Error `INVALID_ARGUMENT` for options out of range, `REQUEST_TIMEOUT` after `beginMillis`, `ABORTED` when
 * `signal` is aborted first, and whatever the service answers.
 *
 * @example
 * await using answer = await startAnswer(stream, { messages: [message] });
 * const result = streamText({ model, prompt, abortSignal: answer.signal });
 * return result.toUIMessageStreamResponse({ consumeSseStream: answer.consumeSseStream });
 */
export async function startAnswer(stream: ConversationStream, options: AnswerOptions = {}): Promise<Answer> {
  return beginAnswer(stream, options, resolveAnswerSettings(options));
}

/** The same, with its options completed. */
export async function beginAnswer(
  stream: ConversationStream,
  options: AnswerOptions,
  settings: AnswerSettings,
): Promise<RunningAnswer> {
  checkHas(stream, "readSession", "stream");
  const { id = randomId(ID_LENGTH), dropFrom, messages = [] } = options;
  checkId(id, "id");
  if (dropFrom !== undefined) checkId(dropFrom, "dropFrom");
  const before = [...(dropFrom === undefined ? [] : [dropRecord(dropFrom)]), ...recordsOfMessages(messages)];
  return inTime(open(stream, settings, id, before), settings);
}

async function open(
  stream: ConversationStream,
  settings: AnswerSettings,
  id: string,
  before: readonly AppendRecordInput[],
): Promise<RunningAnswer> {
  const held = await hold(stream, settings, settings.takesOver ? 1 : HELD_TRIES);
  try {
    const opening = [
      ...(await endingOfLeft(stream, settings)),
      ...before,
      beginRecord(id, held.lease.expiresAt),
    ];
    const begin = await appendOpening(held, opening);
    const place = { begin, nextIndex: 0, watchFrom: begin + 1 };
    return openAnswer(stream, settings, id, new ChunkShaper(id), held, place);
  } catch (error) {
    await release(held);
    // Another took over between the lease and the first record: it is at work, and nothing of this answer is there.
    const taken = mismatchIn(error);
    throw taken === undefined ? error : new LeaseHeldError(taken.expectedFencingToken);
  }
}

/** The end of an answer that another producer has left without one. */
async function endingOfLeft(
  stream: ConversationStream,
  settings: AnswerSettings,
): Promise<AppendRecordInput[]> {
  const left = await findAnswer(stream, settings);
  if (left === undefined) return [];
  const { reason } = await readLeft(stream, left, settings.signal);
  return [endRecord(left.answer, reason ?? (settings.takesOver ? "replaced" : "lost"))];
}

/** Waits for the beginning as long as that may take. What begins later, for nobody, is ended at once. */
async function inTime(
  beginning: Promise<RunningAnswer>,
  { clock, beginMillis, signal, waitUntil }: AnswerSettings,
): Promise<RunningAnswer> {
  const givenUp = createDeferred<never>();
  ignoreRejection(givenUp.promise);
  const cancel = clock.timer(beginMillis, () => givenUp.reject(beganTooLate(beginMillis)), true);
  const removeListener = onAbort(signal, (reason) => givenUp.reject(abortedError(reason, "possible")));
  let hasBegun = false;
  try {
    const answer = await Promise.race([beginning, givenUp.promise]);
    hasBegun = true;
    return answer;
  } finally {
    cancel();
    removeListener();
    if (!hasBegun) {
      const clearedAway = beginning.then((answer) => answer[Symbol.asyncDispose]());
      waitUntil(clearedAway.catch(() => {}));
    }
  }
}

function beganTooLate(beginMillis: number): S2Error {
  return new S2Error({
    message: `The answer could not begin within ${beginMillis} ms`,
    code: "REQUEST_TIMEOUT",
    sideEffect: "possible",
  });
}

/** Throws `INVALID_ARGUMENT` for what is no message, before anything is sent. */
function recordsOfMessages(messages: readonly UiMessage[]): AppendRecordInput[] {
  if (!Array.isArray(messages)) throw invalidArgument(`messages must be an array; got ${show(messages)}`);
  return (messages as readonly UiMessage[]).flatMap((message, index) => {
    const field = `messages[${index}]`;
    checkObject(message, field);
    checkId(message.id, `${field}.id`);
    if (typeof message.role !== "string") {
      throw invalidArgument(`${field}.role must be text; got ${show(message.role)}`);
    }
    const json = jsonOf(message, field);
    if (json.length <= MAX_JSON_LENGTH) return messageRecords(json);
    throw invalidArgument(
      `${field} must be at most ${MAX_JSON_LENGTH} characters of JSON; got ${json.length}`,
    );
  });
}

function jsonOf(message: UiMessage, field: string): string {
  try {
    return JSON.stringify(message);
  } catch (error) {
    throw invalidArgument(`${field} must be something that JSON can hold: ${(error as Error).message}`);
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
): RunningAnswer {
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
        const lease = await acquireHeldLease(stream, {
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
