/** A part of a listing, and whether more follow. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** The first items of a listing, which is asked for no more than it takes to know whether others follow. */
export async function take<T>(listing: AsyncIterable<T>, count: number): Promise<Page<T>> {
  const items: T[] = [];
  for await (const item of listing) {
    if (items.length === count) return { items, hasMore: true };
    items.push(item);
  }
  return { items, hasMore: false };
}

/** The size of the pages in which the first so many items are fetched, and one more. */
export function pageSize(count: number): number {
  return Math.min(1000, count + 1);
}
