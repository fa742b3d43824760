import type { EncodedBatch, FramePlace } from "../model/record.js";

/**
 * A batch encoded into a slab. Its frame becomes a view when somebody asks: thousands of small batches may be in
 * flight, and a view each is a third of what the garbage collector has to move for them.
 */
export class SlabBatch implements EncodedBatch, FramePlace {
  readonly memory: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly recordCount: number;
  readonly meteredBytes: number;
  readonly conditional: boolean;

  constructor(
    memory: Uint8Array,
    start: number,
    end: number,
    recordCount: number,
    meteredBytes: number,
    conditional: boolean,
  ) {
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.recordCount = recordCount;
    this.meteredBytes = meteredBytes;
    this.conditional = conditional;
  }

  get frame(): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.memory.byteOffset + this.start, this.end - this.start);
  }

  get place(): FramePlace {
    return this;
  }
}
