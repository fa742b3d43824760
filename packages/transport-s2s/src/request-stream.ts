import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import type { S2Error } from "@s2-dev/streamstore-core/transport";
import { CANCEL, NO_ERROR } from "./http2-codes.js";
import { errorFromStreamEnd } from "./map-error.js";
import type { Lease } from "./pool.js";

/** What a request's stream reports: `response? data* closed`, each from the event loop, never before `openRequest` returns. */
export interface RequestEvents {
  response(status: number, headers: Readonly<Record<string, string>>): void;
  data(chunk: Uint8Array): void;
  /** Exactly once, unless cancelled. `null`: the response ended with END_STREAM. */
  closed(error: S2Error | null): void;
}

/** One request on a connection. */
export interface RequestStream {
  readonly http2: ClientHttp2Stream;
  /** Resets the stream; no event afterwards. What it holds in memory is dropped. */
  cancel(): void;
}

/**
 * Opens a request on a leased place, which is given back when the stream is closed.
 * @throws S2Error when nothing can be sent; the lease is released then.
 */
export function openRequest(
  lease: Lease,
  headers: OutgoingHttpHeaders,
  endStream: boolean,
  events: RequestEvents,
): RequestStream {
  const { connection } = lease;
  let http2: ClientHttp2Stream;
  try {
    http2 = connection.request(headers, endStream);
  } catch (thrown) {
    lease.release();
    throw thrown;
  }
  const cleanEnd = watchPushes(http2, take);
  let finished = false;
  let responded = false;
  let ended = false;
  let cause: unknown;
  // Deno gives data before the response.
  let early: Uint8Array[] = [];

  function finish(error: S2Error | null): void {
    if (finished) return;
    finished = true;
    if (!http2.closed && !http2.writableEnded) http2.close(CANCEL);
    events.closed(error);
  }

  function take(chunk: Uint8Array): void {
    if (finished) return;
    if (responded) events.data(chunk);
    else early.push(chunk);
  }

  http2.on("response", (fields) => {
    if (finished || responded) return;
    responded = true;
    const status = fields[":status"] ?? 0;
    events.response(status, headersFromHttp2(fields));
    const held = early;
    early = [];
    for (const chunk of held) take(chunk);
    if (ended) finish(null);
  });
  http2.on("data", take);
  http2.on("end", () => {
    // Reset without an error: Node.js keeps such a stream open for as long as it has something to write.
    if (!cleanEnd()) return void http2.destroy();
    ended = true;
    if (responded) finish(null);
  });
  http2.on("error", (thrown) => {
    cause ??= thrown;
  });
  http2.on("close", () => {
    lease.release();
    if (finished) return;
    // A paused stream that was reset still holds what came before the reset: perhaps a terminal frame.
    http2.removeListener("data", take);
    for (let chunk = readRest(http2); chunk !== null; chunk = readRest(http2)) take(chunk);
    const aboveGoaway = connection.isAboveGoaway(http2.id);
    finish(errorFromStreamEnd({ rstCode: http2.rstCode ?? 0, cause, responded, aboveGoaway }));
  });

  return {
    http2,
    cancel() {
      if (finished) return;
      finished = true;
      http2.removeListener("data", take);
      http2.close(CANCEL);
      http2.destroy();
    },
  };
}

/** Resumes a paused stream, some of whose data came past its buffer: then it does not know that it has to read. */
export function resumeStream(http2: ClientHttp2Stream): void {
  http2.resume();
  if (GIVES_PUSHES_DIRECTLY) http2._read(0);
}

/**
 * On Node.js, data that would be given at once goes past the stream's own buffer: the ways through it (three events
 * and a call into C++ a chunk) cost half a microsecond, and a dozen functions to compile before anything is fast.
 */
const GIVES_PUSHES_DIRECTLY = process.versions.bun === undefined && process.versions.deno === undefined;

/**
 * Tells END_STREAM from RST_STREAM(NO_ERROR), which looks the same in every event: only a real END_STREAM ends the
 * readable side while the stream is not yet closed. Where the connection is gone, Bun ends it the same way, but has no
 * code for the stream yet, or another one. An own `push` is the one place to see that (all of Node.js 20 to 26, Bun and
 * Deno push through it).
 */
function watchPushes(http2: ClientHttp2Stream, take: (chunk: Uint8Array) => void): () => boolean {
  let clean: boolean | undefined;
  const push = http2.push;
  http2.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) clean ??= !http2.closed && http2.rstCode === NO_ERROR;
    else if (GIVES_PUSHES_DIRECTLY && http2.readableFlowing === true && http2.readableLength === 0) {
      take(chunk as Uint8Array);
      return true;
    }
    return push.call(http2, chunk, encoding);
  };
  return () => clean ?? http2.rstCode === NO_ERROR;
}

function readRest(http2: ClientHttp2Stream): Uint8Array | null {
  return http2.read() as Uint8Array | null;
}

function headersFromHttp2(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(":")) continue;
    headers[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return headers;
}
