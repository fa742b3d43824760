import { brand, S2Error, type S2ErrorInit } from "./s2-error.js";

/** An append demanded `match_seq_num`, and the stream's next sequence number is another one. */
export class SeqNumMismatchError extends S2Error {
  static {
    brand(this, "SeqNumMismatchError");
  }

  /** The sequence number that the next record will get. */
  readonly expectedSeqNum: number;

  constructor(init: Partial<S2ErrorInit> & { readonly expectedSeqNum: number }) {
    const message = init.message ?? "The append's match_seq_num is not the stream's next sequence number.";
    super({
      ...init,
      code: "APPEND_CONDITION_FAILED",
      status: 412,
      message: `${message}\nExpected sequence number: ${init.expectedSeqNum}`,
    });
    this.expectedSeqNum = init.expectedSeqNum;
  }
}

/** An append carried a fencing token that is not the stream's. */
export class FencingTokenMismatchError extends S2Error {
  static {
    brand(this, "FencingTokenMismatchError");
  }

  /** The stream's current token; empty when none is set. */
  readonly expectedFencingToken: string;

  constructor(init: Partial<S2ErrorInit> & { readonly expectedFencingToken: string }) {
    const message = init.message ?? "The append's fencing_token is not the stream's.";
    super({
      ...init,
      code: "APPEND_CONDITION_FAILED",
      status: 412,
      message: `${message}\nExpected fencing token: ${init.expectedFencingToken}`,
    });
    this.expectedFencingToken = init.expectedFencingToken;
  }
}

/**
 * An append whose outcome cannot be told: an earlier attempt may have landed, and a later one failed with `cause`,
 * for example a mismatch that the append's own first copy would explain.
 */
export class AppendOutcomeUnknownError extends S2Error {
  static {
    brand(this, "AppendOutcomeUnknownError");
  }

  constructor(init: Partial<S2ErrorInit> & { readonly message: string }) {
    super({ ...init, code: "OUTCOME_UNKNOWN", sideEffect: "possible", retryable: false });
  }
}
