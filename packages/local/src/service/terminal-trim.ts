import { U64_MAX } from "../storage/u64.js";
import type { AppendRecord, CheckedAppend } from "./append-input.js";

const TERMINAL_RECORD: AppendRecord = {
  timestamp: undefined,
  headers: [[new Uint8Array(0), Buffer.from("trim")]],
  body: new Uint8Array(8).fill(0xff),
};

/** The append that ends a stream: a command that trims everything, for good. */
export const TERMINAL_TRIM: CheckedAppend = {
  records: [TERMINAL_RECORD],
  commands: [{ op: "trim", index: 0, point: U64_MAX }],
  meteredBytes: 22,
  matchSeqNum: undefined,
  fencingToken: undefined,
};
