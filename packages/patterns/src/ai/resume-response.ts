import { s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { checkHas } from "../options/check-values.js";
import { lastEventIdOf } from "../sse/handler-arguments.js";
import { badPositionOf } from "../sse/refusal.js";
import { uiResponse } from "./answer-body.js";
import { type AnswerSourceStream, openReplay } from "./find-replay.js";
import { refusalFor, refuse } from "./refuse.js";
import { ReplayBody } from "./replay-body.js";
import { END_MARK, PositionWriter, parsePosition, type ReplayPosition } from "./replay-position.js";
import { type ResumeOptions, resolveResumeSettings } from "./resume-options.js";

/**
 * Answers the request of a page that comes back: `useChat({ resume: true })` sends it when it is loaded. Sends what the
 * present answer has so far, and goes on live until its end; 204 when none is active. Each event has an id: a reader that
 * sends it as `Last-Event-ID` gets only what follows. Any number of readers may follow at a time; each that goes away
 * lets go of its read session.
 *
 * Never rejects for what the reader or the service did: 400 for a position of another stream; 416 for one beyond the tail
 * while an answer is active, as of a stream that was made anew, and 204 while none is; 502 and 503 for what this server
 * cannot do. Each but 204 comes with `{ code, message }`.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range, and a request that is none of web standards.
 *
 * @example
 * app.get("/api/chat/:id/stream", (c) => resumeResponse(c.req.raw, streamOf(c.req.param("id"))));
 */
export async function resumeResponse(
  request: Request,
  stream: AnswerSourceStream,
  options: ResumeOptions = {},
): Promise<Response> {
  const settings = resolveResumeSettings(options);
  checkHas(stream, "readSession", "stream");
  const last = lastEventIdOf(request);
  // An `EventSource` that comes back by itself has seen the end, and is to stay away.
  if (last?.endsWith(END_MARK) === true) return nothingActive(options);
  const id = last || options.cursor || undefined;
  let position: ReplayPosition | undefined;
  try {
    if (id !== undefined) position = parsePosition(id, stream);
  } catch (thrown) {
    const refusal = badPositionOf(s2ErrorFromUnknown(thrown));
    if (refusal === undefined) throw thrown;
    return refuse(refusal, options.headers);
  }
  const leaving = new AbortController();
  const removals = [request.signal, options.signal].map((signal) =>
    onAbort(signal, (reason) => leaving.abort(reason)),
  );
  const stop = (): void => {
    for (const remove of removals) remove();
  };
  try {
    const replay = await openReplay(stream, position, settings, leaving.signal);
    if (replay !== undefined) {
      const { session, ...place } = replay;
      if (request.method === "HEAD") {
        stop();
        await session.cancel("no body is wanted");
        return uiResponse(null, { headers: options.headers });
      }
      const body = new ReplayBody(session, settings, {
        ...{ ...place, ids: new PositionWriter(stream) },
        ...{ signal: leaving.signal, onEnded: stop },
      });
      return uiResponse(body.stream, { headers: options.headers });
    }
    stop();
    return nothingActive(options);
  } catch (thrown) {
    stop();
    if (leaving.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return refuse(refusalFor(thrown, settings.onError), options.headers);
  }
}

/** The status of an answer that nobody waits for any more. */
const CLIENT_CLOSED_REQUEST = 499;

function nothingActive({ headers }: ResumeOptions): Response {
  return new Response(null, { status: 204, headers: new Headers(headers) });
}
