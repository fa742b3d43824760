import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RootDatabase } from "lmdb";
import { StorageFullError } from "../storage.js";
import { makeDirectory, syncUp, unusable } from "./data-directory.js";
import { type DirectoryLock, lockDirectory, ownerOf } from "./directory-lock.js";
import { DirectoryInUseError, type DirectoryOwner, processesIn, thisOwner } from "./directory-owner.js";
import { DiskSpace, type FileUsage, type FreeBytes, freeBytesOf } from "./disk-space.js";
import { decodeRow, encodeRow } from "./durable-table.js";
import { checkLmdbFile } from "./lmdb-file.js";
import type { Change, Entry, OrderedStore } from "./ordered-store.js";

type Lmdb = RootDatabase<Uint8Array, Uint8Array>;

const FILE = "s2.mdb";
/** What the file and its locks take on the disk before anything is in them. */
const FIRST_BYTES = 256 * 1024;
const FORMAT_KEY = Buffer.from("v");
const FORMAT = "1";
const OWNER_KEY = Buffer.from("o");

/** Pages at the beginning of the file that belong to no tree. */
const HEAD_PAGES = 2;

/** What LMDB says of one of its trees, in pages. */
interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface FileStats {
  readonly lastPageNumber: number;
  readonly root: TreeStats;
  readonly free: TreeStats;
}

/**
 * Directories that this process has open, and who it was then. Of the process, not of the module: a program may have it
 * twice, as ESM and as CJS.
 */
const ours = directoriesOfProcess(Symbol.for("@s2-dev/streamstore-local/directories"));

function directoriesOfProcess(key: symbol): Map<string, DirectoryOwner> {
  const shared = globalThis as { [key: symbol]: Map<string, DirectoryOwner> | undefined };
  shared[key] ??= new Map();
  return shared[key];
}

/**
 * Opens LMDB in a directory, which is made when it is missing.
 * @throws DirectoryInUseError when another process has it open, or this one already.
 * @throws StorageFullError when its disk has no room to begin.
 * @throws Error when the package is missing, the directory cannot be used, or what is in it is damaged or of another format.
 */
export async function openLmdbStore(path: string, freeBytes = freeBytesOf): Promise<OrderedStore> {
  const { open } = await loadLmdb();
  const directory = await makeDirectory(resolve(path));
  const known = ours.get(directory);
  if (known !== undefined) throw new DirectoryInUseError(directory, known);
  const owner = thisOwner();
  ours.set(directory, owner);
  let lock: DirectoryLock | undefined;
  let env: Lmdb | undefined;
  try {
    lock = await lockDirectory(directory, owner);
    const file = join(directory, FILE);
    checkLmdbFile(file);
    requireFirst(directory, file, freeBytes);
    env = open<Uint8Array, Uint8Array>({
      path: file,
      keyEncoding: "binary",
      encoding: "binary",
      // A commit is visible, and told of, only when it is on the disk.
      overlappingSync: false,
      // Commits are gathered here already; and the store's own gathering rejects promises that nobody holds.
      eventTurnBatching: false,
      // Tables and logs share one database: its keys begin with what they are.
      maxDbs: 1,
    });
    await syncUp(directory);
    const opened = env;
    const space = new DiskSpace(directory, file, () => usageOf(opened), freeBytes);
    claim(env, directory, owner, { space, isLocked: lock.isHeld });
    if (!lock.isOurs()) throw new DirectoryInUseError(directory, await ownerOf(directory));
    return storeOf(env, directory, space, async () => {
      await lock?.release();
      ours.delete(directory);
    });
  } catch (error) {
    await env?.close();
    await lock?.release();
    ours.delete(directory);
    if (error instanceof DirectoryInUseError || error instanceof StorageFullError) throw error;
    throw unusable(directory, error);
  }
}

/** A file of locks that has no room on the disk ends the process when it is written to. */
function requireFirst(directory: string, file: string, freeBytes: FreeBytes): void {
  const locks = statSync(`${file}-lock`, { throwIfNoEntry: false });
  const data = statSync(file, { throwIfNoEntry: false });
  const isThere = (locks?.blocks ?? 0) > 0 && (data?.size ?? 0) > 0;
  if (isThere || freeBytes(directory) >= FIRST_BYTES) return;
  throw new StorageFullError(
    `the directory ${directory} is full: to begin there, ${FIRST_BYTES} bytes have to be free on its disk`,
  );
}

function usageOf(env: Lmdb): FileUsage {
  const { lastPageNumber, root, free } = env.getStats() as FileStats;
  const reachedPages = lastPageNumber + 1;
  return {
    pageSize: root.pageSize,
    reachedPages,
    freePages: reachedPages - HEAD_PAGES - pagesIn(root) - pagesIn(free),
  };
}

function pagesIn({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeStats): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}

