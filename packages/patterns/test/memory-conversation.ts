import {
  type AppendAck,
  type AppendRecordInput,
  abortedError,
  FencingTokenMismatchError,
  type ReadArgs,
  type ReadBatch,
  type RecordFormat,
  S2Error,
  SeqNumMismatchError,
  type StringReadRecord,
  type SubmitArgs,
} from "@s2-dev/streamstore-core";
import type { Clock } from "@s2-dev/streamstore-core/transport";
import type { ConversationStream } from "../src/ai/index.js";

/** An append that was asked for: when, and of how many records. */
export interface SeenAppend {
  readonly at: number;
  readonly records: readonly AppendRecordInput[];
}

/** A stream in memory with fencing, followers, and appends that can be held back, lost or made to fail. */
export class MemoryConversation {
  readonly basin = "all-chats";
  readonly name = "one";
  readonly records: StringReadRecord[] = [];
  token = "";
  /** Every append, in the order in which it was asked for. */
  readonly appends: SeenAppend[] = [];
  /** Waited for before an append is looked at. */
  gate: () => Promise<void> = () => Promise.resolve();
  /** Waited for before an append that has landed is acknowledged. */
  ackGate: () => Promise<void> = () => Promise.resolve();
  /** What every append fails with. */
  failure: S2Error | undefined;
  /** Each batch of records lands twice, as after a retry whose first attempt had landed too. */
  repeats = false;
  /** The next fence whose token matches lands, and is sent again by its session, which has lost the acknowledgement. */
  losesAckOf: RegExp | undefined;
  lostAcks = 0;
  /** Read sessions that have neither ended nor been cancelled. */
  readonly open = new Set<MemorySession>();
  /** What was asked for by each read session, in order. */
  readonly reads: ReadArgs<RecordFormat>[] = [];
  #tail = 0;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As the functions under test take it. */
  get stream(): ConversationStream {
    return this as unknown as ConversationStream;
  }

  /** Bodies of the records whose header says that they are of this kind. */
  bodies(kind: RegExp): string[] {
    return this.records.filter(({ headers }) => kind.test(headers._ai ?? "")).map(({ body }) => body);
  }

