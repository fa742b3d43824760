import type { Choice } from "./choice.js";
import type { FuzzRequest } from "./fuzz-request.js";
import { latin1, targetOf } from "./http1-text.js";
import { mutateBytes } from "./mutate-bytes.js";

/** A frame of HTTP/2 as it will be written. */
interface Http2Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
  /** What the length field says, when that is not the length. */
  claimed: number | undefined;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const [DATA, HEADERS, SETTINGS] = [0x0, 0x1, 0x4];
const [END_STREAM, END_HEADERS] = [0x1, 0x4];
const TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xff];
const STREAMS = [0, 1, 2, 3, 5, 0x7fff_ffff, 0xffff_ffff];
const LENGTHS = [0, 1, 4, 5, 8, 16_384, 16_385, 0xff_ffff];
const REPEATS = [2, 20, 200];

/** A connection of HTTP/2 with one request on it, in whose frames or header block something is wrong. */
export function mutateHttp2(choice: Choice, request: FuzzRequest): Buffer {
  const frames = framesOf(request);
  for (let left = 1 + choice.int(3); left > 0; left -= 1) mutateFrame(choice, frames);
  const bytes = Buffer.concat([PREFACE, ...frames.map(write)]);
  return choice.chance(0.1) ? mutateBytes(choice, bytes) : bytes;
}

/** A connection of HTTP/2 with one request on it, as it should be. */
export function http2BytesOf(request: FuzzRequest): Buffer {
  return Buffer.concat([PREFACE, ...framesOf(request).map(write)]);
}

function framesOf(request: FuzzRequest): Http2Frame[] {
  const { method, headers, body } = request;
  const pseudo: [string, string][] = [
    [":method", method],
    [":scheme", "http"],
    [":authority", "x"],
    [":path", targetOf(request)],
  ];
  const block = Buffer.concat([...pseudo, ...headers].map(([name, value]) => literal(name, value)));
  const last = body.length === 0 ? END_STREAM : 0;
  return [
    frame(SETTINGS, 0, 0, Buffer.alloc(0)),
    frame(HEADERS, END_HEADERS | last, 1, block),
    ...(body.length === 0 ? [] : [frame(DATA, END_STREAM, 1, body)]),
  ];
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Http2Frame {
  return { type, flags, stream, payload, claimed: undefined };
}

function mutateFrame(choice: Choice, frames: Http2Frame[]): void {
  const at = choice.int(frames.length);
  const chosen = frames[at] as Http2Frame;
  switch (choice.int(8)) {
    case 0:
      chosen.type = choice.pick(TYPES);
      return;
    case 1:
      chosen.flags = choice.int(256);
      return;
    case 2:
      chosen.stream = choice.pick(STREAMS);
      return;
    case 3:
      chosen.claimed = choice.pick(LENGTHS);
      return;
    case 4:
      frames.splice(at, 1, ...Array.from({ length: choice.pick(REPEATS) }, () => ({ ...chosen })));
      return;
    case 5:
      frames.splice(
        choice.int(frames.length + 1),
        0,
        frame(choice.pick(TYPES), choice.int(256), choice.pick(STREAMS), choice.bytes(choice.int(20))),
      );
      return;
    default:
      chosen.payload = mutateBytes(choice, chosen.payload);
  }
}

function write({ type, flags, stream, payload, claimed }: Http2Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE((claimed ?? payload.length) & 0xff_ffff, 0, 3);
  head[3] = type & 0xff;
  head[4] = flags & 0xff;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header field of HPACK: literal, not indexed, not compressed. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function text(content: string): Buffer {
  const bytes = latin1(content);
  const length: number[] = [];
  let rest = bytes.length;
  if (rest < 127) length.push(rest);
  else {
    length.push(127);
    for (rest -= 127; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}
