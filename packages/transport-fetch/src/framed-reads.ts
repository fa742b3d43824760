import {
  type LinkBatch,
  type ReadFormat,
  type RecordFormat,
  S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeReadBatch,
  errorFromTerminalFrame,
  joinPieces,
} from "@s2-dev/streamstore-core/wire";
import { payloadOf } from "./frame-payload.js";
import { truncatedResponse } from "./network-error.js";
import type { ReadDecoder, ReadProtocol } from "./protocols.js";
import type { FrameCodec } from "./runtime.js";
import { acceptEncoding, SESSION_HEADERS } from "./session-headers.js";

/**
 * Reads sessions in the frames of the s2s protocol over an ordinary HTTP answer: binary, without base64, at a third of
 * the CPU of server-sent events. For Node.js, Bun, Deno and workers; not for browsers, which do not let a program say
 * that answers must not be compressed.
 *
 * Pass what it gives as `reads` to `createFetchTransport`, which throws `S2Error` `UNSUPPORTED` where it cannot work.
 *
 * @see https://s2.dev/docs/api/records/overview
 */
export function framedReads(): ReadProtocol {
  return FRAMED_READS;
}

const FRAMED_READS: ReadProtocol = {
  check() {
    if (acceptEncoding.canBeSet()) return;
    throw new S2Error({
      message:
        "framedReads() needs a runtime that lets a program set accept-encoding, which this one does not: leave `reads` out to read server-sent events",
      code: "UNSUPPORTED",
    });
  },
  headersFor: (_format, codec) => ({ ...SESSION_HEADERS, ...acceptEncoding.headersFor(codec) }),
  contentType: "s2s/proto",
  createDecoder: (format, codec) => new FrameReadDecoder(format, codec),
};

class FrameReadDecoder<F extends RecordFormat> implements ReadDecoder<F> {
  readonly #format: ReadFormat<F>;
  readonly #codec: FrameCodec | undefined;
  readonly #frames = createFrameDecoder();

  constructor(format: ReadFormat<F>, codec: FrameCodec | undefined) {
    this.#format = format;
    this.#codec = codec;
  }

  get pending(): number {
    return this.#frames.pendingBytes;
  }

  push(chunk: Uint8Array): void {
    this.#frames.push(chunk);
  }

  next(): LinkBatch<F> | undefined {
    try {
      const frame = this.#frames.nextInPieces();
      if (frame === undefined) return undefined;
      const { pieces, reconnectAdvised } = frame;
      if (frame.terminal) throw errorFromTerminalFrame(joinPieces(pieces));
      const payload =
        frame.compression === "none" ? pieces : payloadOf(frame, joinPieces(pieces), this.#codec);
      return { ...decodeReadBatch(payload, this.#format), reconnectAdvised };
    } catch (thrown) {
      throw s2ErrorFromUnknown(thrown);
    }
  }

  /** A body that ends on the boundary of a frame ends the session cleanly. */
  end(): null {
    if (this.#frames.pendingBytes > 0) throw truncatedResponse();
    return null;
  }
}
