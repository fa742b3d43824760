import {
  encodeFrame,
  encodeReadBatch,
  encodeTerminalFrame,
  FRAME_HEAD_BYTES,
  writeFrameHead,
} from "@s2-dev/streamstore-core/wire";
import type { ReadOutput, ReadSession } from "../service/read-session.js";
import { STREAM_HEADERS } from "./answer.js";
import type { Call } from "./call.js";
import { acceptedCoding, COMPRESSION_THRESHOLD, type Coding, compress } from "./compression.js";
import { pumpRead } from "./read-pump.js";

/** Serves a read session in frames. */
export function serveReadSession(call: Call<"read">, session: ReadSession): void {
  const { exchange } = call;
  const coding = acceptedCoding(exchange.headers["accept-encoding"]);
  const out = exchange.open(200, { "content-type": "s2s/proto", ...STREAM_HEADERS });
  const encoding = {
    encode: (output: ReadOutput) => frameOf(output, coding),
    end: (error: { status: number; body: string } | undefined) =>
      error === undefined ? undefined : encodeTerminalFrame(error.status, error.body),
  };
  void pumpRead(call, out, session, encoding);
}

/** A frame in pieces: its head, the stored records as they are, and the tail. */
function frameOf(output: ReadOutput, coding: Coding | undefined): readonly Uint8Array[] {
  const chunks = output.kind === "records" ? [...output.chunks] : [];
  if (output.tail !== undefined) chunks.push(encodeReadBatch({ records: [], tail: output.tail }));
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  if (coding !== undefined && size >= COMPRESSION_THRESHOLD) {
    return [encodeFrame({ compression: coding }, compress(coding, Buffer.concat(chunks)))];
  }
  const head = new Uint8Array(FRAME_HEAD_BYTES);
  writeFrameHead(head, 0, size);
  return [head, ...chunks];
}
