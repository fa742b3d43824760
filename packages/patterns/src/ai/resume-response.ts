import { type ReadSession, s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { badPositionOf } from "../sse/refusal.js";
import { uiResponse } from "./answer-body.js";
import { type ConversationStream, DEFAULT_TTL } from "./answer-options.js";
import { type ActiveAnswer, lookForAnswer } from "./find-answer.js";
import { refusalFor, refuse } from "./refuse.js";
import { ReplayBody } from "./replay-body.js";
import { END_MARK, PositionWriter, parsePosition, type ReplayPosition } from "./replay-position.js";
import { type ResumeOptions, type ResumeSettings, resolveResumeSettings } from "./resume-options.js";

/** What is needed of a handle of a stream to give its answer to readers. */
export type AnswerSourceStream = Pick<ConversationStream, "basin" | "name" | "read" | "readSession">;

/**
 * Answers the request of a page that comes back: `useChat({ resume: true })` sends it when it is loaded. Sends what the
 * present answer has so far, and goes on live until its end; 204 when none is active. Each event has an id: a reader that
 * sends it as `Last-Event-ID` gets only what follows. Any number of readers may follow at a time; each that goes away
 * lets go of its read session.
 *
 * Never rejects for what the reader or the service did: 400 for a position of another stream, 416 for one beyond the
 * tail, 502 and 503 for what this server cannot do, each with `{ code, message }`.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range.
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
  const id = request.headers.get("last-event-id") || options.cursor || undefined;
  if (id?.endsWith(END_MARK) === true) return nothingActive(options);
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
      const { session, active, expiresAt } = replay;
      const body = new ReplayBody(session, settings, {
        ...{ active, position, expiresAt, ids: new PositionWriter(stream) },
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

interface Replay {
  readonly session: ReadSession<"string">;
  /** The answer that may not have ended; without one the session ends at the tail. */
  readonly active: ActiveAnswer | undefined;
  readonly expiresAt: number;
}

/** A session on what the reader lacks; `undefined` when there is nothing. */
async function openReplay(
  stream: AnswerSourceStream,
  position: ReplayPosition | undefined,
  { clock }: ResumeSettings,
  signal: AbortSignal,
): Promise<Replay | undefined> {
  const found = await lookForAnswer(stream, { signal });
  if (found !== undefined && (position === undefined || position.seqNum >= found.begin)) {
    const { answer, begin } = found;
    const session = await stream.readSession({ seq_num: position?.seqNum ?? begin }, { signal });
    // What comes tells more: the record at which the answer begins, and every renewal.
    const expiresAt = position?.expiresAt ?? Math.max(clock.now() + DEFAULT_TTL, found.expiresAt);
    return { session, active: { answer, begin }, expiresAt };
  }
  // The rest of an answer that has ended since: as far as it was not trimmed.
  if (position === undefined || !(await holds(stream, position.seqNum, signal))) return undefined;
  const session = await stream.readSession({ seq_num: position.seqNum, wait: 0 }, { signal });
  return { session, active: undefined, expiresAt: Number.POSITIVE_INFINITY };
}

async function holds(stream: AnswerSourceStream, seqNum: number, signal: AbortSignal): Promise<boolean> {
  const { records } = await stream.read({ seq_num: seqNum, count: 1, clamp: true }, { signal });
  return records[0]?.seq_num === seqNum;
}

function nothingActive({ headers }: ResumeOptions): Response {
  return new Response(null, { status: 204, headers: new Headers(headers) });
}
