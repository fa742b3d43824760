import * as fs from "node:fs";
import { open } from "node:fs/promises";
import { StorageFullError } from "../storage.js";
import type { Change } from "./ordered-store.js";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Pages that a change may write anew: a leaf, and what it is divided into when something comes in. */
const PAGES_A_REMOVAL = 1;
const PAGES_A_VALUE = 2;
/** Pages that any commit may write anew: the way from the root, and the list of free pages. */
const PAGES_A_COMMIT = 16;
/** The size of a page, if nobody asks for it: the largest that is common. */
const LARGE_PAGE = 16 * KIB;
/** Values above this have pages of their own. */
const MAX_IN_LEAF = 2000;
/** While more than this is free on the disk, nobody looks any closer. */
const PLENTY = 64 * MIB;
/** What is left alone of the disk: others write there, too. */
const LEFT_FREE = 2 * MIB;
/** Space at the end of the file that is kept for when the disk is full. */
const HEADROOM = 4 * MIB;
/** How much of it is for what gives space back, and for what may find its place in pages that are free. */
const FOR_FREEING = 2 * MIB;
/** How much of it is for what gives space back alone. */
const FOR_FREEING_ALONE = MIB / 2;
const ZEROS = Buffer.alloc(256 * KIB);

/** What is used of the file. */
export interface FileUsage {
  readonly pageSize: number;
  /** Pages up to the last one in use. */
  readonly reachedPages: number;
  /** Pages among them that nothing is in. */
  readonly freePages: number;
}

/** What a directory's disk says, in a process that may ask for it. */
export type FreeBytes = (directory: string) => number;

/** Free bytes for a user who is not root; more than enough where the system does not say. */
export const freeBytesOf: FreeBytes = (directory) => {
  try {
    // Not every runtime has it.
    const { bavail, bsize } = fs.statfsSync(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** Bytes that these changes may need: more than they will, so that the disk has them. */
function neededBytes(changes: readonly Change[], pageSize: number): number {
  let pages = 0;
  for (const { value } of changes)
    pages += value === undefined ? PAGES_A_REMOVAL : PAGES_A_VALUE + ownPages(value.length, pageSize);
  return pages * pageSize;
}

function ownPages(bytes: number, pageSize: number): number {
  return bytes <= MAX_IN_LEAF ? 0 : Math.ceil(bytes / pageSize) + 1;
}

/**
 * Sees to it that the store never meets the end of the disk: its library does not survive that. Before each commit there
 * is room for all that it may write, on the disk or within the file; otherwise it is refused, and nothing has happened.
 */
export class DiskSpace {
  readonly #directory: string;
  readonly #file: string;
  readonly #usage: () => FileUsage;
  readonly #freeBytes: FreeBytes;
  /** As told last, and whether that was since the last commit. */
  #free: number;
  #isFresh = false;

  constructor(directory: string, file: string, usage: () => FileUsage, freeBytes: FreeBytes) {
    this.#directory = directory;
    this.#file = file;
    this.#usage = usage;
    this.#freeBytes = freeBytes;
    this.#free = freeBytes(directory);
  }

  /** Why so many bytes more should not be written, if they give nothing back. */
  refusal(bytes: number): StorageFullError | undefined {
    if (!this.#isFresh || this.#free - bytes <= PLENTY) this.#free = this.#freeBytes(this.#directory);
    this.#isFresh = true;
    if (this.#free - bytes > PLENTY) return undefined;
    const room = this.#room();
    if (room >= bytes + FOR_FREEING) return undefined;
    // It may not find its place there, if that is divided; so it must find one at the end, too.
    const { pageSize, freePages } = this.#usage();
    const mayFit = freePages * pageSize >= 2 * bytes + MIB;
    return mayFit && room >= bytes + FOR_FREEING_ALONE ? undefined : this.#full(bytes);
  }

  /** Makes room for a commit, while none is under way. @throws StorageFullError */
  async prepare(changes: readonly Change[]): Promise<void> {
    this.#free = this.#freeBytes(this.#directory);
    this.#isFresh = false;
    if (this.#free - neededBytes(changes, LARGE_PAGE) > PLENTY) return;
    await this.#reserve();
    this.require(changes);
  }

  /** @throws StorageFullError when there is no room for a commit. */
  require(changes: readonly Change[]): void {
    this.#free = this.#freeBytes(this.#directory);
    const { pageSize, freePages } = this.#usage();
    const base = PAGES_A_COMMIT * pageSize;
    const bytes = neededBytes(changes, pageSize) + base;
    const room = this.#room();
    if (room >= bytes) return;
    // Pages that lie apart serve for all but values of many pages.
    const inLeaves = neededBytes(changes.filter(isSmall), pageSize) + base;
    if (room >= bytes - inLeaves && freePages * pageSize >= 2 * inLeaves) return;
    throw this.#full(bytes);
  }

  /** Bytes that the file may grow into. */
  #room(): number {
    return this.#headroom() + Math.max(0, this.#free - LEFT_FREE);
  }

  /** Bytes at the end of the file that are on the disk already, and not in use. */
  #headroom(): number {
    const { pageSize, reachedPages } = this.#usage();
    return Math.max(0, fs.statSync(this.#file).size - reachedPages * pageSize);
  }

  /** Lengthens the file while the disk still has what is needed for that. */
  async #reserve(): Promise<void> {
    const missing = Math.min(HEADROOM - this.#headroom(), this.#free - LEFT_FREE);
    if (missing <= 0) return;
    const file = await open(this.#file, "r+");
    try {
      const { size } = await file.stat();
      for (let done = 0; done < missing; done += ZEROS.length) {
        await file.write(ZEROS, 0, Math.min(ZEROS.length, missing - done), size + done);
      }
      this.#free -= missing;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      await file.close();
    }
  }

  #full(bytes: number): StorageFullError {
    return new StorageFullError(
      `the directory ${this.#directory} is full: ${this.#free} bytes are free on its disk, and this write may need ` +
        `${bytes}, beside ${LEFT_FREE} that are left alone. Reads go on: trim or delete streams, or free space`,
    );
  }
}

function isSmall({ value }: Change): boolean {
  return (value?.length ?? 0) <= MAX_IN_LEAF;
}
