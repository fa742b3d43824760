import {
  type AppendAck,
  type AppendRecordInput,
  FencingTokenMismatchError,
  type ReadArgs,
  type ReadRecord,
  type ReadSession,
  type RecordFormat,
  type SubmitArgs,
  type TailResponse,
} from "@s2-dev/streamstore-core";
import { MemoryReadSession } from "./memory-read-session.js";
import { storedRecord } from "./memory-stream.js";

/** What becomes of an append before its answer comes. */
export type Fate = "lands" | "is lost" | "lands, and its answer is lost";

/** A stream in memory that knows fencing, and whose answers can be held back or lost. */
export class MemoryFencedStream {
  readonly records: ReadRecord<"bytes">[] = [];
  /** The error for lost answers. */
  readonly lost: Error;
  token = "";
  /** What happens to the next appends, in order; then all land. */
  readonly fates: Fate[] = [];
  /** Appends that were refused. */
  refusals = 0;
  /** Waited for by every append before it is looked at, so that appends can overtake each other. */
  gate: () => Promise<void> = () => Promise.resolve();

  constructor(lost: Error) {
    this.lost = lost;
  }

  /** Drops the records before a sequence number. */
  trimTo(seqNum: number): void {
    const kept = this.records.filter((record) => record.seq_num >= seqNum);
    this.#trimmed += this.records.length - kept.length;
    this.records.splice(0, this.records.length, ...kept);
  }

  #trimmed = 0;

  get #tail(): number {
    return this.#trimmed + this.records.length;
  }

  async append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args: SubmitArgs = {},
  ): Promise<AppendAck> {
    await this.gate();
    const fate = this.fates.shift() ?? "lands";
    if (fate === "is lost") throw this.lost;
    const { fencing_token } = args;
    if (fencing_token !== undefined && fencing_token !== null && fencing_token !== this.token) {
      this.refusals += 1;
      throw new FencingTokenMismatchError({ expectedFencingToken: this.token, sideEffect: "none" });
    }
    const start = this.#tail;
    for (const record of Array.isArray(records) ? records : [records]) {
      const stored = storedRecord(record, this.#tail);
      const [header] = stored.headers;
      this.records.push(stored);
      if (header?.[0].length === 0 && new TextDecoder().decode(header[1]) === "fence") {
        this.token = new TextDecoder().decode(stored.body);
      }
    }
    if (fate !== "lands") throw this.lost;
    const position = (seq_num: number) => ({ seq_num, timestamp: seq_num });
    return { start: position(start), end: position(this.#tail), tail: position(this.#tail) };
  }

  async checkTail(): Promise<TailResponse> {
    return { tail: { seq_num: this.#tail, timestamp: 0 } };
  }

  /** Only what is stored, from so many records before the tail. */
  async readSession<F extends RecordFormat>(args: ReadArgs<F> = {}): Promise<ReadSession<F>> {
    const from = Math.max(0, this.#tail - (args.tail_offset ?? 0));
    return new MemoryReadSession(
      this.records.filter(({ seq_num }) => seq_num >= from),
    ) as unknown as ReadSession<F>;
  }
}
