import type { Writable } from "node:stream";
import {
  createFrameDecoder,
  decodeAppendInput,
  encodeAppendAckFrame,
  encodeTerminalFrame,
  type Frame,
  type FrameDecoder,
  MAX_FRAME_PAYLOAD,
} from "@s2-dev/streamstore-core/wire";
import type { AppendSession } from "../service/append-session.js";
import { draining, refuse, ServiceError, serviceErrorFrom } from "../service/errors.js";
import type { AppendAck } from "../service/pending-replies.js";
import type { AppendOpening, RecordAccess } from "../service/records.js";
import { STREAM_HEADERS } from "./answer.js";
import { countAppends, decoding } from "./append-handler.js";
import type { Call } from "./call.js";
import { decompress } from "./compression.js";
import type { Exchange } from "./exchange.js";
import { bodyOf } from "./request-body.js";

/** Opens an append session: the answer begins at once, before any input is read. */
export async function serveAppendSession(call: Call<"append">, access: RecordAccess): Promise<void> {
  const { exchange, service } = call;
  const opening = await service.records.openAppend(access);
  // Not before somebody listens: a body that cannot be decompressed says so at once.
  const body = bodyOf(exchange);
  const out = exchange.open(200, { "content-type": "s2s/proto", ...STREAM_HEADERS });
  new AppendWire(call, body, out, opening);
}

/** Carries frames between a request and an append session. */
class AppendWire {
  readonly #exchange: Exchange;
  readonly #body: NodeJS.ReadableStream;
  readonly #out: Writable;
  readonly #frames: FrameDecoder = createFrameDecoder();
  readonly #session: AppendSession;
  readonly #leave: () => void;
  readonly #count: () => void;
  #bodyEnded = false;
  /** The session has not taken in its last input yet: it takes no other until it is ready. */
  #isWaiting = false;
  #over = false;
  /** Acknowledgements of this turn, which go out in one write. */
  #acks: Uint8Array[] = [];

  constructor(call: Call<"append">, body: NodeJS.ReadableStream, out: Writable, opening: AppendOpening) {
    const { exchange, sessions } = call;
    this.#exchange = exchange;
    this.#body = body;
    this.#out = out;
    this.#count = countAppends(call, opening);
    this.#session = opening.session({
      acked: (ack) => this.#onAck(ack),
      ready: () => this.#onReady(),
      ended: (error) => this.#end(error),
    });
    this.#leave = sessions.add(() => this.#session.fail(draining()));
    out.on("error", () => this.#abandon());
    out.on("drain", () => this.#drain());
    exchange.onClose(() => this.#abandon());
    body.on("data", (chunk: Buffer) => this.#onData(chunk));
    body.on("end", () => this.#onEnd());
    body.on("error", () => this.#onBroken());
    body.on("aborted", () => this.#onBroken());
  }

  #onData(chunk: Buffer): void {
    if (this.#over || this.#bodyEnded) return;
    this.#frames.push(chunk);
    this.#drain();
  }

  /** Feeds the frames that have come, until the session or the reader of the answers must be waited for. */
  #drain(): void {
    if (this.#over || this.#isWaiting) return;
    try {
      while (!this.#out.writableNeedDrain) {
        const frame = this.#frames.next();
        if (frame === undefined) {
          if (this.#bodyEnded) this.#finishInput();
          else this.#body.resume();
          return;
        }
        if (!this.#session.push(decodeInput(frame))) {
          this.#isWaiting = true;
          break;
        }
      }
      // What ended meanwhile reads on, to the end of its request.
      if (!this.#over) this.#body.pause();
    } catch (error) {
      this.#bodyEnded = true;
      this.#session.fail(badFrame(error));
    }
  }

  #onReady(): void {
    this.#isWaiting = false;
    this.#drain();
  }

  #onEnd(): void {
    this.#bodyEnded = true;
    this.#drain();
  }

  #finishInput(): void {
    if (this.#frames.pendingBytes > 0) this.#session.fail(refuse("bad_frame", "bytes remaining on stream"));
    else this.#session.finish();
  }

  /** The request broke off: nobody is there to read an answer. */
  #onBroken(): void {
    this.#abandon();
    this.#exchange.destroy();
  }

  #onAck(ack: AppendAck): void {
    if (this.#acks.push(encodeAppendAckFrame(ack)) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const acks = this.#acks;
    if (acks.length === 0 || this.#out.destroyed) return;
    this.#count();
    this.#acks = [];
    this.#out.write(acks.length === 1 ? acks[0] : Buffer.concat(acks));
  }

  #end(error: ServiceError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
    this.#flush();
    if (error !== undefined) this.#out.write(encodeTerminalFrame(error.status, error.body));
    this.#out.end();
    this.#body.removeAllListeners("data");
    this.#body.resume();
    this.#exchange.finish();
  }

  #abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
    this.#session.abort();
  }
}

function decodeInput(frame: Frame): ReturnType<typeof decodeAppendInput> {
  if (frame.terminal) throw refuse("bad_frame", "Unexpected terminal frame as input");
  const { compression } = frame;
  const payload =
    compression === "none" ? frame.payload : decompress(compression, frame.payload, MAX_FRAME_PAYLOAD);
  return decoding(() => decodeAppendInput(payload), "bad_frame");
}

function badFrame(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return refuse("bad_frame", serviceErrorFrom(error).message);
}
