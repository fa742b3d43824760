import type { S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import { asyncIteratorOf } from "../iterate.js";
import type { AcksStream } from "./types.js";

/** The acknowledgements of a session as a stream, recorded from its making on. */
export interface AcksRecorder {
  readonly stream: AcksStream;
  push(ack: AppendAck): void;
  end(failure: S2Error | undefined): void;
}

export function createAcksRecorder(): AcksRecorder {
  let controller: ReadableStreamDefaultController<AppendAck> | undefined;
  const stream = new ReadableStream<AppendAck>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = undefined;
    },
  }) as AcksStream;
  // Safari's ReadableStream has no iterator of its own.
  Object.defineProperty(stream, Symbol.asyncIterator, { value: () => asyncIteratorOf(stream) });
  return {
    stream,
    push: (ack) => controller?.enqueue(ack),
    end(failure) {
      if (failure === undefined) controller?.close();
      else controller?.error(failure);
      controller = undefined;
    },
  };
}
