import type { Writable } from "node:stream";
import { draining, type ServiceError, serviceErrorFrom } from "../service/errors.js";
import type { ReadOutput, ReadSession } from "../service/read-session.js";
import type { Call } from "./call.js";

/** How a read session is written to a wire. */
export interface ReadEncoding {
  /** Bytes for an output, in pieces that are written together. */
  encode(output: ReadOutput): readonly (Uint8Array | string)[];
  /** Bytes that end the stream: cleanly, or with an error. */
  end(error: ServiceError | undefined): Uint8Array | string | undefined;
}

/**
 * Writes a read session out, no faster than its reader takes it: while the wire is full nothing is pulled, so a slow
 * reader falls behind in storage and not in memory.
 */
export async function pumpRead(
  call: Call<"read">,
  out: Writable,
  session: ReadSession,
  encoding: ReadEncoding,
): Promise<void> {
  const { exchange, sessions, usage, basin, args, streamPrefix } = call;
  const count = usage.streamingRead(basin, streamPrefix + args.stream, exchange.connection);
  let drained = false;
  const leave = sessions.add(() => {
    drained = true;
    session.close();
  });
  let gone = false;
  let wake: (() => void) | undefined;
  exchange.onClose(() => {
    gone = true;
    session.close();
    wake?.();
  });
  out.on("error", () => session.close());
  out.on("drain", () => wake?.());
  let failure: ServiceError | undefined;
  try {
    for (let output = await session.next(); output !== null && !gone; output = await session.next()) {
      count(output.kind === "records" ? output.meteredBytes : 0);
      if (!writeTogether(out, encoding.encode(output)) && !gone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } catch (error) {
    failure = serviceErrorFrom(error);
  } finally {
    leave();
  }
  if (gone) return;
  if (drained) failure ??= draining();
  const last = encoding.end(failure);
  if (last !== undefined) out.write(last);
  exchange.finish();
}

function writeTogether(out: Writable, pieces: readonly (Uint8Array | string)[]): boolean {
  if (pieces.length === 1) return out.write(pieces[0]);
  out.cork();
  let more = true;
  for (const piece of pieces) more = out.write(piece);
  out.uncork();
  return more;
}
