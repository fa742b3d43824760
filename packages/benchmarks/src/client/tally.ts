import { Digest } from "../fixture/digest.js";
import type { Delivered, Job } from "../job.js";

type Data = string | Uint8Array;

/** Counts what a reader gets, cheaply; takes the checksum where the job asks for it. */
export class Tally {
  #count = 0;
  #bytes = 0;
  #seqSum = 0;
  readonly #start: number;
  readonly #hasHeaders: boolean;
  readonly #digest: Digest | undefined;

  constructor(job: Job) {
    this.#start = job.start;
    this.#hasHeaders = job.shape.headers > 0;
    this.#digest = job.verify ? new Digest() : undefined;
  }

  get count(): number {
    return this.#count;
  }

  add(seqNum: number, body: Data, headers: Iterable<readonly [Data, Data]>): void {
    this.#count += 1;
    this.#bytes += body.length;
    // Whoever sends headers reads them; a reader that decodes them only when asked pays here.
    if (this.#hasHeaders) for (const [name, value] of headers) this.#bytes += name.length + value.length;
    this.#seqSum += seqNum - this.#start;
    this.#digest?.add(seqNum, body, headers);
  }

  result(): Delivered {
    const delivered: Delivered = { count: this.#count, bytes: this.#bytes, seqSum: this.#seqSum };
    if (this.#digest !== undefined) delivered.digest = this.#digest.value;
    return delivered;
  }
}
