import type { RowPage, RowRange, Table } from "./storage.js";

/** A table in memory: a map, and the names in order, sorted again only when a listing needs it. */
export function createMemoryTable<R extends object>(): Table<R> {
  const rows = new Map<string, R>();
  let sorted: string[] | undefined = [];

  function names(): readonly string[] {
    sorted ??= [...rows.keys()].sort(compareUtf8);
    return sorted;
  }

  return {
    get: async (name) => rows.get(name),
    async put(name, row) {
      if (!rows.has(name)) sorted = undefined;
      rows.set(name, row);
    },
    async delete(name) {
      if (rows.delete(name)) sorted = undefined;
    },
    list: async (range) => page(names(), rows, range),
  };
}

function page<R>(names: readonly string[], rows: ReadonlyMap<string, R>, range: RowRange): RowPage<R> {
  const found: [string, R][] = [];
  const from = compareUtf8(range.startAfter, range.prefix) < 0 ? range.prefix : range.startAfter;
  for (let index = lowerBound(names, from); index < names.length; index += 1) {
    const name = names[index] as string;
    if (name === range.startAfter) continue;
    if (!name.startsWith(range.prefix)) break;
    if (found.length === range.limit) return { rows: found, hasMore: true };
    found.push([name, rows.get(name) as R]);
  }
  return { rows: found, hasMore: false };
}

function lowerBound(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(names[middle] as string, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Orders as the bytes of UTF-8 do. UTF-16 order differs only where a surrogate meets a unit above the surrogates.
 */
function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
