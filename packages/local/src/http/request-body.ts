import type { Readable } from "node:stream";
import { MAX_UNARY_BODY } from "@s2-dev/streamstore-core/wire";
import { refuse, type ServiceCode } from "../service/errors.js";
import { CODINGS, type Coding, createDecompressor } from "./compression.js";
import type { BodyTimeouts, Exchange } from "./exchange.js";

/** A request whose `Content-Encoding` cannot be undone: answered with 415 and an empty body. */
export class UnsupportedEncoding extends Error {}

/** The request's body, decompressed as its `Content-Encoding` says. @throws UnsupportedEncoding */
export function bodyOf({ headers, body }: Exchange): Readable {
  const coding = requestCoding(headers["content-encoding"]);
  if (coding === undefined) return body;
  const decompressor = createDecompressor(coding);
  // Bytes that are no such coding must not end the process where nobody reads the body any more.
  decompressor.on("error", () => undefined);
  body.on("error", (error) => decompressor.destroy(error));
  body.on("aborted", () => decompressor.destroy(new Error("the request was cut off")));
  return body.pipe(decompressor);
}

/** @throws UnsupportedEncoding for anything but one known coding. */
export function requestCoding(header: string | undefined): Coding | undefined {
  const name = header?.trim().toLowerCase();
  if (name === undefined || name === "identity") return undefined;
  const coding = CODINGS.find((known) => known === name);
  if (coding === undefined) throw new UnsupportedEncoding();
  return coding;
}

/**
 * Collects a whole body. Beyond 2 MiB, and when it cannot be decompressed, it is refused with the code; when nothing
 * comes for too long, or it is not complete by its time, with `request_timeout`.
 * @throws ServiceError
 */
export function collectBody(exchange: Exchange, code: ServiceCode): Promise<Buffer> {
  const body = bodyOf(exchange);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = bodyTimer(exchange.bodyTimeouts, (message) => stop(message, "request_timeout"));
    body.on("data", (chunk: Buffer) => {
      timer.came();
      size += chunk.length;
      if (size <= MAX_UNARY_BODY) chunks.push(chunk);
      else stop("Failed to buffer the request body: length limit exceeded");
    });
    body.on("end", () => {
      timer.stop();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    body.on("error", (error) => stop(`Failed to buffer the request body: ${error.message}`));
    body.on("aborted", () => stop("Failed to buffer the request body: the request was cut off"));
    body.on("close", () => stop("Failed to buffer the request body: the request was cut off"));

    function stop(message: string, reason: ServiceCode = code): void {
      timer.stop();
      body.removeAllListeners("data");
      body.pause();
      if (body !== exchange.body) {
        // What comes still has to pass, so that the connection can be used again.
        exchange.body.unpipe();
        body.destroy();
      }
      reject(refuse(reason, message));
    }
  });
}

interface BodyTimer {
  /** Something of the body has come. */
  came(): void;
  stop(): void;
}

/** Tells once when nothing has come for too long, or when it takes too long altogether. */
function bodyTimer(timeouts: BodyTimeouts | undefined, tell: (message: string) => void): BodyTimer {
  if (timeouts === undefined) return { came: () => undefined, stop: () => undefined };
  const { bodyMs, wholeBodyMs } = timeouts;
  const silence = setTimeout(() => tell(`no more of the request body came within ${bodyMs} ms`), bodyMs);
  const whole = setTimeout(() => tell(`the request body did not come within ${wholeBodyMs} ms`), wholeBodyMs);
  return {
    came: () => void silence.refresh(),
    stop() {
      clearTimeout(silence);
      clearTimeout(whole);
    },
  };
}
