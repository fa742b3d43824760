import { Readable, Writable } from "node:stream";
import { type AttemptOptions, S2Error, type WireRequest } from "@s2-dev/streamstore-core/transport";
import type { AnswerHeaders, Exchange, WireControl } from "../http/exchange.js";

/** What a call reports: `head? data* ended`, never before `startCall` has returned. */
export interface CallEvents {
  head(status: number, headers: AnswerHeaders): void;
  /** A part of the answer's body, which is the receiver's own; the server goes on when `taken` is called. */
  data(chunk: Uint8Array, taken: () => void): void;
  /** The request can take more. */
  writable(): void;
  /** Exactly once, unless cancelled. */
  ended(error: S2Error | null): void;
}

/** A request that never touches a socket. */
export interface MemoryCall {
  /** Writes a part of the request's body; false: taken, but wait for `writable`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Breaks it off; no event afterwards. */
  cancel(): void;
}

/** Hands a request to the application, as a listener would. */
export function startCall(
  serve: (exchange: Exchange) => void,
  connection: object,
  request: WireRequest,
  { authorization }: AttemptOptions,
  events: CallEvents,
): MemoryCall {
  const { pathname, search } = new URL(request.url);
  const call = new Call(events);
  const { exchange } = call.begin({
    method: request.method,
    path: pathname,
    query: search.slice(1),
    headers: { ...request.headers, ...(authorization === "" ? {} : { authorization }) },
    connection,
  });
  queueMicrotask(() => serve(exchange));
  return call;
}

type Begun = Pick<Exchange, "method" | "path" | "query" | "headers" | "connection">;

class Call implements MemoryCall {
  readonly #events: CallEvents;
  readonly #body = new Readable({ read: () => this.#onDemand() });
  readonly #closeListeners = new Set<() => void>();
  #out: Writable | undefined;
  #isFull = false;
  #over = false;

  constructor(events: CallEvents) {
    this.#events = events;
    this.#body.on("error", () => undefined);
  }

  begin(begun: Begun): { exchange: Exchange } {
    const exchange: Exchange = {
      ...begun,
      body: this.#body,
      bodyTimeouts: undefined,
      wire: this.#wire(),
      send: (status, headers, body) => this.#send(status, headers, body),
      open: (status, headers) => this.#open(status, headers),
      onClose: (listener) => this.#onClose(listener),
      finish: () => {
        if (this.#out?.writableEnded === false) this.#out.end();
        this.#body.resume();
      },
      destroy: () => this.#break("the server cut the request off"),
    };
    return { exchange };
  }

  write(chunk: Uint8Array): boolean {
    if (this.#over || this.#body.destroyed) return true;
    this.#isFull = !this.#body.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    return !this.#isFull;
  }

  end(): void {
    if (!this.#over) this.#body.push(null);
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body.destroy();
    this.#out?.destroy();
    for (const listener of this.#closeListeners) queueMicrotask(listener);
    this.#closeListeners.clear();
  }

  #onDemand(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    if (!this.#over) this.#events.writable();
  }

  #send(status: number, headers: AnswerHeaders, body: Uint8Array | string = ""): void {
    if (this.#over || this.#out !== undefined) return;
    const bytes = Buffer.from(body);
    const out = this.#open(status, { ...headers, "content-length": String(bytes.length) });
    out.end(bytes);
    this.#body.resume();
  }

  #open(status: number, headers: AnswerHeaders): Writable {
    const out = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // A copy: what the server stores is not the reader's to change.
        if (this.#over) done();
        else this.#events.data(Uint8Array.from(chunk), done);
      },
      final: (done) => {
        done();
        this.#finish(null);
      },
    });
    out.on("error", () => undefined);
    this.#out = out;
    if (this.#over) out.destroy();
    else this.#events.head(status, headers);
    return out;
  }

  #onClose(listener: () => void): void {
    if (this.#over) queueMicrotask(listener);
    else this.#closeListeners.add(listener);
  }

  #finish(error: S2Error | null): void {
    if (this.#over) return;
    this.cancel();
    this.#events.ended(error);
  }

  #break(why: string): void {
    this.#finish(new S2Error({ message: `The connection broke: ${why}`, code: "CONNECTION_LOST" }));
  }

  #wire(): WireControl {
    return {
      armReset: () => undefined,
      reset: (code) => this.#break(`the stream was reset with code ${code}`),
      destroy: () => this.#break("the server closed it"),
      goaway: (code) => this.#break(`the server said GOAWAY with code ${code}`),
      endShort: () => undefined,
      announceClose: () => undefined,
    };
  }
}

/** What the process is kept alive for: a reference while anybody waits for an answer. */
export class Hold {
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  acquire(): () => void {
    this.#holders += 1;
    // Nothing else does it: there is no socket, and the server's own timers hold nothing.
    this.#timer ??= setInterval(() => undefined, 0x7fff_ffff);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#holders -= 1;
      if (this.#holders > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
