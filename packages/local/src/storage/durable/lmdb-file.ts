import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** `MDB_MAGIC` and the version of the format, in the order of this machine's bytes. */
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const META_PAGES = 2;
const PAGE_HEADER = 24;
const META_END = 168;
const PAGE_SIZES: readonly number[] = [4096, 8192, 16_384, 32_768, 65_536];
const NO_PAGE = 2n ** 64n - 1n;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const BIG_DATA = 0x01;
/** Pages of the trees that are looked at, from the roots on, in a file that is as long as it should be. */
const LOOKED_AT = 64;

/** The values of a file's head. */
interface Meta {
  readonly pageSize: number;
  /** Roots of the tree of free pages and of the data; `undefined` for one that is empty. */
  readonly roots: readonly (number | undefined)[];
  readonly lastPage: number;
  readonly transaction: bigint;
}

/**
 * Refuses a file that is not LMDB's, or not whole: LMDB takes what is in it for its own, maps it, and ends the process
 * where there is nothing. The heads are checked, the size, and the first pages of the trees; of a file that is shorter
 * than it says, which it may be when its last pages are free, all pages of the trees.
 * @throws Error that says what is wrong.
 * @see https://github.com/LMDB/lmdb/blob/mdb.master/libraries/liblmdb/mdb.c `MDB_meta`, `MDB_page`, `MDB_node`
 */
export function checkLmdbFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    // An empty file is one that a process has made and not come to fill.
    if (size > 0) checkPages(file, size);
  } finally {
    closeSync(file);
  }
}

function checkPages(file: number, size: number): void {
  const { pageSize, roots, lastPage } = newestMeta(file, size);
  const isShort = size < (lastPage + 1) * pageSize;
  const waiting = roots.filter((root) => root !== undefined);
  for (let looked = 0; looked < waiting.length && (isShort || looked < LOOKED_AT); looked += 1) {
    const number = waiting[looked] as number;
    const page = readPage(file, number * pageSize, pageSize);
    if (number > lastPage || page === undefined) throw damaged(`page ${number} is missing: it was cut off`);
    for (const { first, count, isTree } of pagesBelow(page, number, pageSize)) {
      const end = first + count;
      if (end > lastPage + 1 || end * pageSize > size)
        throw damaged(`page ${end - 1} is missing: it was cut off`);
      if (isTree) waiting.push(first);
    }
  }
}

function newestMeta(file: number, size: number): Meta {
  const first = readMeta(file, 0);
  if (first === undefined) throw damaged("it does not begin as one");
  const second = readMeta(file, first.pageSize);
  if (second === undefined || size < META_PAGES * first.pageSize) throw damaged("its second head is missing");
  return first.transaction >= second.transaction ? first : second;
}

function readMeta(file: number, at: number): Meta | undefined {
  const bytes = readPage(file, at, META_END);
  if (bytes === undefined) return undefined;
  const value = view(bytes);
  const pageSize = value.u32(PAGE_HEADER + 24);
  const isMeta = value.u32(PAGE_HEADER) === MAGIC && value.u32(PAGE_HEADER + 4) === VERSION;
  if (!isMeta || !PAGE_SIZES.includes(pageSize)) return undefined;
  const rootAt = (offset: number): number | undefined => {
    const root = value.u64(PAGE_HEADER + offset);
    return root === NO_PAGE ? undefined : Number(root);
  };
  return {
    pageSize,
    roots: [rootAt(64), rootAt(112)],
    lastPage: Number(value.u64(PAGE_HEADER + 120)),
    transaction: value.u64(PAGE_HEADER + 128),
  };
}

/** Pages one behind the other: one of a tree, or those of a large value. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly isTree: boolean;
}

/** What a page of a tree leads to. */
function* pagesBelow(page: Buffer, number: number, pageSize: number): Iterable<Run> {
  const value = view(page);
  const flags = value.u16(18);
  const lower = value.u16(20);
  const nodes = lower / 2;
  const isPage =
    value.u64(0) === BigInt(number) && (flags & (BRANCH | LEAF)) !== 0 && (flags & OVERFLOW) === 0;
  if (!isPage || PAGE_HEADER + lower > pageSize) throw damaged(`page ${number} is none`);
  for (let index = 0; index < nodes; index += 1) {
    const at = PAGE_HEADER + value.u16(PAGE_HEADER + 2 * index);
    if (at + 8 > pageSize) throw damaged(`page ${number} is none`);
    const [low, high, nodeFlags, keyBytes] = [
      value.u16(at),
      value.u16(at + 2),
      value.u16(at + 4),
      value.u16(at + 6),
    ];
    if ((flags & BRANCH) !== 0)
      yield { first: low + high * 2 ** 16 + nodeFlags * 2 ** 32, count: 1, isTree: true };
    else if ((nodeFlags & BIG_DATA) !== 0) {
      const data = at + 8 + keyBytes;
      if (data + 24 > pageSize) throw damaged(`page ${number} is none`);
      yield { first: Number(value.u64(data)), count: Number(value.u64(data + 16)), isTree: false };
    }
  }
}

function readPage(file: number, at: number, length: number): Buffer | undefined {
  const page = Buffer.alloc(length);
  return readSync(file, page, 0, length, at) < length ? undefined : page;
}

function view(bytes: Buffer): { u16(at: number): number; u32(at: number): number; u64(at: number): bigint } {
  const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    u16: (at) => data.getUint16(at, isLittle),
    u32: (at) => data.getUint32(at, isLittle),
    u64: (at) => data.getBigUint64(at, isLittle),
  };
}

function damaged(what: string): Error {
  return new Error(`s2.mdb in it is not a file of this storage, or is damaged: ${what}`);
}
