import { S2Error } from "../error/s2-error.js";
import type { StreamPosition } from "../model/position.js";
import type { DecodedBatch, ReadFormat, RecordFormat } from "../model/record.js";
import { CodecError } from "./codec-error.js";
import { errorFromSseEvent } from "./error-event.js";
import { isJsonObject, parseJson, positionFromJson, unsignedFromJson } from "./json.js";
import { meteredBytesOf, readUnmeteredFromJson } from "./json-records.js";
import { protocolError } from "./protocol-error.js";

/** An event as a parser of `text/event-stream` gives it. */
export interface SseEvent {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}

/** What an event of a read session means. */
export type SseReadEvent<F extends RecordFormat = RecordFormat> =
  | { readonly kind: "batch"; readonly batch: DecodedBatch<F> }
  /** The stream is at its end for now. `timestamp`: the server's clock in milliseconds. */
  | {
      readonly kind: "heartbeat";
      readonly tail: StreamPosition | undefined;
      readonly timestamp: number | undefined;
    }
  /** The clean end. */
  | { readonly kind: "done" }
  /** The read failed, by the server's word or because its event makes no sense. */
  | { readonly kind: "error"; readonly error: S2Error }
  /** An event this version does not know. */
  | { readonly kind: "unknown" };

export interface SseReadDecoder<F extends RecordFormat = RecordFormat> {
  /** Never throws. */
  decode(event: SseEvent): SseReadEvent<F>;
  /** The same for a batch that is decoded already, with the id of its event. */
  metered(decoded: Omit<DecodedBatch<F>, "meteredBytes">, id: string | undefined): SseReadEvent<F>;
}

export interface SseReadDecoderOptions {
  /** Metered bytes that the server counts from: the third number of the `Last-Event-ID` sent. Default 0. */
  readonly meteredFrom?: number;
}

/** The data of the event that ends a read session cleanly. */
export const SSE_DONE = "[DONE]";

/**
 * Creates a decoder for the events of one SSE read session. The metered size of a batch is what the count in its `id`
 * grew by; without such an id it is summed over the records.
 */
export function createSseReadDecoder<F extends RecordFormat>(
  format: ReadFormat<F>,
  options: SseReadDecoderOptions = {},
): SseReadDecoder<F> {
  let counted = options.meteredFrom ?? 0;

  function metered(decoded: Omit<DecodedBatch<F>, "meteredBytes">, id: string | undefined): SseReadEvent<F> {
    const total = meteredTotal(id);
    const before = counted;
    // A batch cut short by a failure has fewer records than the id counts.
    const isCounted = total !== undefined && total >= before && decoded.failure === undefined;
    const meteredBytes = isCounted ? total - before : meteredBytesOf(decoded.records);
    counted = total ?? before + meteredBytes;
    const { records, tail, failure } = decoded;
    return { kind: "batch", batch: { records, tail, meteredBytes, failure } };
  }

  function heartbeat(event: SseEvent): SseReadEvent<F> {
    const ping = parseJson(event.data);
    if (!isJsonObject(ping)) throw protocolError("A ping is not an object");
    const { tail, timestamp } = ping;
    return {
      kind: "heartbeat",
      tail: isJsonObject(tail) ? positionFromJson(tail, "tail", format.unsafeTimestamps) : undefined,
      timestamp: timestamp === undefined ? undefined : unsignedFromJson(timestamp, "timestamp", "saturate"),
    };
  }

  function decode(event: SseEvent): SseReadEvent<F> {
    switch (event.event || "message") {
      case "batch":
        return metered(readUnmeteredFromJson(event.data, format), event.id);
      case "ping":
        return heartbeat(event);
      case "error":
        return { kind: "error", error: errorFromSseEvent(event.data) };
      case "message":
        return event.data === SSE_DONE ? { kind: "done" } : { kind: "unknown" };
      default:
        return { kind: "unknown" };
    }
  }

  return {
    metered,
    decode(event) {
      try {
        return decode(event);
      } catch (error) {
        return { kind: "error", error: errorFromThrown(error) };
      }
    },
  };
}

function errorFromThrown(error: unknown): S2Error {
  if (error instanceof S2Error) return error;
  if (error instanceof CodecError)
    return protocolError(`An event of a read makes no sense: ${error.message}`, error);
  return new S2Error({ message: "An event could not be decoded", code: "INTERNAL_ERROR", cause: error });
}

/** The cumulative metered bytes in an id of the form `seq_num,records,bytes`. */
function meteredTotal(id: string | undefined): number | undefined {
  const match = id === undefined ? null : /^\d+,\d+,(\d+)$/.exec(id);
  const total = Number(match?.[1] ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** An event as a server writes it. */
export function encodeSseEvent(event: SseEvent): string {
  let text = "";
  if (event.event !== undefined) text += `event: ${event.event}\n`;
  if (event.id !== undefined) text += `id: ${event.id}\n`;
  for (const line of event.data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return `${text}\n`;
}
