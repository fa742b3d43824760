import { S2Error } from "@s2-dev/streamstore-core/transport";
import { type FrameFlags, MAX_FRAME_PAYLOAD } from "@s2-dev/streamstore-core/wire";
import type { FrameCodec } from "./runtime.js";

/** What a frame carries. @throws S2Error `PROTOCOL_ERROR` for a compression that was not asked for, or damaged bytes. */
export function payloadOf(flags: FrameFlags, payload: Uint8Array, codec: FrameCodec | undefined): Uint8Array {
  if (flags.compression === "none") return payload;
  if (codec?.name !== flags.compression) {
    throw new S2Error({
      message: `A frame is compressed with ${flags.compression}, which was not asked for`,
      code: "PROTOCOL_ERROR",
    });
  }
  try {
    return codec.decode(payload, MAX_FRAME_PAYLOAD);
  } catch (cause) {
    throw new S2Error({ message: "A compressed frame cannot be read", code: "PROTOCOL_ERROR", cause });
  }
}
