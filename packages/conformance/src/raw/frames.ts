import {
  decodeReadBatch,
  encodeAppendBatch,
  FRAME_HEAD_BYTES,
  type Frame,
} from "@s2-dev/streamstore-core/wire";

/** What asks for a session in frames. */
export const S2S = { "content-type": "s2s/proto" };

/** The flags of a frame that carries a message as it is. */
export const PLAIN = { terminal: false, compression: "none", reconnectAdvised: false };

/** A frame's flags. */
export const flagsOf = ({ terminal, compression, reconnectAdvised }: Frame) => ({
  terminal,
  compression,
  reconnectAdvised,
});

/** What stands behind the head of a frame with one batch. */
export const inputOf = (...bodies: string[]): Uint8Array =>
  encodeAppendBatch(bodies.map((body) => ({ body, timestamp: 1 }))).frame.slice(FRAME_HEAD_BYTES);

/** The records and the tail that a frame of a read session carries. */
export const batchOf = ({ payload }: Frame) => {
  const { records, tail } = decodeReadBatch(payload, { as: "string", unsafeTimestamps: "error" });
  return { bodies: records.map(({ body }) => body), tail };
};
