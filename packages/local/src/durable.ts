import type { BasinRow, StreamRow } from "./service/rows.js";
import { createDurableStorage } from "./storage/durable/durable-storage.js";
import { openLmdbStore } from "./storage/durable/lmdb-store.js";
import type { Storage } from "./storage/storage.js";

export { DirectoryInUseError, type DirectoryOwner } from "./storage/durable/directory-owner.js";
export { StorageFullError } from "./storage/storage.js";

/**
 * Opens a storage in a directory, which is made when it is missing: what was acknowledged survives the process, however
 * it ends, and the machine. The directory has to be on a disk of this machine. Needs the package `lmdb`.
 *
 * @example
 * ```ts
 * await using local = await startLocal({ storage: await openDurableStorage("./data") });
 * ```
 * Whoever opens it closes it, or gives it to `startLocal`, which does; `startLocal({ dir: "./data" })` does both.
 * @throws DirectoryInUseError while another process has the directory open, or this one already.
 * @throws StorageFullError when its disk has no room to begin.
 * @throws Error when the package `lmdb` is missing, or the directory cannot be used, or what is in it is damaged.
 */
export async function openDurableStorage(directory: string): Promise<Storage<BasinRow, StreamRow>> {
  return createDurableStorage<BasinRow, StreamRow>(await openLmdbStore(directory));
}
