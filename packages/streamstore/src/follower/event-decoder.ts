import { parseJson, positionFromJson, protocolError, S2Error } from "@s2-dev/streamstore-core/client";
import { errorFromSseEvent, type SseEvent } from "@s2-dev/streamstore-core/reading";
import type { DecodedBatch, ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";
import { batchFromJson } from "./records.js";

/**
 * Decodes the events of one answer: a batch, without records if it is a heartbeat; `null` for the clean end; `undefined`
 * for what this version does not know. Throws what the server reports, and `PROTOCOL_ERROR` for what makes no sense.
 */
export function createEventDecoder<F extends RecordFormat>(
  format: ReadFormat<F>,
): (event: SseEvent) => DecodedBatch<F> | null | undefined {
  let counted = 0;

  /** What the count in its id grew by; without such an id the sum over the records. */
  function batchOf({ data, id = "" }: SseEvent): DecodedBatch<F> {
    const batch = batchFromJson(data, format);
    const total = Number(/^\d+,\d+,(\d+)$/.exec(id)?.[1]);
    const meteredBytes = total >= counted ? total - counted : meteredBytesOf(batch.records);
    counted = total >= 0 ? total : counted + meteredBytes;
    return { ...batch, meteredBytes };
  }

  function heartbeatOf(data: string): DecodedBatch<F> {
    const { tail } = parseJson(data) as { readonly tail?: unknown };
    return {
      records: [],
      tail: tail ? positionFromJson(tail, "tail", format.unsafeTimestamps) : undefined,
      meteredBytes: 0,
      failure: undefined,
    };
  }

  return (event) => {
    const { data } = event;
    try {
      switch (event.event || "message") {
        case "batch":
          return batchOf(event);
        case "ping":
          return heartbeatOf(data);
        case "error":
          throw errorFromSseEvent(data);
        case "message":
          return data === "[DONE]" ? null : undefined;
      }
      return undefined;
    } catch (thrown) {
      if (thrown instanceof S2Error) throw thrown;
      throw protocolError(`An event of a read makes no sense: ${thrown}`, thrown);
    }
  };
}

function meteredBytesOf(records: DecodedBatch["records"]): number {
  let total = 0;
  for (const { body, headerList } of records) {
    total += 8 + sizeOf(body);
    for (const [name, value] of headerList) total += 2 + sizeOf(name) + sizeOf(value);
  }
  return total;
}

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? new TextEncoder().encode(data).length : data.length;
}
