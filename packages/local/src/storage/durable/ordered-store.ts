import type { StorageFullError } from "../storage.js";

/** A value to write under a key, or a key to remove when there is none. */
export interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** An entry of an ordered store; both parts are copies. */
export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Keys from one up to another, in the order of their bytes. */
export interface KeyRange {
  readonly from: Uint8Array;
  /** Exclusive. */
  readonly to: Uint8Array;
  /** Default: all. */
  readonly limit?: number;
}

/**
 * What the durable storage needs of an embedded store. Reads see what is committed and nothing else, and are
 * synchronous: such a store is mapped into memory.
 */
export interface OrderedStore {
  get(key: Uint8Array): Uint8Array | undefined;
  /** To be consumed, or left, before anything is awaited. */
  entries(range: KeyRange): Iterable<Entry>;
  /** The last entry of a range whose end is inclusive. */
  lastUpTo(key: Uint8Array, from: Uint8Array): Entry | undefined;
  /**
   * Makes all changes or none; resolves when they are durable. One call at a time.
   * @throws StorageFullError when there is no room for them, and nothing has happened.
   */
  commit(changes: readonly Change[]): Promise<void>;
  /** Why changes of so many bytes, which give nothing back, should not be made now; `undefined` when there is room. */
  refusal(bytes: number): StorageFullError | undefined;
  close(): Promise<void>;
}
