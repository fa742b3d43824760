import { invalidArgument, S2Error } from "@s2-dev/streamstore-core";
import { ignoreRejection, show } from "@s2-dev/streamstore-core/transport";
import { LeaseHeldError } from "../lease/lease-errors.js";
import type { Answer, UiResponseInit } from "./answer.js";
import { type AnswerOptions, type ConversationStream, resolveAnswerSettings } from "./answer-options.js";
import { refusalFor, refuse } from "./refuse.js";
import type { RunningAnswer } from "./running-answer.js";
import { beginAnswer } from "./start-answer.js";
import { chunksOf } from "./ui-source.js";
import type { UiChunk, UiChunkSource } from "./ui-types.js";
import { unstoredResponse } from "./unstored-response.js";

/** How an answer is written, and what its response is like. */
export interface AnswerResponseOptions extends AnswerOptions {
  /** Status and headers of the response, besides its own. */
  readonly response?: UiResponseInit | undefined;
}

/** What the source of an answer is told. */
export interface Producing {
  /** For the model call: aborted when somebody asks to stop, and when another producer takes over. */
  readonly signal: AbortSignal;
  /** The answer; `undefined` when it could not begin, since the store has failed. */
  readonly answer: Answer | undefined;
}

/** Calls the model. */
export type Produce = (producing: Producing) => UiChunkSource | Promise<UiChunkSource>;

/**
 * Begins an answer, sends it to the browser, and stores the same stream. When the browser goes away the answer goes on; a
 * store that fails is reported to `onError`, and fails the answer only by choice (`onStoreFailure`).
 *
 * Answers with `{ code, message }` and 409 when another producer is at work in the conversation. When the answer cannot
 * begin in the store within `beginMillis` (5000), `onStoreFailure` decides: `"continue"` (default) sends it to the browser
 * alone, with the header `x-answer-stored: false`, and `"fail"` answers 503, or 502 and 404 for what will not pass.
 *
 * A stop that comes before `produce` has given anything ends the answer as stopped.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range; whatever `produce` throws, unless it was asked to end.
 *
 * @example
 * return answerResponse(stream, ({ signal }) => streamText({ model, prompt, abortSignal: signal }));
 */
export async function answerResponse(
  stream: ConversationStream,
  produce: Produce,
  options: AnswerResponseOptions = {},
): Promise<Response> {
  if (typeof produce !== "function") {
    throw invalidArgument(`produce must be a function that calls the model; got ${show(produce)}`);
  }
  const settings = resolveAnswerSettings(options);
  let answer: RunningAnswer;
  try {
    answer = await beginAnswer(stream, options, settings);
  } catch (error) {
    if (error instanceof LeaseHeldError) return refuse(HELD);
    const isOurs = error instanceof S2Error && error.code !== "INVALID_ARGUMENT" && error.code !== "ABORTED";
    if (!isOurs) throw error;
    if (settings.failsWithStore) return refuse(refusalFor(error, settings.onError));
    settings.onError(error);
    return unstoredResponse(produce, settings, options);
  }
  return respond(answer, produce, options.response);
}

const HELD = {
  status: 409,
  body: { code: "LEASE_HELD", message: "Another answer is being written in this conversation." },
};

const CUT_OFF = Symbol("cut off");

async function respond(
  answer: RunningAnswer,
  produce: Produce,
  init: UiResponseInit | undefined,
): Promise<Response> {
  const { signal } = answer;
  const producing = (async () => produce({ signal, answer }))();
  try {
    const source = await Promise.race([producing, answer.whenCutOff.then(() => CUT_OFF)]);
    if (typeof source !== "symbol") return answer.respond(source, init);
    // It does not hear its signal: what it still gives is for nobody.
    ignoreRejection(producing.then((late) => chunksOf(late).cancel()));
  } catch (error) {
    if (!signal.aborted) {
      await answer[Symbol.asyncDispose]();
      throw error;
    }
  }
  // It was asked to end, and has.
  return answer.respond(new ReadableStream<UiChunk>({ start: (controller) => controller.close() }), init);
}
