/** An unsigned 64-bit integer: a number up to 2^53-1, above that a bigint. */
export type U64 = number | bigint;

/** A position as it is on the wire. */
export interface WirePosition {
  readonly seq_num: U64;
  readonly timestamp: U64;
}

export type WireHeader = readonly [name: Uint8Array, value: Uint8Array];

/** A record of an append as a server receives it. Bytes are views on the request. */
export interface WireAppendRecord {
  /** `undefined`: the client gave none, which differs from 0. */
  readonly timestamp: U64 | undefined;
  readonly headers: readonly WireHeader[];
  readonly body: Uint8Array;
}

/** An append as a server receives it, before any rule about its contents has been applied. */
export interface WireAppendInput {
  readonly records: readonly WireAppendRecord[];
  readonly match_seq_num: U64 | undefined;
  /** `undefined`: not checked. Empty: the stream must not be fenced. */
  readonly fencing_token: string | undefined;
}

/** A stored record as a server sends it. */
export interface WireRecord extends WirePosition {
  readonly headers: readonly WireHeader[];
  readonly body: Uint8Array;
}

/** A batch of a read as a server sends it. */
export interface WireReadBatch {
  readonly records: readonly WireRecord[];
  readonly tail?: WirePosition | undefined;
}

/** The acknowledgement of an append as a server sends it. */
export interface WireAppendAck {
  readonly start: WirePosition;
  readonly end: WirePosition;
  readonly tail: WirePosition;
}
