import { Agent } from "node:http";
import { Duplex } from "node:stream";
import { gate } from "./support.js";

/** A socket whose other end is the test: it accepts what is written when the test says so. */
export interface HeldSocket {
  /** The memory that was handed to it, as it is now. */
  written(): Buffer;
  /** Resolves when so many bytes have been handed to it. */
  has(bytes: number): Promise<void>;
  /** Accepts what was handed to it and what will be. */
  accept(): void;
  /** Accepts nothing of what comes from now on. */
  holdAgain(): void;
  /** Gives the client bytes to read. */
  answer(...pieces: (string | Uint8Array)[]): void;
}

/** An agent that opens no connection but the one to the test. */
export function heldConnection(): { agent: Agent; socket: Promise<HeldSocket> } {
  const opened = gate<HeldSocket>();
  const agent = new Agent();
  agent.createConnection = () => {
    const socket = new HeldDuplex();
    opened.open(socket);
    return socket;
  };
  return { agent, socket: opened.promise };
}

class HeldDuplex extends Duplex implements HeldSocket {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #accepting = false;
  #accepted: (() => void) | undefined;
  #waiting: { bytes: number; resolve: () => void } | undefined;

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], accepted: () => void): void {
    for (const { chunk } of chunks) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    if (this.#accepting) accepted();
    else this.#accepted = accepted;
    if (this.#waiting !== undefined && this.#bytes >= this.#waiting.bytes) this.#waiting.resolve();
  }

  written(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  has(bytes: number): Promise<void> {
    if (this.#bytes >= bytes) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { bytes, resolve };
    });
  }

  accept(): void {
    this.#accepting = true;
    this.#accepted?.();
    this.#accepted = undefined;
  }

  holdAgain(): void {
    this.#accepting = false;
  }

  answer(...pieces: (string | Uint8Array)[]): void {
    this.push(Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array))));
  }
}
