import { Http1Peer, sendBytes } from "./http1-peer.js";
import { http1BytesOf } from "./http1-text.js";
import { Http2Peer } from "./http2-peer.js";
import { createInputs, FUZZ_KINDS, type FuzzInput, type FuzzKind } from "./inputs.js";
import { type Outcome, serverFaultOf } from "./outcome.js";

/** Inputs that are on their way at the same time. */
const ABREAST = 24;
const MAX_FAILURES = 20;
/** Longest time that an input may go without an answer and without its connection being closed, in milliseconds. */
const PATIENCE_MS = 30_000;

/** What became of the inputs of one kind. */
export interface KindCount {
  sent: number;
  /** Inputs by the first digit of their last answer. */
  readonly answered: Record<"2" | "3" | "4" | "5", number>;
  /** Inputs to which the server closed their connection, or reset their stream, without an answer. */
  closed: number;
}

export interface FuzzReport {
  readonly counts: Readonly<Record<FuzzKind, KindCount>>;
  /** What must not have happened, each with the number of its input. */
  readonly failures: string[];
}

export function emptyReport(): FuzzReport {
  const count = (): KindCount => ({ sent: 0, answered: { 2: 0, 3: 0, 4: 0, 5: 0 }, closed: 0 });
  return {
    counts: Object.fromEntries(FUZZ_KINDS.map((kind) => [kind, count()])) as Record<FuzzKind, KindCount>,
    failures: [],
  };
}

export interface FuzzRange {
  readonly seed: number;
  readonly port: number;
  /** Number of the first input. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Says that the server is no more. */
  readonly crash: () => string | undefined;
  /** What is wrong with an outcome, besides that the server is at fault. */
  readonly judge?: (input: FuzzInput, outcome: Outcome) => string | undefined;
}

/** Sends the inputs of a range, and adds what became of them to the report. */
export async function runFuzz(range: FuzzRange, report: FuzzReport): Promise<void> {
  const inputOf = createInputs(range.seed);
  let next = range.from;
  const lanes = Array.from({ length: ABREAST }, () => new Lane(range));
  const wanted = (): boolean =>
    next < range.to && report.failures.length < MAX_FAILURES && range.crash() === undefined;
  await Promise.all(
    lanes.map(async (lane) => {
      while (wanted()) {
        const input = inputOf(next);
        next += 1;
        const failure = await lane.send(input, report.counts[input.kind]);
        if (failure !== undefined)
          report.failures.push(`input ${input.index} (${input.kind}): ${failure}\n${shown(input)}`);
      }
      lane.close();
    }),
  );
  const crash = range.crash();
  if (crash !== undefined) report.failures.push(`near input ${next}: ${crash}`);
}

/** Sends one input after another. */
class Lane {
  readonly #http1: Http1Peer;
  readonly #http2: Http2Peer;

  constructor(private readonly range: FuzzRange) {
    this.#http1 = new Http1Peer(range.port);
    this.#http2 = new Http2Peer(range.port);
  }

  /** What is wrong with what came of it. */
  async send(input: FuzzInput, count: KindCount): Promise<string | undefined> {
    count.sent += 1;
    const outcome = await withPatience(this.#perform(input));
    if (typeof outcome === "string") {
      this.close();
      return outcome;
    }
    // An interim answer alone is none.
    const digit = String(outcome.statuses.filter((status) => status >= 200).at(-1) ?? "")[0] as
      | "2"
      | "4"
      | undefined;
    if (digit === undefined) count.closed += 1;
    else count.answered[digit] += 1;
    return serverFaultOf(outcome) ?? this.range.judge?.(input, outcome);
  }

  close(): void {
    this.#http1.close();
    this.#http2.close();
  }

  #perform(input: FuzzInput): Promise<Outcome> {
    if (input.wire === "bytes") return sendBytes(this.range.port, input.bytes, input.ending);
    return input.wire === "http/2" ? this.#http2.perform(input.request) : this.#http1.perform(input.request);
  }
}

async function withPatience(outcome: Promise<Outcome>): Promise<Outcome | string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`neither answered nor closed within ${PATIENCE_MS} ms`), PATIENCE_MS);
  });
  try {
    return await Promise.race([outcome, late]);
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(timer);
  }
}

/** An input as far as it fits a report. */
export function shown(input: FuzzInput): string {
  const bytes = input.wire === "bytes" ? input.bytes : http1BytesOf(input.request);
  return `  over ${input.wire}: ${JSON.stringify(bytes.toString("latin1").slice(0, 600))}`;
}
