/**
 * The last number of each writer, the one heard of last at the end. It is never changed: every message can keep the one
 * of its place.
 */
export type WriterMarks = readonly (readonly [writerId: string, seq: bigint])[];

/** Writers that are kept: retries leave copies close behind, so older ones do not matter. */
const MAX_MARKS = 32;

/** The same with the number that a writer has got to. */
export function withMark(marks: WriterMarks, writerId: string, seq: bigint): WriterMarks {
  const last = marks[marks.length - 1];
  // One writer goes on, as a rule.
  if (last?.[0] === writerId)
    return marks.length === 1 ? [[writerId, seq]] : [...marks.slice(0, -1), [writerId, seq]];
  const others = marks.filter(([id]) => id !== writerId);
  return [...others.slice(1 - MAX_MARKS), [writerId, seq]];
}

/** The marks as they are stored; nothing when there are none. */
export function storedMarks(marks: WriterMarks): Readonly<Record<string, string>> | undefined {
  if (marks.length === 0) return undefined;
  return Object.fromEntries(marks.map(([id, seq]) => [id, String(seq)]));
}

/** Marks that were stored; `undefined` for what is none. */
export function restoredMarks(stored: unknown): WriterMarks | undefined {
  if (stored === undefined) return [];
  if (typeof stored !== "object" || stored === null) return undefined;
  const entries = Object.entries(stored);
  if (!entries.every(([, seq]) => typeof seq === "string" && /^\d{1,20}$/.test(seq))) return undefined;
  return entries.map(([id, seq]) => [id, BigInt(seq as string)]);
}
