import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What a behaviour's test says of itself. */
export interface PairMeta {
  /** The pair it ran on. */
  readonly pair?: string;
  /** Why it had to fail there. */
  readonly expectedDifference?: string;
}

interface Row {
  passed: number;
  failed: number;
  different: number;
  skipped: number;
}

/** Prints how each pair did, at the end of a run. */
export class PairTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, Row>();
    const differences = new Map<string, string>();
    for (const module of modules) {
      for (const testCase of module.children.allTests()) count(testCase, rows, differences);
    }
    if (rows.size === 0) return;
    process.stdout.write(`\n${tableOf(rows)}\n`);
    for (const [what, reason] of differences)
      process.stdout.write(`expected difference: ${what}\n  ${reason}\n`);
  }
}

function count(testCase: TestCase, rows: Map<string, Row>, differences: Map<string, string>): void {
  const { pair, expectedDifference } = testCase.meta() as PairMeta;
  if (pair === undefined) return;
  const row = rows.get(pair) ?? { passed: 0, failed: 0, different: 0, skipped: 0 };
  rows.set(pair, row);
  const { state } = testCase.result();
  if (state === "failed") row.failed += 1;
  else if (state !== "passed") row.skipped += 1;
  else if (expectedDifference === undefined) row.passed += 1;
  else {
    row.different += 1;
    differences.set(testCase.fullName, expectedDifference);
  }
}

function tableOf(rows: ReadonlyMap<string, Row>): string {
  const table = [
    ["pair", "passed", "failed", "expected differences", "skipped"],
    ...Array.from(rows, ([pair, { passed, failed, different, skipped }]) =>
      [pair, passed, failed, different, skipped].map(String),
    ),
  ];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return table
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}
