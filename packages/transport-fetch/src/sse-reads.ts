import { S2Error } from "@s2-dev/streamstore-core/client";
import {
  createSseReadDecoder,
  Fifo,
  type SseEvent,
  type SseReadDecoder,
  type SseReadEvent,
} from "@s2-dev/streamstore-core/reading";
import type { LinkBatch, ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";
import { createEventLines } from "./event-lines.js";
import { truncatedResponse } from "./network-error.js";
import type { ReadDecoder, ReadProtocol } from "./protocols.js";

/** A batch of 1 MiB whose every byte is written as an escape of six characters, and room for its fields. */
export const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/** Reads as server-sent events: what every runtime can do. */
export const sseReads: ReadProtocol = {
  check() {},
  headersFor: (format) => ({
    accept: "text/event-stream",
    "s2-format": format.as === "bytes" ? "base64" : "raw",
  }),
  contentType: "text/event-stream",
  createDecoder: (format) => new EventDecoder(format),
};

/** Decodes events out of the chunks of an event stream. */
export class EventDecoder<F extends RecordFormat> implements ReadDecoder<F> {
  readonly #decoder: SseReadDecoder<F>;
  // Drops a byte order mark, which would cost the first event.
  readonly #text = new TextDecoder();
  /** They are decoded when they are pulled. */
  readonly #events = new Fifo<SseEvent>();
  readonly #lines = createEventLines((event) => {
    this.#events.push(event);
    this.#pending += event.data.length;
  });
  #pending = 0;
  #isDone = false;

  constructor(format: ReadFormat<F>, decoder: SseReadDecoder<F> = createSseReadDecoder(format)) {
    this.#decoder = decoder;
  }

  get pending(): number {
    return this.#pending;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(this.#text.decode(chunk, { stream: true }));
    if (this.#lines.pending > MAX_EVENT_CHARACTERS) throw eventTooLong();
  }

  next(): LinkBatch<F> | null | undefined {
    while (!this.#isDone) {
      const event = this.#events.shift();
      if (event === undefined) return undefined;
      this.#pending -= event.data.length;
      const batch = batchOf(this.#decoder.decode(event));
      if (batch !== undefined) this.#isDone = batch === null;
      if (batch) return batch;
    }
    return null;
  }

  end(): null {
    if (this.#isDone) return null;
    throw truncatedResponse();
  }
}

/** What an event is to a link; `undefined` when it is nothing. @throws S2Error when it ended the session. */
export function batchOf<F extends RecordFormat>(decoded: SseReadEvent<F>): LinkBatch<F> | null | undefined {
  switch (decoded.kind) {
    case "batch":
      return { ...decoded.batch, reconnectAdvised: false };
    case "heartbeat":
      return {
        records: [],
        tail: decoded.tail,
        meteredBytes: 0,
        failure: undefined,
        reconnectAdvised: false,
      };
    case "done":
      return null;
    case "error":
      throw decoded.error;
    case "unknown":
      return undefined;
  }
}

export function eventTooLong(): S2Error {
  return new S2Error({
    message: `An event is longer than ${MAX_EVENT_CHARACTERS} characters`,
    code: "PROTOCOL_ERROR",
  });
}
