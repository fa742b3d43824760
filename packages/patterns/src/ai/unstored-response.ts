import { s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import { ignoreRejection, onAbort } from "@s2-dev/streamstore-core/transport";
import { randomId } from "../random/random-id.js";
import { type AnswerBody, createAnswerBody } from "./answer-body.js";
import type { AnswerSettings } from "./answer-options.js";
import type { AnswerResponseOptions, Produce } from "./answer-response.js";
import { ChunkShaper, checkChunk } from "./chunk-shaper.js";
import { closingChunk, lacksClosing } from "./closing-chunk.js";
import { chunksOf } from "./ui-source.js";
import type { UiChunk } from "./ui-types.js";

/** Says to whoever looks that the answer cannot be resumed. */
const STORED_HEADER = "x-answer-stored";
const ID_LENGTH = 16;

/** The answer to its browser alone: it ends when that goes away. */
export async function unstoredResponse(
  produce: Produce,
  settings: AnswerSettings,
  { id = randomId(ID_LENGTH), response = {} }: AnswerResponseOptions,
): Promise<Response> {
  const leaving = new AbortController();
  const removeListener = onAbort(settings.signal, (reason) => leaving.abort(reason));
  try {
    const chunks = chunksOf(await produce({ signal: leaving.signal, answer: undefined }));
    const reader = chunks.getReader();
    const headers = new Headers(response.headers);
    headers.set(STORED_HEADER, "false");
    const onGone = (): void => {
      leaving.abort();
      ignoreRejection(reader.cancel("nobody is there any more"));
    };
    const { maxBufferBytes } = settings;
    const body = createAnswerBody({ ...response, headers }, { maxBufferBytes, onGone });
    void copy(reader, new ChunkShaper(id), body, leaving.signal, settings).finally(removeListener);
    return body.response;
  } catch (error) {
    removeListener();
    throw error;
  }
}

/** Never rejects. */
async function copy(
  reader: ReadableStreamDefaultReader<UiChunk>,
  shaper: ChunkShaper,
  body: AnswerBody,
  signal: AbortSignal,
  { onError, errorText }: AnswerSettings,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      checkChunk(next.value);
      for (const json of shaper.shape(next.value)) body.send(json);
    }
  } catch (error) {
    failure = { error };
    ignoreRejection(reader.cancel(error));
    if (!signal.aborted) onError(s2ErrorFromUnknown(error, "The source of the answer has failed"));
  }
  const reason = signal.aborted ? "stopped" : failure === undefined ? "finished" : "failed";
  if (lacksClosing(reason, shaper.ended)) {
    const chunk = closingChunk(reason, () => errorText(failure?.error));
    if (chunk !== undefined) body.send(JSON.stringify(chunk));
  }
  body.end();
}
