import type { Shape } from "../fixture/shape.js";
import { type Case, createCase, lessThanPublished, type Target, timesFloor, timesRust } from "./case.js";

/** A kind of record that every session case is run with. */
interface Kind {
  readonly name: string;
  readonly size: number;
  readonly headers: number;
  readonly text?: Shape["text"];
  readonly batches: readonly number[];
}

/** The largest body that a record without headers may have. */
const LARGEST_BODY = (1 << 20) - 8;

const KINDS: readonly Kind[] = [
  { name: "100 B", size: 100, headers: 0, batches: [1, 10, 1000] },
  { name: "100 B with two headers", size: 100, headers: 2, batches: [1, 10, 1000] },
  { name: "100 B not ASCII", size: 100, headers: 0, text: "unicode", batches: [1000] },
  { name: "1 kB", size: 1000, headers: 0, batches: [1, 10, 1000] },
  { name: "64 kB", size: 64_000, headers: 0, batches: [1, 10] },
  { name: "1 MiB", size: LARGEST_BODY, headers: 0, batches: [1] },
];

/** The targets by case id. */
export const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  "append-100-x1000-bytes": [lessThanPublished(8), timesFloor(3), ...timesRust(1, 0.5)],
  "append-100-x1000-string": [lessThanPublished(8), timesFloor(4), ...timesRust(1.2, 1)],
  "append-100h2-x1000-bytes": [lessThanPublished(15), ...timesRust(1, 1)],
  "append-100h2-x1000-string": [lessThanPublished(15), ...timesRust(1, 1)],
  "append-1000-x1000-bytes": [lessThanPublished(4), timesFloor(2), ...timesRust(1, 1)],
  "append-1000-x1000-string": [lessThanPublished(4), timesFloor(2), ...timesRust(1, 1)],
  "append-100-x1-bytes": [lessThanPublished(8), timesFloor(4), ...timesRust(1.2, 0.5)],
  "read-100-x1000-bytes-batch": [lessThanPublished(6), timesFloor(2.5), ...timesRust(1.7, 1)],
  "read-100-x1000-bytes-record": [lessThanPublished(4), timesFloor(3.5)],
  "read-100-x1000-string-record": [lessThanPublished(4.5), timesFloor(4)],
  "read-1000-x1000-bytes-batch": [lessThanPublished(5), timesFloor(1.5), ...timesRust(1.3, 1)],
};

/** What shows the cost of an observer, and of the bridge for newer code: small batches, large ones, and reads. */
const ALSO_OTHERWISE = new Set([
  "append-100-x1-bytes",
  "append-100-x1000-string",
  "read-100-x1000-string-record",
]);

/** Those that the quick form has too. */
const QUICK = new Set([
  "append-100-x1000-bytes",
  "append-100-x1000-string",
  "append-100h2-x1000-bytes",
  "append-1000-x1000-bytes",
  "append-100-x1-bytes",
  "read-100-x1000-bytes-batch",
  "read-100-x1000-string-record",
  "read-1000-x1000-bytes-batch",
]);

/** Those that also run against a real server. */
const END_TO_END = new Set([
  "append-100-x1000-bytes",
  "append-100-x1000-string",
  "append-1000-x1000-bytes",
  "append-100-x1-bytes",
  "read-100-x1000-bytes-batch",
  "read-100-x1000-string-record",
  "read-1000-x1000-bytes-batch",
]);

/**
 * Records of a cold round. Where a target is at stake it outlasts the warming up, whatever the published SDK takes for
 * it; elsewhere it is what that one does in a fifth of a second, so that everything takes half an hour.
 */
function roundOf(kind: Kind, batch: number, hasTarget: boolean): number {
  const byBytes = (hasTarget ? 200_000_000 : 60_000_000) / kind.size;
  const byBatches = batch === 1 ? 10_000 : batch === 10 ? 40_000 : 200_000;
  const targeted = batch === 1 ? 200_000 : 1_000_000;
  return Math.max(1, Math.floor(Math.min(byBytes, hasTarget ? targeted : byBatches) / batch)) * batch;
}

function sessionCase(
  work: "append" | "read",
  kind: Kind,
  batch: number,
  format: Case["format"],
  by: Case["by"],
): Case {
  const size = kind.size === LARGEST_BODY ? "1MiB" : kind.size;
  const what = `${size}${kind.headers > 0 ? "h2" : ""}${kind.text === "unicode" ? "u" : ""}`;
  const id = `${work}-${what}-x${batch}-${format}${work === "read" ? `-${by}` : ""}`;
  const cold = roundOf(kind, batch, TARGETS[id] !== undefined);
  return createCase({
    id,
    title: `${work} ${kind.name} x ${batch}, ${format}${work === "read" ? `, by ${by}` : ""}`,
    group: work,
    work,
    shape: { size: kind.size, headers: kind.headers, batch, text: kind.text ?? "ascii" },
    format,
    by,
    cold,
    // Code is optimised for the first two million records; a target is about what it costs afterwards.
    warm: Math.max(1, Math.floor(cold / (TARGETS[id] === undefined ? 4 : 2) / batch)) * batch,
    parties: [
      "ours",
      ...(ALSO_OTHERWISE.has(id) ? (["observed", "bridge"] as const) : []),
      "published",
      "rust",
      "floor",
    ],
    targets: TARGETS[id] ?? [],
    isQuick: QUICK.has(id),
    isEndToEnd: END_TO_END.has(id),
  });
}

/** Append and read sessions over every kind of record, in every batch size that is legal for it. */
export const sessionCases: readonly Case[] = KINDS.flatMap((kind) =>
  kind.batches.flatMap((batch) =>
    (["bytes", "string"] as const).flatMap((format) => {
      if (kind.text === "unicode" && format === "bytes") return [];
      return [
        sessionCase("append", kind, batch, format, "batch"),
        sessionCase("read", kind, batch, format, "batch"),
        sessionCase("read", kind, batch, format, "record"),
      ];
    }),
  ),
);
