import {
  type AppendAck,
  type AppendEvents,
  type AppendLink,
  type AttemptOptions,
  S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeAppendAck,
  errorFromTerminalFrame,
  type Frame,
} from "@s2-dev/streamstore-core/wire";
import type { S2sContext } from "./context.js";
import { payloadOf } from "./frame-compression.js";
import { openLinkStream } from "./link-stream.js";
import { truncatedResponse } from "./map-error.js";
import { createOutgoing, type Outgoing } from "./outgoing.js";

/** Opens one attempt at an append session: POST, frames of batches up, frames of acks down. */
export function openAppendLink(
  request: WireRequest,
  events: AppendEvents,
  options: AttemptOptions,
  context: S2sContext,
): AppendLink {
  const { codec } = context.settings;
  const decoder = createFrameDecoder();
  let outgoing: Outgoing | undefined;
  let ended = false;
  let finishing = false;
  let sent = 0;
  let acked = 0;

  const stream = openLinkStream(request, options, false, context, {
    opened(http2) {
      outgoing = createOutgoing(http2, codec, {
        taken: events.taken,
        writable: events.writable,
        failed: (error) => fail(s2ErrorFromUnknown(error, "A batch could not be compressed")),
      });
      updateAwaited();
      events.opened();
    },
    data(chunk) {
      decoder.push(chunk);
      readFrames();
    },
    ended(error) {
      end(error ?? (decoder.pendingBytes > 0 ? truncatedResponse() : null));
    },
  });

  /** An ack, or the end after `finish`. */
  function updateAwaited(): void {
    stream.setAwaited(sent > acked || finishing);
  }

  function end(error: S2Error | null): void {
    if (ended) return;
    ended = true;
    outgoing?.drop();
    events.ended(error);
  }

  /** Ends the link from this side. */
  function fail(error: S2Error): void {
    if (error.code === "server_draining") stream.retireConnection();
    stream.cancel();
    end(error);
  }

  /** The acks of one chunk are one event, and come before whatever else the chunk says. */
  function readFrames(): void {
    const acks: AppendAck[] = [];
    let advised = false;
    let failure: S2Error | undefined;
    try {
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        if (frame.terminal) {
          failure = errorFromTerminalFrame(frame.payload);
          break;
        }
        acks.push(ackFromFrame(frame));
        advised ||= frame.reconnectAdvised;
      }
    } catch (thrown) {
      failure = s2ErrorFromUnknown(thrown);
    }
    if (acks.length > 0) {
      acked += acks.length;
      updateAwaited();
      events.acks(acks);
    }
    if (advised && !ended) {
      stream.retireConnection();
      events.reconnectAdvised();
    }
    if (failure !== undefined && !ended) fail(failure);
  }

  function ackFromFrame(frame: Frame): AppendAck {
    return decodeAppendAck(payloadOf(frame, codec));
  }

  return {
    get started() {
      return outgoing?.started ?? 0;
    },
    send(batch) {
      if (outgoing === undefined || finishing || ended) throw misuse();
      sent += 1;
      updateAwaited();
      return outgoing.send(batch);
    },
    finish() {
      if (finishing || ended) return;
      finishing = true;
      updateAwaited();
      outgoing?.finish();
    },
    abort() {
      if (ended) return;
      ended = true;
      outgoing?.drop();
      stream.cancel();
    },
  };
}

function misuse(): S2Error {
  return new S2Error({
    message: "send() was called outside of the open phase of an append link",
    code: "INTERNAL_ERROR",
  });
}
