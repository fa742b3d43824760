import type { IncomingHttpHeaders } from "node:http";
import type { Readable, Writable } from "node:stream";

/** One request, whichever version of HTTP it came by. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Answers with a status and headers; the body is written to what it returns. */
  respond(status: number, headers: Record<string, string>): Writable;
}

export async function bodyOf(exchange: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of exchange.body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Resolves once the writable takes more, or is gone. */
export function drained(writable: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      writable.off("drain", done);
      writable.off("close", done);
      resolve();
    };
    writable.on("drain", done);
    writable.on("close", done);
  });
}
