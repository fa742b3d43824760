import { gzipSync } from "node:zlib";
import type { Choice } from "./choice.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateProtobuf } from "./mutate-protobuf.js";

/** A session frame as it will be written. */
interface WrittenFrame {
  flags: number;
  payload: Buffer;
  /** What the length field says, when that is not the length. */
  claimed: number | undefined;
}

const NASTY_FLAGS = [0x00, 0x01, 0x0f, 0x10, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xff];
const NASTY_LENGTHS = [0, 1, 2, 0xff, 0xffff, 0x1f_ffff, 0x20_0000, 0x20_0001, 0xff_ffff];
const REPEATS = [2, 3, 50, 300];

/** Session frames of which a few are changed: heads, payloads, compression, order, number. */
export function mutateFrames(choice: Choice, bytes: Buffer): Buffer {
  const frames = parse(bytes);
  if (frames.length === 0) return mutateBytes(choice, bytes);
  for (let left = 1 + choice.int(3); left > 0; left -= 1) mutateOne(choice, frames);
  const written = write(frames);
  return choice.chance(0.1) ? mutateBytes(choice, written) : written;
}

function mutateOne(choice: Choice, frames: WrittenFrame[]): void {
  const at = choice.int(frames.length);
  const frame = frames[at];
  if (frame === undefined) return;
  switch (choice.int(9)) {
    case 0:
      frame.flags = choice.pick(NASTY_FLAGS);
      return;
    case 1:
      frame.claimed = choice.pick(NASTY_LENGTHS);
      return;
    case 2:
      frame.flags = 0x40;
      frame.payload = gzipSync(frame.payload);
      if (choice.chance(0.5)) frame.payload = mutateBytes(choice, frame.payload);
      return;
    case 3:
      frames.splice(at, 1);
      return;
    case 4:
      frames.splice(at, 1, ...Array.from({ length: choice.pick(REPEATS) }, () => ({ ...frame })));
      return;
    case 5:
      frames.splice(at, 0, {
        flags: 0x80,
        payload: Buffer.from('\u0001\u00f4{"code":"x"}'),
        claimed: undefined,
      });
      return;
    case 6:
      frame.payload = mutateBytes(choice, frame.payload);
      return;
    default:
      frame.payload = mutateProtobuf(choice, frame.payload);
  }
}

function parse(bytes: Buffer): WrittenFrame[] {
  const frames: WrittenFrame[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const payload = bytes.subarray(at + 4, at + 3 + length);
    frames.push({ flags: bytes[at + 3] as number, payload, claimed: undefined });
    at += 3 + Math.max(1, length);
  }
  return frames;
}

function write(frames: readonly WrittenFrame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ flags, payload, claimed }) => {
      const head = Buffer.alloc(4);
      head.writeUIntBE((claimed ?? payload.length + 1) & 0xff_ffff, 0, 3);
      head[3] = flags;
      return [head, payload];
    }),
  );
}
