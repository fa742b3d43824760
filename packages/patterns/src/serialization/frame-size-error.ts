import { S2Error } from "@s2-dev/streamstore-core";

/** What `FrameSizeError` is made from. */
export interface FrameSizeErrorInit {
  /** Size of the message in bytes, as it is or as its frame claims. */
  readonly bytes: number | bigint;
  /** The size that is allowed, in bytes. */
  readonly maxFrameBytes: number;
  /** Where the message begins, if it was read from a stream. */
  readonly seqNum?: number | undefined;
}

/** A message is larger than `maxFrameBytes`. Its code is `FRAME_SIZE`. Of a message to write nothing was sent. */
export class FrameSizeError extends S2Error {
  /** Size of the message in bytes, as it is or as its frame claims. */
  readonly bytes: number | bigint;
  /** The size that is allowed, in bytes. */
  readonly maxFrameBytes: number;
  /** Sequence number of the message's first record, if it was read from a stream. A reader may go on behind it. */
  readonly seqNum?: number;

  constructor(init: FrameSizeErrorInit) {
    const place = init.seqNum === undefined ? "The message" : `The message at sequence number ${init.seqNum}`;
    super({
      message: `${place} is ${init.bytes} bytes; maxFrameBytes is ${init.maxFrameBytes}`,
      code: "FRAME_SIZE",
      sideEffect: "none",
      retryable: false,
    });
    this.name = "FrameSizeError";
    this.bytes = init.bytes;
    this.maxFrameBytes = init.maxFrameBytes;
    if (init.seqNum !== undefined) this.seqNum = init.seqNum;
  }
}
