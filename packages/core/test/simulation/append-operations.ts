import type { S2Error } from "../../src/error/s2-error.js";
import type { AppendAck } from "../../src/model/position.js";
import type { AppendRecordInput, EncodedBatch } from "../../src/model/record.js";
import { PendingBatch } from "../../src/session/append/pending.js";
import type { Observed } from "../../src/testing/index.js";

/** What every batch is charged besides its metered bytes. */
const FIXED_CHARGE = new PendingBatch({
  frame: new Uint8Array(0),
  recordCount: 0,
  meteredBytes: 0,
  conditional: false,
}).charge;

const LARGE = new Uint8Array(300_000);

/** A batch that the user of a session gave it, and what has become of it. */
export interface Operation {
  readonly id: number;
  readonly records: AppendRecordInput[];
  readonly charge: number;
  readonly conditional: boolean;
  /** Whether it waits for room, as `enqueue()` and `writable` do. */
  readonly waits: boolean;
  /** Settles when it has its place in the order; for those that wait. */
  admitted?: Observed<unknown>;
  /** For those whose ack can be seen by a promise. */
  ack?: Observed<AppendAck>;
  /** Refused before it had a place in the order. */
  isRefused: boolean;
  /** An ack for it was delivered to the session. */
  isAcked: boolean;
  /** Whether the ack came while its link was half closed, as an overdue one is; `undefined`: by no link. */
  wasAckedLate: boolean | undefined;
  /** The link it was last sent on, by number. */
  link: number;
  sends: number;
}

/** Records whose bodies name the batch and their place in it. */
export function recordsOf(id: number, count: number, isLarge: boolean): AppendRecordInput[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${id}.${index} `;
    if (!isLarge) return { body: name };
    const body = LARGE.slice();
    new TextEncoder().encodeInto(name, body);
    return { body };
  });
}

export function chargeOf(records: readonly AppendRecordInput[]): number {
  const metered = records.reduce((sum, { body }) => sum + 8 + (body?.length ?? 0), 0);
  return metered + FIXED_CHARGE;
}

const text = new TextDecoder();
/** Head of the frame, tags, lengths and a marker come before the first body, whose text starts with a digit. */
const FIRST_BODY = /(\d+)\.0 /;

/** The batch that a frame carries. */
export function idOfBatch({ frame }: EncodedBatch): number {
  return Number(FIRST_BODY.exec(text.decode(frame.subarray(4, 128)))?.[1]);
}

export function idOfBody(body: string): number {
  return Number.parseInt(body, 10);
}

/** How an operation ended for its owner; `undefined` while it has not, or when that cannot be seen. */
export function failureOf({ ack, admitted }: Operation): S2Error | undefined {
  const failed = [ack, admitted].find((seen) => seen?.state === "rejected");
  return failed?.reason as S2Error | undefined;
}
