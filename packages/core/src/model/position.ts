/** A place in a stream. @see https://s2.dev/docs/api/records */
export interface StreamPosition {
  /** Sequence number of the record at this place. */
  seq_num: number;
  /** Milliseconds since the epoch when assigned by the server; any unsigned integer when given by a client. */
  timestamp: number;
}

/** What the service answers to an append once it is durable. */
export interface AppendAck {
  /** Position of the first record appended. */
  start: StreamPosition;
  /** Sequence number after the last record appended, and that record's timestamp. */
  end: StreamPosition;
  /** The stream's tail at that time; may be ahead of `end`. */
  tail: StreamPosition;
}
