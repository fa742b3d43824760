import { mkdir, open as openFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { RootDatabase } from "lmdb";
import { DirectoryInUseError, type DirectoryOwner, processesIn, thisOwner } from "./directory-owner.js";
import { decodeRow, encodeRow } from "./durable-table.js";
import type { Change, Entry, OrderedStore } from "./ordered-store.js";

type Lmdb = RootDatabase<Uint8Array, Uint8Array>;

const FILE = "s2.mdb";
/** Where the head of a page ends, and with it what the first page begins with. */
const HEAD_BYTES = 64;
/** `MDB_MAGIC`, in the order of this machine's bytes. */
const MAGIC = Buffer.from(Uint32Array.of(0xbeefc0de).buffer);
const FORMAT_KEY = Buffer.from("v");
const FORMAT = "1";
const OWNER_KEY = Buffer.from("o");

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
 * @throws Error when the package is missing, the directory cannot be used, or another format is in it.
 */
export async function openLmdbStore(path: string): Promise<OrderedStore> {
  const { open } = await loadLmdb();
  const directory = await makeDirectory(resolve(path));
  const known = ours.get(directory);
  if (known !== undefined) throw new DirectoryInUseError(directory, known);
  const owner = thisOwner();
  ours.set(directory, owner);
  let env: Lmdb | undefined;
  try {
    await checkFile(join(directory, FILE));
    env = open<Uint8Array, Uint8Array>({
      path: join(directory, FILE),
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
    claim(env, directory, owner);
  } catch (error) {
    await env?.close();
    ours.delete(directory);
    if (error instanceof DirectoryInUseError) throw error;
    throw new Error(`cannot use the directory ${directory}: ${(error as Error).message}`, { cause: error });
  }
  return storeOf(env, () => ours.delete(directory));
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

/** Its real path, so that it has one name. */
async function makeDirectory(path: string): Promise<string> {
  try {
    const made = await mkdir(path, { recursive: true });
    // Names last when the directories that they stand in are on the disk.
    if (made !== undefined)
      for (let at = path; at !== dirname(made); at = dirname(at)) await syncUp(dirname(at));
    return await realpath(path);
  } catch (error) {
    throw new Error(`cannot use the directory ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Refuses a file that is not the store's: the store takes what is in it for its own, and ends the process.
 * @see https://github.com/LMDB/lmdb/blob/mdb.master/libraries/liblmdb/mdb.c `MDB_meta`
 */
async function checkFile(path: string): Promise<void> {
  let file: Awaited<ReturnType<typeof openFile>>;
  try {
    file = await openFile(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    // An empty file is one that a process has made and not come to fill.
    if (bytesRead === 0 || buffer.subarray(0, bytesRead).includes(MAGIC)) return;
    throw new Error(`${FILE} in it is not a file of this storage, or is damaged`);
  } finally {
    await file.close();
  }
}

async function syncUp(directory: string): Promise<void> {
  // There a directory cannot be opened as a file, and its names last by themselves.
  if (process.platform === "win32") return;
  const handle = await openFile(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes the directory ours, in one transaction: the writers' lock of LMDB admits one process at a time, and its table
 * of readers says who is alive, since every reader holds a lock of the system's.
 */
function claim(env: Lmdb, directory: string, owner: DirectoryOwner): void {
  // Enters this process into the table.
  env.getBinary(OWNER_KEY);
  env.transactionSync(() => {
    const written = env.getBinary(OWNER_KEY);
    const before = written === undefined ? undefined : decodeRow<DirectoryOwner>(written);
    env.readerCheck();
    const alive = before !== undefined && processesIn(env.readerList()).has(before.pid);
    // A process that was restarted in a container has the number of the one before it; another thread has its start, too.
    const isOther = before?.pid !== owner.pid || before.started === owner.started;
    if (before !== undefined && alive && isOther) throw new DirectoryInUseError(directory, before);
    const format = env.getBinary(FORMAT_KEY)?.toString();
    if (format !== undefined && format !== FORMAT)
      throw new Error(`what is in it is of format ${format}, and this version knows format ${FORMAT}`);
    env.putSync(FORMAT_KEY, Buffer.from(FORMAT));
    env.putSync(OWNER_KEY, encodeRow(owner));
  });
}

function storeOf(env: Lmdb, onClosed: () => void): OrderedStore {
  let isOpen = true;
  function opened(): Lmdb {
    if (!isOpen) throw new Error("the storage is closed");
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
    commit: (changes) => commit(opened(), changes),
    async close() {
      if (!isOpen) return;
      isOpen = false;
      // An owner's process may live on, and another of its threads may want the directory.
      env.removeSync(OWNER_KEY);
      await env.close();
      onClosed();
    },
  };
}

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
    const reason = (error as { commitError?: Promise<never> }).commitError;
    throw reason === undefined ? error : await reason.catch((cause: unknown) => cause);
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
