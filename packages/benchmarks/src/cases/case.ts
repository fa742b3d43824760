import type { Shape } from "../fixture/shape.js";
import type { PartyName, WorkName } from "../job.js";

/** A figure of one client process; what each means is in the README. */
export type FigureName = "cold" | "warm" | "rate" | "peak" | "memory" | "p50" | "p99" | "wall";

/** Our figure may be at most so many times the other party's. */
export interface Target {
  readonly figure: FigureName;
  readonly against: Exclude<PartyName, "ours">;
  readonly atMost: number;
}

/** One thing that is measured, as data. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly group: "append" | "read" | "one-by-one" | "events" | "calls" | "many" | "footprint";
  readonly work: WorkName;
  readonly shape: Shape;
  readonly format: "string" | "bytes";
  readonly by: "record" | "batch";
  readonly transport: "s2s" | "fetch";
  readonly tails: number;
  /** Records of the first round of a process. */
  readonly cold: number;
  /** Records of each later round; none of them if 0. */
  readonly warm: number;
  readonly parties: readonly PartyName[];
  readonly targets: readonly Target[];
  /** Also part of the quick form. */
  readonly isQuick: boolean;
  /** Can also run against a real server. */
  readonly isEndToEnd: boolean;
}

const DEFAULTS = {
  format: "bytes",
  by: "record",
  transport: "s2s",
  tails: 0,
  targets: [],
  isQuick: false,
  isEndToEnd: false,
} as const;

export function createCase(
  given: Omit<Case, keyof typeof DEFAULTS> & Partial<Pick<Case, keyof typeof DEFAULTS>>,
): Case {
  const made: Case = { ...DEFAULTS, ...given };
  const { shape, cold, warm } = made;
  if (cold % shape.batch !== 0 || warm % shape.batch !== 0) {
    throw new Error(`${made.id}: a round is a whole number of batches`);
  }
  return made;
}

/** At least so many times less than the published SDK. */
export function lessThanPublished(times: number, figure: FigureName = "cold"): Target {
  return { figure, against: "published", atMost: 1 / times };
}

export function timesFloor(atMost: number, figure: FigureName = "cold"): Target {
  return { figure, against: "floor", atMost };
}

/** Against the Rust SDK: at most so many times its figure, cold and warm. */
export function timesRust(cold: number, warm: number): Target[] {
  return [
    { figure: "cold", against: "rust", atMost: cold },
    { figure: "warm", against: "rust", atMost: warm },
  ];
}
