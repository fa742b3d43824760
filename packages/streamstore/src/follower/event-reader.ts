import { FINISH_BOUND, type SseEvent } from "@s2-dev/streamstore-core/reading";
import type { DecodedBatch, ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";
import {
  createEventLines,
  errorFromRuntime,
  eventTooLong,
  MAX_EVENT_CHARACTERS,
  truncatedResponse,
  wrongType,
} from "@s2-dev/streamstore-transport-fetch/parts";
import { type Attempts, cancelBody, failing } from "./attempts.js";
import { createEventDecoder } from "./event-decoder.js";

const CONTENT_TYPE = "text/event-stream";

/** What a read session asks for in its headers. */
export function eventHeaders(format: ReadFormat): Readonly<Record<string, string>> {
  return { accept: CONTENT_TYPE, "s2-format": format.as === "bytes" ? "base64" : "raw" };
}

/** The answer to a read, taken in as it is asked for. */
export interface EventReader<F extends RecordFormat> {
  /** The next batch, waited for so many milliseconds a chunk; without records it is a heartbeat. `null`: the clean end. */
  next(ms: number): Promise<DecodedBatch<F> | null>;
  cancel(): void;
}

/** Reads the events of an answer. Throws `PROTOCOL_ERROR` when it has none. */
export function createEventReader<F extends RecordFormat>(
  response: Response,
  format: ReadFormat<F>,
  attempts: Attempts,
): EventReader<F> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith(CONTENT_TYPE)) {
    cancelBody(response.body);
    throw wrongType(type, CONTENT_TYPE);
  }
  const reader = response.body?.getReader();
  const cancel = (): void => cancelBody(reader);
  const decode = createEventDecoder(format);
  // Drops a byte order mark, which would cost the first event.
  const text = new TextDecoder();
  let events: SseEvent[] = [];
  let taken = 0;
  const lines = createEventLines((event) => events.push(event));

  /** What the events that have come give; they are decoded as they are asked for. */
  function decoded(): DecodedBatch<F> | null | undefined {
    while (taken < events.length) {
      const batch = decode(events[taken++] as SseEvent);
      if (batch !== undefined) return batch;
    }
    events = [];
    taken = 0;
    return undefined;
  }

  async function receive(ms: number): Promise<void> {
    // A response without a body is truncated, too.
    const reading = reader?.read().catch(failing(errorFromRuntime)) ?? Promise.resolve({ value: undefined });
    const { value } = await attempts.wait<{ value: Uint8Array | undefined }>(
      ms,
      reading,
      "HEARTBEAT_TIMEOUT",
      "No record and no heartbeat",
    );
    if (value === undefined) throw truncatedResponse();
    lines.push(text.decode(value, { stream: true }));
    if (lines.pending > MAX_EVENT_CHARACTERS) throw eventTooLong();
  }

  return {
    async next(ms) {
      let batch = decoded();
      while (batch === undefined) {
        await receive(ms);
        batch = decoded();
      }
      // The body's own end is behind that of the session; with it the connection can serve again.
      if (batch === null) receive(FINISH_BOUND).then(cancel, cancel);
      return batch;
    },
    cancel,
  };
}
