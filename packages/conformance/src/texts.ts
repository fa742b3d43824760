import type { S2Stream } from "@s2-dev/streamstore";

/** So many records, each with its number as its body. */
export const numbered = (count: number, from = 0): { body: string }[] =>
  Array.from({ length: count }, (_, index) => ({ body: String(from + index) }));

/** The bodies of records, in order. */
export const bodiesOf = (records: readonly { body: string }[]): string[] => records.map(({ body }) => body);

/** Appends a record of each text, in one batch. */
export async function appendTexts(stream: S2Stream, ...texts: string[]): Promise<void> {
  await stream.append(texts.map((body) => ({ body })));
}

/** Ten records, numbered in their bodies, with the timestamps 100, 200, ... 1000. */
export async function withTenRecords(stream: S2Stream): Promise<S2Stream> {
  await stream.append(
    Array.from({ length: 10 }, (_, index) => ({ body: String(index), timestamp: (index + 1) * 100 })),
  );
  return stream;
}
