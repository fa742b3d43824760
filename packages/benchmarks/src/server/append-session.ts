import { ackMessage, FRAME_HEAD, frame } from "../fixture/proto.js";
import { timestampAt } from "../fixture/read-batches.js";
import type { Exchange } from "./exchange.js";
import type { StreamState } from "./streams.js";

/** Acknowledges every batch at once; the acks of what came in one chunk leave in one write. */
export function serveAppendSession(exchange: Exchange, state: StreamState): void {
  const answer = exchange.respond(200, { "content-type": "s2s/proto" });
  const scanner = new FrameScanner();
  exchange.body.on("data", (chunk: Buffer) => {
    const acks: Buffer[] = [];
    scanner.feed(chunk, (data, start, end) => {
      const before = state.appended.count;
      const count = state.appended.take(data, start, end);
      acks.push(frame(ackMessage(before, before + count, timestampAt(before + count))));
    });
    if (acks.length > 0) answer.write(acks.length === 1 ? acks[0]! : Buffer.concat(acks));
  });
  exchange.body.on("end", () => answer.end());
}

/** Cuts a byte stream into frames; a frame's message lies in one buffer, which the next call may overwrite. */
export class FrameScanner {
  /** A frame that spans chunks is gathered here. */
  #gathered: Buffer = Buffer.allocUnsafe(1 << 16);
  #have = 0;

  feed(chunk: Buffer, take: (data: Buffer, start: number, end: number) => void): void {
    if (this.#have === 0) return this.#gather(chunk.subarray(scan(chunk, take)));
    this.#gather(chunk);
    const done = scan(this.#gathered.subarray(0, this.#have), take);
    if (done === 0) return;
    this.#gathered.copyWithin(0, done, this.#have);
    this.#have -= done;
  }

  #gather(data: Buffer): void {
    const need = this.#have + data.length;
    if (need > this.#gathered.length) {
      const larger = Buffer.allocUnsafe(Math.max(need, this.#gathered.length * 2));
      this.#gathered.copy(larger, 0, 0, this.#have);
      this.#gathered = larger;
    }
    data.copy(this.#gathered, this.#have);
    this.#have = need;
  }
}

/** Takes the whole frames at the front; returns how many bytes they are. */
function scan(data: Buffer, take: (data: Buffer, start: number, end: number) => void): number {
  let at = 0;
  while (data.length - at >= FRAME_HEAD) {
    const end = at + 3 + data.readUIntBE(at, 3);
    if (end > data.length) break;
    take(data, at + FRAME_HEAD, end);
    at = end;
  }
  return at;
}
