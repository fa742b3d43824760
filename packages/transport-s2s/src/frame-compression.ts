import { S2Error } from "@s2-dev/streamstore-core/transport";
import { encodeFrame, type FrameFlags, MAX_FRAME_PAYLOAD } from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";

/** The frame to send for one that was compressed: the smaller of both. */
export function smallerFrame(frame: Uint8Array, compressedPayload: Uint8Array, codec: Codec): Uint8Array {
  const encoded = encodeFrame({ compression: codec.name }, compressedPayload);
  return encoded.byteLength < frame.byteLength ? encoded : frame;
}

/** What a frame carries. @throws S2Error `PROTOCOL_ERROR` for a compression that was not asked for, or damaged bytes. */
export function payloadOf(flags: FrameFlags, payload: Uint8Array, codec: Codec | undefined): Uint8Array {
  if (flags.compression === "none") return payload;
  if (codec === undefined || flags.compression !== codec.name) {
    throw new S2Error({
      message: `A frame is compressed with ${flags.compression}, which was not asked for`,
      code: "PROTOCOL_ERROR",
    });
  }
  try {
    return codec.decode(payload, MAX_FRAME_PAYLOAD);
  } catch (thrown) {
    throw new S2Error({
      message: "A compressed frame cannot be read",
      code: "PROTOCOL_ERROR",
      cause: thrown,
    });
  }
}
