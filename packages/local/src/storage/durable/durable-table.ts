import { plain, rich } from "../row-encoding.js";
import type { Table } from "../storage.js";
import type { GroupCommit } from "./group-commit.js";
import { behind, rowKey, type TablePrefix } from "./keys.js";
import type { OrderedStore } from "./ordered-store.js";

/** Rows under keys that begin with the prefix, as JSON. */
export function createDurableTable<R extends object>(
  store: OrderedStore,
  commit: GroupCommit,
  prefix: TablePrefix,
): Table<R> {
  const nameOf = (key: Uint8Array): string => Buffer.from(key.subarray(prefix.length)).toString();
  return {
    async get(name) {
      const value = store.get(rowKey(prefix, name));
      return value === undefined ? undefined : decodeRow<R>(value);
    },
    async put(name, row) {
      const key = rowKey(prefix, name);
      const value = encodeRow(row);
      // A change of a row may be what is needed to give space back.
      const full = store.get(key) === undefined ? commit.refusal(value.length + ROW_COST) : undefined;
      if (full !== undefined) throw full;
      await commit.add([{ key, value }]);
    },
    delete: (name) => commit.add([{ key: rowKey(prefix, name), value: undefined }]),
    async list(range) {
      const first = rowKey(prefix, range.prefix);
      // Nothing lies between a key and the same with a zero behind it.
      const after = range.startAfter === "" ? first : Buffer.concat([rowKey(prefix, range.startAfter), NUL]);
      const from = Buffer.compare(first, after) < 0 ? after : first;
      const rows: [string, R][] = [];
      for (const [key, value] of store.entries({ from, to: behind(first), limit: range.limit + 1 })) {
        if (rows.length === range.limit) return { rows, hasMore: true };
        rows.push([nameOf(key), decodeRow<R>(value)]);
      }
      return { rows, hasMore: false };
    },
  };
}

const NUL = Buffer.alloc(1);
/** What a new row may take on the disk besides its bytes. */
const ROW_COST = 128 * 1024;

export function encodeRow(row: object): Uint8Array {
  return Buffer.from(JSON.stringify(plain(row)));
}

export function decodeRow<R>(value: Uint8Array): R {
  return rich(JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString())) as R;
}
