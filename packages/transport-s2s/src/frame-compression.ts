import { S2Error } from "@s2-dev/streamstore-core/transport";
import { encodeFrame, type Frame, MAX_FRAME_PAYLOAD } from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";

/** The frame to send for one that was compressed: the smaller of both. */
export function smallerFrame(frame: Uint8Array, compressedPayload: Uint8Array, codec: Codec): Uint8Array {
  const encoded = encodeFrame({ compression: codec.name }, compressedPayload);
  return encoded.byteLength < frame.byteLength ? encoded : frame;
}

/** @throws S2Error `PROTOCOL_ERROR` for a compression that was not asked for, or damaged bytes. */
export function payloadOf(frame: Frame, codec: Codec | undefined): Uint8Array {
  if (frame.compression === "none") return frame.payload;
  if (codec === undefined || frame.compression !== codec.name) {
    throw new S2Error({
      message: `A frame is compressed with ${frame.compression}, which was not asked for`,
      code: "PROTOCOL_ERROR",
    });
  }
  try {
    return codec.decode(frame.payload, MAX_FRAME_PAYLOAD);
  } catch (thrown) {
    throw new S2Error({
      message: "A compressed frame cannot be read",
      code: "PROTOCOL_ERROR",
      cause: thrown,
    });
  }
}