/** Only who stores on disk has to have the store. @throws Error that says so. */
async function loadLmdb(): Promise<typeof import("lmdb")> {
  try {
    return await import("lmdb");
  } catch (error) {
    const { message } = error as Error;
    // The package is there, and the one with what it runs on is not: it is another for each platform.
    const reason = message.includes("native build") ? message : "npm install lmdb";
    throw new Error(`a durable storage needs the package "lmdb": ${reason}`, { cause: error });
  }
}

/**
 * Makes the directory ours, in one transaction: the writers' lock of LMDB admits one process at a time, and its table
 * of readers says who is alive, since every reader holds a lock of the system's.
 */
function claim(
  env: Lmdb,
  directory: string,
  owner: DirectoryOwner,
  { space, isLocked }: { readonly space: DiskSpace; readonly isLocked: boolean },
): void {
  // Enters this process into the table.
  env.getBinary(OWNER_KEY);
  const claimed = [
    { key: FORMAT_KEY, value: Buffer.from(FORMAT) },
    { key: OWNER_KEY, value: encodeRow(owner) },
  ];
  env.transactionSync(() => {
    const written = env.getBinary(OWNER_KEY);
    const before = written === undefined ? undefined : decodeRow<DirectoryOwner>(written);
    env.readerCheck();
    const alive = before !== undefined && processesIn(env.readerList()).has(before.pid);
    // A process that was restarted in a container has the number of the one before it; another thread has its start,
    // too. Who listens on the directory's socket knows that nobody else with its number is there.
    const isOther = before?.pid !== owner.pid || (!isLocked && before.started === owner.started);
    if (before !== undefined && alive && isOther) throw new DirectoryInUseError(directory, before);
    const format = env.getBinary(FORMAT_KEY)?.toString();
    if (format !== undefined && format !== FORMAT)
      throw new Error(`what is in it is of format ${format}, and this version knows format ${FORMAT}`);
    space.require(claimed);
    for (const { key, value } of claimed) env.putSync(key, value);
  });
}

/** An owner's process may live on, and another of its threads may want the directory. */
function release(env: Lmdb, space: DiskSpace): void {
  try {
    space.require([{ key: OWNER_KEY, value: undefined }]);
  } catch {
    // Then the row stays, and says nothing once the process has ended.
    return;
  }
  env.removeSync(OWNER_KEY);
}

function storeOf(
  env: Lmdb,
  directory: string,
  space: DiskSpace,
  onClosed: () => Promise<void>,
): OrderedStore {
  let isOpen = true;
  /** A commit has failed that there was room for: the store does not go on after that, and must not be asked to. */
  let failure: Error | undefined;
  function opened(): Lmdb {
    if (!isOpen) throw new Error(`the storage is closed (${directory})`);
    return env;
  }
  return {
    get(key) {
      const value = opened().getBinary(key);
      return value === undefined ? undefined : plainBytes(value);
    },
    *entries({ from, to, limit }) {
      const options = { start: from, end: to, ...(limit === undefined ? {} : { limit }) };
      for (const { key, value } of opened().getRange(options)) yield [plainBytes(key), plainBytes(value)];
    },
    lastUpTo(key, from) {
      const options = { start: key, end: before(from), reverse: true, limit: 1 };
      for (const found of opened().getRange(options)) return entryOf(found);
      return undefined;
    },
    refusal: (bytes) => space.refusal(bytes),
    async commit(changes) {
      const store = opened();
      if (failure !== undefined) throw failure;
      await space.prepare(changes);
      try {
        await commit(store, changes);
      } catch (error) {
        if (!(error instanceof CommitError)) throw error;
        const again = "nothing is written there until the server is started again";
        failure = new Error(`cannot write to the directory ${directory}: ${error.message}; ${again}`, {
          cause: error,
        });
        throw failure;
      }
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      if (failure === undefined) release(env, space);
      await env.close();
      await onClosed();
    },
  };
}

/** The store could not write. */
class CommitError extends Error {}

async function commit(env: Lmdb, changes: readonly Change[]): Promise<void> {
  try {
    await env.batch(() => {
      for (const { key, value } of changes) {
        if (value === undefined) env.remove(key);
        else env.put(key, value);
      }
    });
  } catch (error) {
    // The reason comes as a promise of its own, which rejects.
    const failed = (error as { commitError?: Promise<never> }).commitError;
    if (failed === undefined) throw error;
    const reason: unknown = await failed.catch((cause: unknown) => cause);
    throw new CommitError((reason as Error).message, { cause: reason });
  }
}

function entryOf({ key, value }: { key: Uint8Array; value: Uint8Array }): Entry {
  return [plainBytes(key), plainBytes(value)];
}

/** A `Buffer` would answer `slice` with a view. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A key below this one and above all shorter ones: ends are exclusive, and this one is to be included. */
function before(key: Uint8Array): Uint8Array {
  return key.subarray(0, key.length - 1);
}
