import {
  abortedError,
  type ReadArgs,
  type ReadBatch,
  type ReadSession,
  type StreamPosition,
} from "@s2-dev/streamstore-core";

type Step = ReadBatch<"string"> | Error | "end";

/** A stream whose read sessions give what a test tells them to, when it tells them. */
export class ScriptedStream {
  readonly basin = "my-favourite-basin";
  readonly name = "conversation";
  /** What each session was opened with. */
  readonly opened: ReadArgs<"string">[] = [];
  readonly sessions: ScriptedSession[] = [];
  /** What opening the next sessions fails with. */
  readonly refusals: Error[] = [];
  /** Where a relative start turns out to be. */
  anchor: StreamPosition | undefined;
  /** What a look at one record finds: the sequence number of the first that is left. */
  firstLeft: number | undefined;

  readonly readSession = async (args: unknown, options?: { signal?: AbortSignal | undefined }) => {
    this.opened.push(args as ReadArgs<"string">);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    const session = new ScriptedSession(this.anchor, options?.signal);
    this.sessions.push(session);
    return session as unknown as ReadSession<never>;
  };

  readonly read = async () =>
    ({ records: this.firstLeft === undefined ? [] : [{ seq_num: this.firstLeft }] }) as never;
  readonly checkTail = async () => ({ tail: { seq_num: 0, timestamp: 0 } });

  /** The newest session. */
  get session(): ScriptedSession {
    return this.sessions.at(-1) as ScriptedSession;
  }
}

/** One read session; batches wait until they are asked for, and who asks waits for batches. */
class ScriptedSession {
  /** Batches that were asked for. */
  asked = 0;
  readonly cancelledWith: unknown[] = [];
  readonly #anchor: StreamPosition | undefined;
  readonly #steps: Step[] = [];
  #waiting: ((step: Step) => void) | undefined;

  constructor(anchor: StreamPosition | undefined, signal: AbortSignal | undefined) {
    this.#anchor = anchor;
    signal?.addEventListener("abort", () => this.#give(abortedError(signal.reason)));
  }

  /** Gives records of these bodies from a sequence number on. */
  records(first: number, bodies: readonly string[], more: Partial<ReadBatch<"string">> = {}): void {
    const records = bodies.map((body, index) => ({
      ...{ seq_num: first + index, timestamp: 1000 + first + index, body },
      ...{ headers: {}, headerList: [] },
    }));
    this.#give({ records, ...more });
  }

  command(seqNum: number): void {
    const headerList: [string, string][] = [["", "fence"]];
    this.#give({
      records: [{ seq_num: seqNum, timestamp: 0, body: "", headers: { "": "fence" }, headerList }],
    });
  }

  heartbeat(seqNum: number): void {
    this.#give({ records: [], tail: { seq_num: seqNum, timestamp: 1000 }, caughtUp: true });
  }

  fail(error: Error): void {
    this.#give(error);
  }

  end(): void {
    this.#give("end");
  }

  nextReadPosition(): StreamPosition | undefined {
    return this.#anchor;
  }

  async cancel(reason: unknown): Promise<void> {
    this.cancelledWith.push(reason);
    this.#give("end");
  }

  batches() {
    return {
      next: async (): Promise<IteratorResult<ReadBatch<"string">, undefined>> => {
        this.asked += 1;
        const step = this.#steps.shift() ?? (await new Promise<Step>((resolve) => (this.#waiting = resolve)));
        if (step instanceof Error) throw step;
        return step === "end" ? { done: true, value: undefined } : { done: false, value: step };
      },
      return: async () => {
        await this.cancel("returned");
        return { done: true as const, value: undefined };
      },
    };
  }

  #give(step: Step): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#steps.push(step);
    else waiting(step);
  }
}
