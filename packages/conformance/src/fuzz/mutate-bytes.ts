import type { Choice } from "./choice.js";

const MAX_REPEATS = 200;
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff];

/** One or a few changes that know nothing of what the bytes mean. */
export function mutateBytes(choice: Choice, bytes: Buffer): Buffer {
  let mutated = bytes;
  for (let left = 1 + choice.int(4); left > 0; left -= 1) mutated = mutateOnce(choice, mutated);
  return mutated;
}

function mutateOnce(choice: Choice, bytes: Buffer): Buffer {
  const at = choice.int(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + choice.int(8));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (choice.int(8)) {
    case 0:
      return replaced(bytes, at, (byte) => byte ^ (1 << choice.int(8)));
    case 1:
      return replaced(bytes, at, () => choice.pick(EDGES));
    case 2:
      return Buffer.concat([before, choice.bytes(1 + choice.int(8)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([before, after]);
    case 4:
      return before;
    case 5:
      return Buffer.concat([before, ...Array.from({ length: choice.int(MAX_REPEATS) }, () => piece), after]);
    case 6:
      return Buffer.concat([before, Buffer.alloc(choice.int(64), choice.pick(EDGES)), after]);
    default:
      return Buffer.concat([after, before]);
  }
}

function replaced(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
  if (at >= bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy[at] = change(copy[at] as number);
  return copy;
}
