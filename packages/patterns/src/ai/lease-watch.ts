import { commandOf, type StringReadRecord } from "@s2-dev/streamstore-core";
import { parseLeaseToken } from "../lease/lease-token.js";

const MAX_TIMER = 2 ** 31 - 1;

/** Until when the producer of an answer counts as alive, as the records of its stream tell it. */
export class LeaseWatch {
  #expiresAt: number;
  readonly #skewMillis: number;

  constructor(expiresAt: number, skewMillis: number) {
    this.#expiresAt = expiresAt;
    this.#skewMillis = skewMillis;
  }

  /** Until when it is alive by its own word, in milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** How long until it counts as gone, in milliseconds; `undefined` for never, and for what no timer can wait for. */
  left(now: number): number | undefined {
    const left = Math.max(0, this.#expiresAt + this.#skewMillis - now);
    return left <= MAX_TIMER ? left : undefined;
  }

  /** Takes note of a deadline, as the record at which the answer begins has one. */
  extend(expiresAt: number): void {
    this.#expiresAt = expiresAt;
  }

  /** Takes note of a record if it is a fence, and says whether it is. */
  observe(record: StringReadRecord): boolean {
    const command = commandOf(record);
    if (command?.command !== "fence") return false;
    this.#expiresAt = expiryOf(command.fencingToken, this.#skewMillis);
    return true;
  }
}

/** When the lease in a fencing token runs out: never for what is no lease, and at once where there is none. */
export function expiryOf(token: string, skewMillis: number): number {
  if (token === "") return -skewMillis;
  return parseLeaseToken(token)?.expiresAt ?? Number.POSITIVE_INFINITY;
}
