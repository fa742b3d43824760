import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { allocate } from "./shared-memory.js";

/** Memory for what is cut by the ends of pieces is made this much at a time: an allocation costs as much as 2 kB of copying. */
const GATHER_BYTES = 8 * 1024;

/** Goes through bytes that lie in pieces. */
export class PieceCursor {
  readonly #pieces: readonly Uint8Array[];
  #index = 0;
  #at = 0;
  /** Bytes that are still to come. */
  #left = 0;
  #memory: Uint8Array = EMPTY_BYTES;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    for (const piece of pieces) this.#left += piece.length;
  }

  get left(): number {
    return this.#left;
  }

  /** The current piece, whole. */
  get piece(): Uint8Array {
    return this.#pieces[this.#index] ?? EMPTY_BYTES;
  }

  /** Where in it the bytes to come begin. */
  get at(): number {
    return this.#at;
  }

  /** Whether all that is to come lies in the current piece. */
  get isLast(): boolean {
    return this.#left === this.piece.length - this.#at;
  }

  /** Goes on within the current piece, or from its end to the next. */
  moveTo(at: number): void {
    this.#left -= at - this.#at;
    this.#at = at;
    if (at < this.piece.length) return;
    this.#index += 1;
    this.#at = 0;
  }

  /** A copy of the next bytes, which stay to come. */
  peek(size: number): Uint8Array {
    const left = this.#left;
    const index = this.#index;
    const at = this.#at;
    const bytes = this.copyTo(new Uint8Array(Math.min(size, left)));
    this.#index = index;
    this.#at = at;
    this.#left = left;
    return bytes;
  }

  /** Takes the next bytes, which must be there, into memory that nothing else is written to. */
  take(size: number): Uint8Array {
    if (size > this.#memory.length)
      this.#memory = allocate(Math.max(size, Math.min(this.#left, GATHER_BYTES)));
    const taken = this.#memory.subarray(0, size);
    this.#memory = this.#memory.subarray(size);
    return this.copyTo(taken);
  }

  /** Takes the next bytes, which must be there, until `target` is full. */
  copyTo(target: Uint8Array): Uint8Array {
    for (let filled = 0; filled < target.length; ) {
      const size = Math.min(target.length - filled, this.piece.length - this.#at);
      target.set(this.piece.subarray(this.#at, this.#at + size), filled);
      filled += size;
      this.moveTo(this.#at + size);
    }
    return target;
  }
}
