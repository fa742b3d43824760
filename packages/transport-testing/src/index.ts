import {
  type AppendAck,
  type AppendEvents,
  type AttemptOptions,
  type EncodedBatch,
  type ReadFormat,
  S2Error,
  type Transport,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { encodeAppendBatch } from "@s2-dev/streamstore-core/wire";

export const ATTEMPT: AttemptOptions = { attempt: 1, authorization: "Bearer secret" };
export const AS_BYTES: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "error" };
export const AS_STRING: ReadFormat<"string"> = { as: "string", unsafeTimestamps: "error" };

export function readRequest(url: string): WireRequest {
  return { method: "GET", url: `${url}/v1/streams/s/records?seq_num=0`, headers: {} };
}

export function appendRequest(url: string): WireRequest {
  return { method: "POST", url: `${url}/v1/streams/s/records`, headers: {} };
}

export function unaryRequest(url: string, body?: Uint8Array): WireRequest {
  if (body === undefined) return { method: "GET", url: `${url}/v1/basins`, headers: {} };
  return { method: "POST", url: `${url}/v1/basins`, headers: { "content-type": "application/json" }, body };
}

/** A batch of records with bodies of these sizes. */
export function batchOf(...sizes: number[]): EncodedBatch {
  return encodeAppendBatch(sizes.map((size) => ({ body: new Uint8Array(size).fill(120) })));
}

/** The events of an append link, in order, and promises for what a test waits for. */
export interface Recorder {
  readonly events: AppendEvents;
  readonly log: string[];
  readonly acks: AppendAck[];
  /** Latest cumulative number given to `taken`. */
  taken(): number;
  readonly opened: Promise<void>;
  readonly ended: Promise<S2Error | null>;
  /** Resolves when the log has an entry like this, or has it already. */
  saw(entry: string): Promise<void>;
}

export function recordEvents(): Recorder {
  const log: string[] = [];
  const acks: AppendAck[] = [];
  let waiting: { entry: string; resolve: () => void }[] = [];
  let taken = 0;
  let onEnded!: (error: S2Error | null) => void;
  const ended = new Promise<S2Error | null>((resolve) => {
    onEnded = resolve;
  });
  const note = (entry: string): void => {
    log.push(entry);
    for (const waiter of waiting) if (waiter.entry === entry) waiter.resolve();
    waiting = waiting.filter((waiter) => waiter.entry !== entry);
  };
  const saw = (entry: string): Promise<void> =>
    log.includes(entry) ? Promise.resolve() : new Promise((resolve) => waiting.push({ entry, resolve }));
  return {
    log,
    acks,
    taken: () => taken,
    opened: saw("opened"),
    ended,
    saw,
    events: {
      opened: () => note("opened"),
      taken(batches) {
        taken = batches;
        note(`taken ${batches}`);
      },
      acks(list) {
        acks.push(...list);
        note(`acks ${acks.length}`);
      },
      writable: () => note("writable"),
      reconnectAdvised: () => note("reconnectAdvised"),
      ended(error) {
        note(error === null ? "ended" : `ended ${error.code}`);
        onEnded(error);
      },
    },
  };
}

/** What a promise rejects with, which must be an `S2Error`. */
export async function rejectionOf(promise: Promise<unknown>): Promise<S2Error> {
  const thrown = await promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof S2Error)) throw thrown;
  return thrown;
}

export function exchangeOptions(
  signal = new AbortController().signal,
): AttemptOptions & { signal: AbortSignal } {
  return { ...ATTEMPT, signal };
}

/** Closes the transport at the end of the test's scope. */
export function disposable(transport: Transport): Transport & AsyncDisposable {
  return Object.assign(transport, { [Symbol.asyncDispose]: () => transport.close() });
}

export const REASON = new S2Error({ message: "the test gave up", code: "ABORTED" });

/** A promise and its settling functions. */
export function gate<T = void>(): { promise: Promise<T>; open(value: T): void } {
  let open!: (value: T) => void;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** Resolves when a figure has stopped changing, though both sides had every chance to go on. */
export async function stalled(read: () => number): Promise<void> {
  let before = -1;
  for (let quietTurns = 0; quietTurns < 500; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = read();
    quietTurns = now === before ? quietTurns + 1 : 0;
    before = now;
  }
}
