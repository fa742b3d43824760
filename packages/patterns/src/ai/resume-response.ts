import { type ReadSession, s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { cursorWriter, restoreCursor } from "../cursor/stream-cursor.js";
import { readFencingToken } from "../lease/fencing-token.js";
import { badPositionOf, type Refusal, refusalOf } from "../sse/refusal.js";
import { uiResponse } from "./answer-body.js";
import { type ConversationStream, DEFAULT_TTL } from "./answer-options.js";
import { type ActiveAnswer, findAnswer } from "./find-answer.js";
import { expiryOf } from "./lease-watch.js";
import { END_MARK, ReplayBody } from "./replay-body.js";
import { type ResumeOptions, type ResumeSettings, resolveResumeSettings } from "./resume-options.js";

/** What is needed of a handle of a stream to give its answer to readers. */
export type AnswerSourceStream = Pick<
  ConversationStream,
  "append" | "basin" | "checkTail" | "name" | "read" | "readSession"
>;

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
  const position = request.headers.get("last-event-id") || options.cursor || undefined;
  if (position?.endsWith(END_MARK) === true) return nothingActive(options);
  let from: number | undefined;
  try {
    if (position !== undefined) from = restoreCursor(position, stream).seq_num;
  } catch (thrown) {
    const refusal = badPositionOf(s2ErrorFromUnknown(thrown));
    if (refusal === undefined) throw thrown;
    return refuse(refusal, options);
  }
  const leaving = new AbortController();
  const removals = [request.signal, options.signal].map((signal) =>
    onAbort(signal, (reason) => leaving.abort(reason)),
  );
  const stop = (): void => {
    for (const remove of removals) remove();
  };
  try {
    const replay = await openReplay(stream, from, settings, leaving.signal);
    if (replay !== undefined) {
      const { session, active, expiresAt } = replay;
      const body = new ReplayBody(session, settings, {
        ...{ active, expiresAt, idAt: cursorWriter(stream), signal: leaving.signal, onEnded: stop },
      });
      return uiResponse(body.stream, { headers: options.headers });
    }
    stop();
    return nothingActive(options);
  } catch (thrown) {
    stop();
    if (leaving.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return failure(thrown, settings, options);
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

/** Records before the tail among which the last renewal is looked for: at most some seconds of tokens. */
const LOOK_BACK = 1000;

/** A session on what the reader lacks; `undefined` when there is nothing. */
async function openReplay(
  stream: AnswerSourceStream,
  from: number | undefined,
  { clock, clockSkewMillis }: ResumeSettings,
  signal: AbortSignal,
): Promise<Replay | undefined> {
  const active = await findAnswer(stream, { signal });
  if (active !== undefined && (from === undefined || from >= active.begin)) {
    // The first record of an answer says how long its producer is alive; who comes later has missed it.
    const token =
      from === undefined ? undefined : await readFencingToken(stream, { lookBack: LOOK_BACK, signal });
    const expiresAt = token === undefined ? clock.now() + DEFAULT_TTL : expiryOf(token, clockSkewMillis);
    const session = await stream.readSession({ seq_num: from ?? active.begin }, { signal });
    return { session, active, expiresAt };
  }
  // The rest of an answer that has ended since: as far as it was not trimmed.
  if (from === undefined || !(await holds(stream, from, signal))) return undefined;
  const session = await stream.readSession({ seq_num: from, wait: 0 }, { signal });
  return { session, active: undefined, expiresAt: Number.POSITIVE_INFINITY };
}

async function holds(stream: AnswerSourceStream, seqNum: number, signal: AbortSignal): Promise<boolean> {
  const { records } = await stream.read({ seq_num: seqNum, count: 1, clamp: true }, { signal });
  return records[0]?.seq_num === seqNum;
}

function nothingActive({ headers }: ResumeOptions): Response {
  return new Response(null, { status: 204, headers: new Headers(headers) });
}

function failure(thrown: unknown, settings: ResumeSettings, options: ResumeOptions): Response {
  const error = s2ErrorFromUnknown(thrown);
  const refusal = refusalOf(error) ?? UNAVAILABLE;
  if (refusal.status >= 500) settings.onError(error);
  return refuse(refusal, options);
}

const UNAVAILABLE: Refusal = {
  status: 503,
  body: { code: "unavailable", message: "The stream cannot be read at the moment." },
};

function refuse({ status, body }: Refusal, { headers: more }: ResumeOptions): Response {
  const headers = new Headers(more);
  headers.set("content-type", "application/json");
  headers.set("cache-control", "no-store");
  return new Response(JSON.stringify(body), { status, headers });
}
