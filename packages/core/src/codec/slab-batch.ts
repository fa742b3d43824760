import type { EncodedBatch, FramePlace } from "../model/record.js";
import type { SharedMemory } from "./shared-memory.js";

/**
 * A batch encoded into a slab. Its frame becomes a view when somebody asks: thousands of small batches may be in
 * flight, and a view each is a third of what the garbage collector has to move for them.
 */
export class SlabBatch implements EncodedBatch, FramePlace {
  readonly #shared: SharedMemory;
  readonly start: number;
  readonly end: number;
  readonly recordCount: number;
  readonly meteredBytes: number;
  readonly conditional: boolean;

  constructor(
    shared: SharedMemory,
    start: number,
    end: number,
    recordCount: number,
    meteredBytes: number,
    conditional: boolean,
  ) {
    this.#shared = shared;
    this.start = start;
    this.end = end;
    this.recordCount = recordCount;
    this.meteredBytes = meteredBytes;
    this.conditional = conditional;
  }

  get memory(): Uint8Array {
    return this.#shared.bytes;
  }

  get frame(): Uint8Array {
    const { bytes } = this.#shared;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + this.start, this.end - this.start);
  }

  get place(): FramePlace {
    return this;
  }

  hold(): void {
    this.#shared.hold();
  }

  release(): void {
    this.#shared.release();
  }
}
