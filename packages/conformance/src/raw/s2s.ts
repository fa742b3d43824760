import type { AppendAck, AppendRecordInput } from "@s2-dev/streamstore-core";
import {
  type AppendConditions,
  createFrameDecoder,
  decodeAppendAck,
  encodeAppendBatch,
  type Frame,
} from "@s2-dev/streamstore-core/wire";
import type { RawClient, RawExchange, RawRequest } from "./http.js";

/** The end of a session that failed. */
export interface TerminalFrame {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** An open s2s session, frame by frame. */
export interface RawSession {
  readonly exchange: RawExchange;
  /** Sends a batch as one frame. */
  append(records: readonly AppendRecordInput[], conditions?: AppendConditions): void;
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void;
  /** Half-closes the request. */
  finish(): void;
  /** The next frame; `undefined` at a clean end of the body, which must not cut a frame. */
  next(): Promise<Frame | undefined>;
  /** The acknowledgement in the next frame; fails for anything else. */
  ack(): Promise<AppendAck>;
  /** The terminal frame that must be next, with nothing behind it. */
  terminal(): Promise<TerminalFrame>;
}

/** Opens a session. A status that is not 200 is a failure of the caller's expectations: look at `exchange` first. */
export async function openSession(client: RawClient, request: RawRequest): Promise<RawSession> {
  const exchange = await client.open({
    ...request,
    headers: { "content-type": "s2s/proto", ...request.headers },
  });
  const chunks = exchange.chunks[Symbol.asyncIterator]();
  const decoder = createFrameDecoder();
  const next = async (): Promise<Frame | undefined> => {
    for (;;) {
      const frame = decoder.next();
      if (frame !== undefined) return frame;
      const chunk = await chunks.next();
      if (chunk.done === true) {
        if (decoder.pendingBytes > 0) throw new Error("The body ends within a frame");
        return undefined;
      }
      decoder.push(chunk.value);
    }
  };
  return {
    exchange,
    next,
    append: (records, conditions) => exchange.write(encodeAppendBatch([...records], conditions).frame),
    write: (bytes) => exchange.write(bytes),
    finish: () => exchange.end(),
    async ack() {
      const frame = await next();
      if (frame === undefined) throw new Error("The session ended where an acknowledgement was due");
      if (frame.terminal) throw new Error(`The session failed: ${JSON.stringify(terminalOf(frame))}`);
      return decodeAppendAck(frame.payload);
    },
    async terminal() {
      const frame = await next();
      if (frame === undefined) throw new Error("The session ended cleanly where a terminal frame was due");
      const terminal = terminalOf(frame);
      const behind = await next();
      if (behind !== undefined) throw new Error("A frame follows the terminal one");
      return terminal;
    },
  };
}

function terminalOf({ terminal, payload }: Frame): TerminalFrame {
  if (!terminal) throw new Error("A terminal frame was due, and another came");
  const status = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  return {
    status,
    body: JSON.parse(new TextDecoder().decode(payload.subarray(2))) as Record<string, unknown>,
  };
}
