import { createRandom } from "../killed-server/random.js";

/** Draws of one fuzzed input, the same for the same seed. */
export interface Choice {
  /** From 0 up to, not including, `below`. */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Buffer;
}

export function createChoice(seed: number): Choice {
  const random = createRandom(seed);
  const int = (below: number): number => Math.floor(random() * below);
  return {
    int,
    chance: (probability) => random() < probability,
    pick: (list) => list[int(list.length)] as (typeof list)[number],
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}

/** The seed of input `index` of a run: neighbours have nothing in common. */
export function seedOf(runSeed: number, index: number): number {
  return (Math.imul(runSeed ^ Math.imul(index + 1, 0x9e37_79b1), 0x85eb_ca6b) ^ (index << 7)) >>> 0;
}
