import * as http2 from "node:http2";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { type RawAnswer, sendOverHttp2 } from "./raw-client.js";
import type { Vector } from "./vectors.js";

/** What a client over HTTP/2 sees: the answer, how the stream ended, and what the connection said. */
export interface Seen extends Partial<RawAnswer> {
  readonly rst: number;
  readonly goaway: number | undefined;
}

export async function seenOverHttp2(
  origin: string,
  request: Vector["request"],
  onData?: (soFar: Buffer) => void,
): Promise<Seen> {
  const session = http2.connect(origin);
  let goaway: number | undefined;
  session.on("goaway", (code) => {
    goaway = code;
  });
  session.on("error", () => undefined);
  let rst = 0;
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  const open = session.request.bind(session);
  session.request = (...args) => {
    const stream = open(...args);
    stream.on("close", () => {
      rst = stream.rstCode;
    });
    return stream;
  };
  const answer: Partial<RawAnswer> = await sendOverHttp2(session, request, onData).catch(() => ({}));
  session.close();
  session.destroy();
  await closed;
  // A stream whose connection is lost seems to end, too.
  return { ...answer, complete: answer.complete === true && rst === 0, rst, goaway };
}

/** Lets the server and its peer work until this holds; gives up before the test's own deadline. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A frame of HTTP/2. */
export interface WireFrame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Asks over a socket of its own, and gives every HTTP/2 frame that the stream got until it was reset or ended. */
export async function framesOnTheWire(origin: string, request: Vector["request"]): Promise<WireFrame[]> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  let received = Buffer.alloc(0);
  const tap = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(() => done()),
  });
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    tap.push(chunk);
  });
  socket.on("close", () => tap.destroy());
  socket.on("error", () => undefined);
  tap.on("error", () => undefined);
  const session = http2.connect(origin, { createConnection: () => tap });
  session.on("error", () => undefined);
  await sendOverHttp2(session, request).catch(() => undefined);
  const frames = (): WireFrame[] => {
    const found: WireFrame[] = [];
    for (let at = 0; at + 9 <= received.length; ) {
      const length = received.readUIntBE(at, 3);
      const [type = 0, flags = 0] = received.subarray(at + 3, at + 5);
      if (received.readUInt32BE(at + 5) !== 0)
        found.push({ type, flags, payload: received.subarray(at + 9, at + 9 + length) });
      at += 9 + length;
    }
    return found;
  };
  await until(() => frames().some(({ type, flags }) => type === 3 || (type <= 1 && (flags & 1) !== 0)));
  session.destroy();
  socket.destroy();
  return frames();
}
