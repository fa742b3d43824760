import type { Operation } from "./append-operations.js";

/** What admission should have done, by the rules alone: first come first served, while there is room. */
export class AdmissionModel {
  readonly #maxBytes: number;
  readonly #maxBatches: number;
  readonly #waiting: Operation[] = [];
  readonly #inside = new Set<Operation>();

  constructor(maxBytes: number, maxBatches: number) {
    this.#maxBytes = maxBytes;
    this.#maxBatches = maxBatches;
  }

  /** Those that must have their place by now. */
  get inside(): ReadonlySet<Operation> {
    return this.#inside;
  }

  get waiting(): readonly Operation[] {
    return this.#waiting;
  }

  enter(operation: Operation): void {
    this.#waiting.push(operation);
    this.#letIn();
  }

  leave(operation: Operation): void {
    if (this.#inside.delete(operation)) this.#letIn();
  }

  /** Closing lets in what does not wait for room, and refuses the rest. */
  close(): void {
    for (const operation of this.#waiting.splice(0)) {
      if (operation.waits) operation.isRefused = true;
      else this.#inside.add(operation);
    }
  }

  #letIn(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.waits && !this.#fits(first)) return;
      this.#waiting.shift();
      this.#inside.add(first);
    }
  }

  #fits({ charge }: Operation): boolean {
    if (this.#inside.size === 0) return true;
    let bytes = charge;
    for (const other of this.#inside) bytes += other.charge;
    return this.#inside.size < this.#maxBatches && bytes <= this.#maxBytes;
  }
}
