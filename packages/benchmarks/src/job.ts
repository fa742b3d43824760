import type { Shape } from "./fixture/shape.js";

/**
 * Who is measured: this SDK, the same with an observer and through its bridge for newer code, the published one, the Rust
 * one, the bare runtime, and `JSON.parse` alone (SSE).
 */
export const PARTIES = ["ours", "observed", "bridge", "published", "rust", "floor", "parse"] as const;
export type PartyName = (typeof PARTIES)[number];

/** What a client process does in each of its rounds. */
export type WorkName =
  /** Batches through an append session, pipelined, waiting only for capacity. */
  | "append"
  /** The same through the session's `WritableStream`. */
  | "append-writable"
  /** Record at a time, gathered by `BatchTransform` and piped into the session. */
  | "batch-transform"
  /** Record at a time through a producer. */
  | "producer"
  /** One batch after the other, each acknowledged before the next. */
  | "round-trip"
  | "unary-append"
  | "unary-read"
  | "read"
  /** Opens an append session, appends one record and closes it, once for each "record" of the round. */
  | "open-append"
  /** Opens a read session of one record and reads it. */
  | "open-read"
  /** Reads one record of an endless stream and then does nothing for a while. */
  | "slow-reader"
  /** Many live read sessions of one client. */
  | "tails"
  | "import";

/** One client process's work. The Rust client reads the same JSON. */
export interface Job {
  readonly party: PartyName;
  readonly work: WorkName;
  /** Origin of the server, such as `http://127.0.0.1:1234`. */
  readonly endpoint: string;
  readonly basin: string;
  readonly stream: string;
  readonly format: "string" | "bytes";
  readonly shape: Shape;
  /** Records of each round; the first is the cold one. */
  readonly rounds: readonly number[];
  /** Sequence number at which reads start. */
  readonly start: number;
  /** Whether to take a checksum over everything, which costs time: such a run is not measured. */
  readonly verify: boolean;
  /** Most bytes in flight in an append session. */
  readonly inflightBytes: number;
  /** Most batches in flight in an append session of the Rust SDK; 0 for no bound but that of the bytes. */
  readonly inflightBatches: number;
  /** How reads are iterated, where the party can choose. */
  readonly by: "record" | "batch";
  readonly transport: "s2s" | "fetch";
  /** Read sessions open at once in the work `tails`. */
  readonly tails: number;
}

/** What was received, as far as the run checks it. */
export interface Delivered {
  count: number;
  /** Sum of the lengths of bodies and headers: bytes, or UTF-16 units of a party that gives strings. */
  bytes: number;
  /** Sum of the records' distances from the start. */
  seqSum: number;
  /** CRC-32 over everything, when the job asks to verify. */
  digest?: number;
  /** Bytes on the wire, from a party that does not decode. */
  raw?: number;
}

export interface Round {
  readonly records: number;
  /** User and system time, in microseconds. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
  readonly delivered?: Delivered;
  /** Duration of each operation, in microseconds. */
  readonly latencies?: readonly number[];
  /** Bytes resident while idle, after a collection, in the work `tails`. */
  readonly idleMemory?: number;
}

export interface ClientResult {
  readonly rounds: readonly Round[];
  /** Bytes resident before the work. */
  readonly baseMemory: number;
  /** Most bytes resident at any time. */
  readonly peakMemory: number;
}
