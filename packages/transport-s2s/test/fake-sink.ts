import type { EncodedBatch } from "@s2-dev/streamstore-core/transport";
import type { FrameSink } from "../src/outgoing.js";

/** The part of an HTTP/2 stream that is written to, where a test is the wire. */
export interface FakeSink extends FrameSink {
  readonly chunks: Uint8Array[];
  ended: boolean;
  destroyed: boolean;
  /** The wire takes the oldest chunk. */
  accept(): void;
}

export function createFakeSink(session?: object): FakeSink {
  const callbacks: (() => void)[] = [];
  return {
    chunks: [],
    ended: false,
    destroyed: false,
    session,
    cork() {},
    uncork() {},
    write(chunk, done) {
      this.chunks.push(chunk);
      callbacks.push(done);
      return false;
    },
    end() {
      this.ended = true;
    },
    accept: () => callbacks.shift()?.(),
  };
}

export function batch(frame: Uint8Array): EncodedBatch {
  return { frame, recordCount: 1, meteredBytes: frame.byteLength, conditional: false };
}

/** A frame of its own memory whose bytes all have one value. */
export function frameOf(bytes: number, value = 1): Uint8Array {
  return new Uint8Array(bytes).fill(value);
}

export const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
