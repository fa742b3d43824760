import {
  type AttemptOptions,
  type S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { errorFromResponse } from "@s2-dev/streamstore-core/wire";
import type { AnswerHeaders } from "../http/exchange.js";
import { type InProcess, transportClosed } from "./in-process.js";
import { type MemoryCall, startCall } from "./memory-call.js";

/** What the call under a link reports: `opened? data* ended`, never before `openLinkCall` has returned. */
export interface LinkCallEvents {
  /** Answered with 200. */
  opened(): void;
  data(chunk: Uint8Array, taken: () => void): void;
  writable(): void;
  /** Exactly once, unless cancelled; an answer other than 200 is an error too. */
  ended(error: S2Error | null): void;
}

const SESSION_HEADERS = { "content-type": "s2s/proto", accept: "application/protobuf" } as const;

/** Opens the call under a link. Never throws. */
export function openLinkCall(
  context: InProcess,
  request: WireRequest,
  options: AttemptOptions,
  events: LinkCallEvents,
): MemoryCall {
  let refusal: { readonly status: number; readonly headers: AnswerHeaders } | undefined;
  const explanation: Uint8Array[] = [];
  let call: MemoryCall | undefined;
  let over = false;

  const end = (error: S2Error | null): void => {
    if (over) return;
    over = true;
    context.open.delete(abandon);
    const { status, headers } = refusal ?? { status: 200, headers: {} };
    events.ended(status === 200 ? error : errorFromResponse(status, Buffer.concat(explanation), headers));
  };
  function abandon(error: S2Error): void {
    call?.cancel();
    end(error);
  }

  context.open.add(abandon);
  try {
    if (context.isClosed) throw transportClosed();
    const sent = { ...request, headers: { ...request.headers, ...SESSION_HEADERS } };
    call = startCall(context.serve, context.connection, sent, options, {
      head(status, headers) {
        if (status === 200) events.opened();
        else refusal = { status, headers };
      },
      data(chunk, taken) {
        if (refusal === undefined) return events.data(chunk, taken);
        explanation.push(chunk);
        taken();
      },
      writable: () => events.writable(),
      ended: end,
    });
  } catch (thrown) {
    const error = s2ErrorFromUnknown(thrown);
    queueMicrotask(() => end(error));
  }
  return {
    write: (chunk) => call?.write(chunk) ?? true,
    end: () => call?.end(),
    cancel() {
      over = true;
      context.open.delete(abandon);
      call?.cancel();
    },
  };
}
