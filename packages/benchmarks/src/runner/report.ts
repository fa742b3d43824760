import type { FigureName, Target } from "../cases/case.js";
import type { PartyName } from "../job.js";
import type { Spread } from "./figures.js";
import type { CaseResult } from "./run-case.js";

const NAMES: Record<PartyName, string> = {
  ours: "ours",
  observed: "ours, observed",
  bridge: "ours, by the bridge",
  published: "published",
  rust: "Rust",
  floor: "floor",
  parse: "JSON.parse",
};

/** Every figure: one row for each party of each case. */
export function figuresTable(results: readonly CaseResult[]): string {
  const rows = results.flatMap(({ case: made, parties, faults }) => [
    ...Object.entries(parties).map(([party, spreads], index) => [
      index === 0 ? made.title : "",
      NAMES[party as PartyName],
      spreadText(spreads.cold),
      spreadText(spreads.warm),
      made.work === "import" || made.work === "slow-reader" ? "" : spreadText(spreads.rate, rateText),
      spreadText(spreads.peak, mebibytes),
      spreadText(spreads.memory, mebibytes),
      spreadText(spreads.p50),
      spreadText(spreads.p99),
      made.cold === 1 ? spreadText(spreads.wall) : "",
    ]),
    ...Object.entries(faults).map(([party, fault]) => [
      made.title,
      NAMES[party as PartyName],
      `**no figures**: ${fault.split("\n")[0]?.slice(0, 160)}`,
      ...Array.from({ length: 7 }, () => ""),
    ]),
  ]);
  return table(
    [
      "case",
      "party",
      "cold µs",
      "warm µs",
      "records/s",
      "peak MiB",
      "held MiB",
      "p50 µs",
      "p99 µs",
      "first µs",
    ],
    rows,
  );
}

/** Ours against each of the others, and the targets. */
export function ratiosTable(results: readonly CaseResult[]): string {
  const rows = results.map((result) => {
    const { case: made } = result;
    return [
      made.title,
      both(
        times(inverse(ratio(result, "cold", "published"))),
        times(inverse(ratio(result, "warm", "published"))),
      ),
      both(times(ratio(result, "cold", "floor")), times(ratio(result, "warm", "floor"))),
      both(times(ratio(result, "cold", "rust")), times(ratio(result, "warm", "rust"))),
      both(times(ratio(result, "cold", "parse")), times(ratio(result, "warm", "parse"))),
      times(inverse(memoryRatio(result, "published"))),
      times(memoryRatio(result, "rust")),
      made.targets.map((target) => targetText(result, target)).join("; "),
    ];
  });
  return table(
    [
      "case",
      "published ÷ ours, CPU cold / warm",
      "ours ÷ floor",
      "ours ÷ Rust",
      "ours ÷ JSON.parse",
      "published ÷ ours, memory",
      "ours ÷ Rust, memory",
      "targets",
    ],
    rows,
  );
}

/** The result for a table that judges nothing. */
export function withoutTargets(result: CaseResult): CaseResult {
  return { ...result, case: { ...result.case, targets: [] } };
}

/** CPU time a record, cold, of each party, and how much less ours costs than the published SDK: for readers in a hurry. */
export function briefTable(results: readonly CaseResult[]): string {
  const parties: readonly PartyName[] = ["ours", "published", "rust", "floor"];
  const rows = results.map((result) => [
    result.case.title,
    ...parties.map((party) => micros(result.parties[party]?.cold?.median)),
    times(inverse(ratio(result, "cold", "published"))),
  ]);
  return table(["µs a record", ...parties.map((party) => NAMES[party]), "published ÷ ours"], rows);
}

/** Our figure divided by another party's. */
export function ratio(result: CaseResult, figure: FigureName, against: PartyName): number | undefined {
  const ours = result.parties.ours?.[figure]?.median;
  const theirs = result.parties[against]?.[figure]?.median;
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;
}

/** By what is held, in cases that are about that, else by the peak. */
function memoryRatio(result: CaseResult, against: PartyName): number | undefined {
  return ratio(result, "memory", against) ?? ratio(result, "peak", against);
}

export function isMet(result: CaseResult, { figure, against, atMost }: Target): boolean | undefined {
  const value = ratio(result, figure, against);
  return value === undefined ? undefined : value <= atMost;
}

function targetText(result: CaseResult, target: Target): string {
  const { figure, against, atMost } = target;
  const met = isMet(result, target);
  const value = ratio(result, figure, against);
  const isLess = against === "published";
  const goal = isLess ? `${trim(1 / atMost)}x less` : `${trim(atMost)}x`;
  const got = value === undefined ? "-" : isLess ? `${trim(1 / value)}x` : `${trim(value)}x`;
  const verdict = met === undefined ? "-" : met ? "met" : "**missed**";
  return `${figure} ${goal} ${NAMES[against]}: ${verdict} (${got})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function both(cold: string, warm: string): string {
  return warm === "" ? cold : `${cold} / ${warm}`;
}

function inverse(value: number | undefined): number | undefined {
  return value === undefined || value <= 0 ? undefined : 1 / value;
}

function times(value: number | undefined): string {
  return value === undefined ? "" : `${trim(value)}x`;
}

function spreadText(spread: Spread | undefined, text: (value: number) => string = trim): string {
  return spread === undefined ? "" : `${text(spread.median)} (${text(spread.min)}-${text(spread.max)})`;
}

function rateText(value: number): string {
  return value >= 1e6 ? `${trim(value / 1e6)} M` : value >= 1000 ? `${trim(value / 1000)} k` : trim(value);
}

function mebibytes(value: number): string {
  return trim(value / (1 << 20));
}

function micros(value: number | undefined): string {
  return value === undefined ? "" : trim(value);
}

/** Three digits that mean something. */
function trim(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 1 ? value.toFixed(2) : value.toFixed(3);
}
