import type { Compressor } from "./compression.js";

/** `fetch`, as far as it is used: with a string, and an init that every runtime accepts. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** What a runtime supplies. One file per kind of runtime implements it. */
export interface FetchRuntime {
  /** The `fetch` to call now; a promise only when it has to be loaded first. */
  fetch(): FetchLike | Promise<FetchLike>;
  /** Fields of the request init that only this runtime understands or needs. */
  readonly init: Readonly<RequestInit>;
  /** Headers that this runtime lets a client set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Compresses request bodies; `undefined`: they go as they are. */
  readonly compressor: Compressor | undefined;
  /** Keeps the process alive until the function returned is called. */
  hold(): () => void;
  /** Closes what is idle. */
  close(): Promise<void>;
}
