import { S2Error } from "@s2-dev/streamstore-core";
import { LeaseHeldError } from "../lease/lease-errors.js";
import type { Answer, UiResponseInit } from "./answer.js";
import { createAnswerBody } from "./answer-body.js";
import { type AnswerOptions, type ConversationStream, resolveAnswerSettings } from "./answer-options.js";
import { ChunkShaper } from "./chunk-shaper.js";
import { startAnswer } from "./start-answer.js";
import { chunksOf } from "./ui-source.js";
import type { UiChunkSource } from "./ui-types.js";

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

/**
 * Begins an answer, sends it to the browser, and stores the same stream. When the browser goes away the answer goes on; a
 * slow store loses nothing; a store that fails is reported to `onError`, and fails the answer only by choice
 * (`onStoreFailure`).
 *
 * Answers 409 with `{ code, message }` when another producer is at work in the conversation.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range; whatever `produce` throws; with `onStoreFailure: "fail"`
 * whatever the service answers at the beginning.
 *
 * @example
 * return answerResponse(stream, ({ signal }) => streamText({ model, prompt, abortSignal: signal }));
 */
export async function answerResponse(
  stream: ConversationStream,
  produce: (producing: Producing) => UiChunkSource | Promise<UiChunkSource>,
  options: AnswerResponseOptions = {},
): Promise<Response> {
  const settings = resolveAnswerSettings(options);
  let answer: Answer;
  try {
    answer = await startAnswer(stream, options);
  } catch (error) {
    if (error instanceof LeaseHeldError) return conflict();
    if (!(error instanceof S2Error) || error.code === "INVALID_ARGUMENT" || settings.failsWithStore)
      throw error;
    settings.onError(error);
    const { signal = new AbortController().signal } = settings;
    return unstored(await produce({ signal, answer: undefined }), options);
  }
  try {
    return answer.respond(await produce({ signal: answer.signal, answer }), options.response);
  } catch (error) {
    await answer[Symbol.asyncDispose]();
    throw error;
  }
}

/** The answer to its browser alone. */
function unstored(source: UiChunkSource, { id = "", response = {} }: AnswerResponseOptions): Response {
  const body = createAnswerBody(response);
  const shaper = new ChunkShaper(id);
  const copy = async (): Promise<void> => {
    try {
      const reader = chunksOf(source).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        for (const json of shaper.shape(next.value)) body.send(json);
      }
    } catch {
      body.send(JSON.stringify({ type: "error", errorText: "An error occurred." }));
    }
    body.end();
  };
  void copy();
  return body.response;
}

function conflict(): Response {
  const body = { code: "LEASE_HELD", message: "Another answer is being written in this conversation." };
  return Response.json(body, { status: 409, headers: { "cache-control": "no-store" } });
}
