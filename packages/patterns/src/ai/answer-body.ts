import type { UiResponseInit } from "./answer.js";
import { bufferLimit } from "./buffer-limit.js";
import { DONE } from "./sse-data.js";

/** What the AI SDK sends with a UI message stream. */
const UI_MESSAGE_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-vercel-ai-ui-message-stream": "v1",
  "x-accel-buffering": "no",
} as const;

/** A response that gets its chunks one by one. */
export interface AnswerBody {
  readonly response: Response;
  /** Sends a chunk, unless nobody is there any more. */
  send(json: string): void;
  end(): void;
}

/** How much of an answer waits for its browser, and who hears that nobody is there any more. */
export interface AnswerBodyOptions {
  readonly maxBufferBytes: number;
  readonly onGone?: () => void;
}

/**
 * The response of an answer to the browser that asked for it. Its going away is the answer's concern only if `onGone`
 * makes it one; a browser that takes nothing is let go of.
 */
export function createAnswerBody(
  init: UiResponseInit,
  { maxBufferBytes, onGone }: AnswerBodyOptions,
): AnswerBody {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
      },
      cancel() {
        controller = undefined;
        onGone?.();
      },
    },
    { highWaterMark: maxBufferBytes, size: ({ length }) => length },
  );
  const send = (data: string): void => {
    controller?.enqueue(encoder.encode(`data: ${data}\n\n`));
    if ((controller?.desiredSize ?? 0) >= 0) return;
    controller?.error(bufferLimit("the browser", maxBufferBytes));
    controller = undefined;
    onGone?.();
  };
  return {
    response: uiResponse(stream, init),
    send,
    end() {
      send(DONE);
      controller?.close();
      controller = undefined;
    },
  };
}

/** A response with the headers of a UI message stream, where none of its own are given. */
export function uiResponse(body: ReadableStream<Uint8Array> | null, init: UiResponseInit): Response {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(UI_MESSAGE_STREAM_HEADERS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  const { status = 200, statusText } = init;
  return new Response(body, { status, headers, ...(statusText === undefined ? {} : { statusText }) });
}