  async append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args: SubmitArgs = {},
  ): Promise<AppendAck> {
    const batch = (Array.isArray(records) ? records : [records]) as readonly AppendRecordInput[];
    this.appends.push({ at: this.#clock.now(), records: batch });
    await this.gate();
    if (this.failure !== undefined) throw this.failure;
    const { fencing_token, match_seq_num } = args;
    if (fencing_token !== undefined && fencing_token !== null && fencing_token !== this.token) {
      throw new FencingTokenMismatchError({ expectedFencingToken: this.token, sideEffect: "none" });
    }
    const start = this.#tail;
    if (match_seq_num !== undefined && match_seq_num !== null && match_seq_num !== start) {
      throw new SeqNumMismatchError({ expectedSeqNum: start, sideEffect: "none" });
    }
    this.#store(batch);
    const end = this.#tail;
    if (this.repeats && batch.every(({ headers }) => JSON.stringify(headers)?.includes("_ai")))
      this.#store(batch);
    for (const wake of this.#waiting) wake();
    await this.ackGate();
    const position = (seq_num: number) => ({ seq_num, timestamp: seq_num });
    return { start: position(start), end: position(end), tail: position(this.#tail) };
  }

  /** Appends in order; the first that fails ends it. */
  async appendSession() {
    let turn: Promise<unknown> = Promise.resolve();
    let failure: unknown;
    return {
      submit: (records: readonly AppendRecordInput[], args?: SubmitArgs) => {
        const appended = turn.then(() => {
          if (failure !== undefined) throw failure;
          return this.#appendBySession(records, args);
        });
        appended.catch((error) => {
          failure ??= error;
        });
        turn = appended.catch(() => {});
        return appended;
      },
      close: async () => {
        await turn;
      },
      failureCause: () => failure,
    };
  }

  async #appendBySession(batch: AppendRecordInput | readonly AppendRecordInput[], args?: SubmitArgs) {
    const records = (Array.isArray(batch) ? batch : [batch]) as readonly AppendRecordInput[];
    const fence = records.find(({ headers }) => JSON.stringify(headers) === '[["","fence"]]');
    if (fence === undefined || this.losesAckOf?.test(textOf(fence.body ?? "")) !== true) {
      return this.append(records, args);
    }
    this.losesAckOf = undefined;
    this.lostAcks += 1;
    await this.append(records, args);
    return this.append(records, args);
  }

  async checkTail() {
    return { tail: { seq_num: this.#tail, timestamp: 0 } };
  }

  async read({ seq_num = 0, count = Number.POSITIVE_INFINITY }: ReadArgs<"string">) {
    return { records: this.records.filter((record) => record.seq_num >= seq_num).slice(0, count) };
  }

  async readSession<F extends RecordFormat>(
    args: ReadArgs<F> = {},
    { signal }: { signal?: AbortSignal | undefined } = {},
  ) {
    this.reads.push(args);
    const { seq_num, tail_offset = 0, count = Number.POSITIVE_INFINITY, wait, as } = args;
    const from = seq_num ?? Math.max(0, this.#tail - tail_offset);
    return new MemorySession(this, from, count, wait === 0, as === "bytes", signal);
  }

  /** Ends every read session that is open, by an error or as a server does. */
  breakReads(error?: unknown): void {
    for (const session of [...this.open]) session.end({ error });
  }

  /** Waits for the next append. */
  wait(): { readonly appended: Promise<void>; readonly stop: () => void } {
    let stop = (): void => {};
    const appended = new Promise<void>((resolve) => {
      stop = () => {
        this.#waiting.delete(stop);
        resolve();
      };
      this.#waiting.add(stop);
    });
    return { appended, stop };
  }

  get tail(): number {
    return this.#tail;
  }

  #store(batch: readonly AppendRecordInput[]): void {
    for (const { headers = [], body = "" } of batch) {
      const headerList = (headers as [string, string | Uint8Array][]).map(
        ([name, value]): [string, string] => [name, textOf(value)],
      );
      const record = {
        ...{
          seq_num: this.#tail,
          timestamp: this.#tail,
          headerList,
          headers: Object.fromEntries(headerList),
        },
        body: textOf(body),
      };
      this.#tail += 1;
      this.records.push(record);
      if (record.headers[""] === "fence") this.token = record.body;
      if (record.headers[""] === "trim") this.#trim(body as Uint8Array);
    }
  }

  #trim(point: Uint8Array): void {
    const first = Number(new DataView(point.buffer, point.byteOffset).getBigUint64(0));
    const kept = this.records.filter(({ seq_num }) => seq_num >= first);
    this.records.splice(0, this.records.length, ...kept);
  }
}

/** One read session: batches of what there is, then heartbeats at the tail, once each. */
class MemorySession {
  readonly #owner: MemoryConversation;
  readonly #isBounded: boolean;
  readonly #asBytes: boolean;
  #next: number;
  #left: number;
  #isCaughtUp = false;
  #hasTold = false;
  #ended: { readonly error?: unknown } | undefined;
  #stopWaiting = (): void => {};

  constructor(
    owner: MemoryConversation,
    from: number,
    count: number,
    isBounded: boolean,
    asBytes: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#owner = owner;
    this.#next = from;
    this.#left = count;
    this.#isBounded = isBounded;
    this.#asBytes = asBytes;
    owner.open.add(this);
    signal?.addEventListener("abort", () => this.end({ error: abortedError(signal.reason) }));
  }

  isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  async cancel(): Promise<void> {
    this.end({});
  }

  batches({ heartbeats = false } = {}) {
    const next = async (): Promise<IteratorResult<ReadBatch<"string">, undefined>> => {
      for (;;) {
        const batch = this.#take();
        if (batch !== undefined && (batch.records.length > 0 || heartbeats))
          return { done: false, value: batch };
        if (batch !== undefined) continue;
        if (this.#ended?.error !== undefined) throw this.#ended.error;
        if (this.#ended !== undefined || this.#isBounded || this.#left === 0) {
          this.end({});
          return { done: true, value: undefined };
        }
        const { appended, stop } = this.#owner.wait();
        this.#stopWaiting = stop;
        await appended;
      }
    };
    return {
      next,
      return: async () => {
        this.end({});
        return { done: true as const, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #take(): ReadBatch<"string"> | undefined {
    if (this.#ended !== undefined) return undefined;
    const found = this.#owner.records.filter(({ seq_num }) => seq_num >= this.#next).slice(0, this.#left);
    const last = found[found.length - 1];
    const tail = { seq_num: this.#owner.tail, timestamp: 0 };
    if (last === undefined) {
      if (this.#hasTold || this.#isBounded) return undefined;
      this.#hasTold = true;
      this.#isCaughtUp = true;
      return { records: [], tail, caughtUp: true };
    }
    this.#next = last.seq_num + 1;
    this.#left -= found.length;
    this.#hasTold = false;
    this.#isCaughtUp = false;
    const records = this.#asBytes ? (found.map(bytesOf) as unknown as StringReadRecord[]) : found;
    return { records };
  }

  end(ended: { readonly error?: unknown }): void {
    this.#ended ??= ended;
    this.#owner.open.delete(this);
    this.#stopWaiting();
  }
}

function bytesOf(record: StringReadRecord) {
  const encoder = new TextEncoder();
  const headerList = record.headerList.map(([name, value]) => [encoder.encode(name), encoder.encode(value)]);
  return { ...record, body: encoder.encode(record.body), headers: headerList, headerList };
}

function textOf(data: string | Uint8Array): string {
  return typeof data === "string" ? data : new TextDecoder().decode(data);
}

/** The error of a store that cannot be reached. */
export const unreachable = new S2Error({ message: "unreachable", code: "CONNECTION_LOST" });
