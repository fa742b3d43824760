import { encodeSseEvent, type JsonFormat, SSE_DONE, stringifyJson } from "@s2-dev/streamstore-core/wire";
import type { ServiceError } from "../service/errors.js";
import type { ReadOutput, ReadSession } from "../service/read-session.js";
import { addU64, type U64 } from "../storage/u64.js";
import { STREAM_HEADERS } from "./answer.js";
import type { Call } from "./call.js";
import { pumpRead } from "./read-pump.js";
import type { LastEventId } from "./request-headers.js";

/** Serves a read session as server-sent events; their ids count on from the last one the reader has had. */
export function serveEventStream(
  call: Call<"read">,
  session: ReadSession,
  format: JsonFormat,
  last: LastEventId | undefined,
): void {
  const { exchange, clock, batchText } = call;
  const out = exchange.open(200, { "content-type": "text/event-stream", ...STREAM_HEADERS });
  let count: U64 = last?.count ?? 0;
  let bytes: U64 = last?.bytes ?? 0;

  function encode(output: ReadOutput): string {
    if (output.kind === "heartbeat") {
      const timestamp = Math.floor(clock.epoch());
      return encodeSseEvent({ event: "ping", data: stringifyJson({ timestamp, tail: output.tail }) });
    }
    count = addU64(count, output.count);
    bytes = addU64(bytes, output.meteredBytes);
    const id = `${output.lastSeqNum},${count},${bytes}`;
    return encodeSseEvent({ event: "batch", id, data: batchText(output, format) });
  }

  const encoding = {
    encode: (output: ReadOutput) => [encode(output)],
    end: (error: ServiceError | undefined) =>
      encodeSseEvent(error === undefined ? { data: SSE_DONE } : { event: "error", data: error.body }),
  };
  void pumpRead(call, out, session, encoding);
}
