import {
  encodeFrame,
  type FrameFlags,
  MAX_FRAME_PAYLOAD,
  protocolError,
} from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";

/** The frame to send for one that was compressed: the smaller of both. */
export function smallerFrame(frame: Uint8Array, compressedPayload: Uint8Array, codec: Codec): Uint8Array {
  const encoded = encodeFrame({ compression: codec.name }, compressedPayload);
  return encoded.byteLength < frame.byteLength ? encoded : frame;
}

/** What a frame carries. @throws S2Error `PROTOCOL_ERROR` for a compression that was not asked for, or damaged bytes. */
export function payloadOf(flags: FrameFlags, payload: Uint8Array, codec: Codec | undefined): Uint8Array {
  if (flags.compression === "none") return payload;
  return decoded(payload, flags.compression, codec, MAX_FRAME_PAYLOAD, "frame");
}

/** The bytes of a compressed `what`. @throws S2Error `PROTOCOL_ERROR`, as `payloadOf`. */
export function decoded(
  bytes: Uint8Array,
  compression: string | undefined,
  codec: Codec | undefined,
  maxLength: number,
  what: "frame" | "response",
): Uint8Array {
  if (codec === undefined || codec.name !== compression)
    throw protocolError(`A ${what} is compressed with ${compression}, which was not asked for`);
  try {
    return codec.decode(bytes, maxLength);
  } catch (thrown) {
    throw protocolError(`A compressed ${what} cannot be read`, thrown);
  }
}
