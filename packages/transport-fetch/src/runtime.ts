import type { S2Error } from "@s2-dev/streamstore-core/transport";
import type { Compressor } from "./compression.js";

/** `fetch`, as far as it is used: with a string, and an init that every runtime accepts. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** One request, all of its headers included. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | BodySource | undefined;
}

/** A body that is not known beforehand. */
export interface BodySource {
  /** The next bytes, `null` at the end. Called again when the wire has accepted what it was given before. */
  next(): Promise<Uint8Array | null>;
  /** The wire reads the oldest of what it was given no more. */
  written(): void;
  /** The same for a `fetch`, instead of the other two: it is given copies. */
  stream(): ReadableStream<Uint8Array>;
}

/** The head of an answer. Header names are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request reports: `answered? data* ended`, never before `send` has returned, and nothing after `cancel`. */
export interface CallEvents {
  answered(answer: Answer): void;
  /** A part of the body as it was before it was compressed for the way. */
  data(chunk: Uint8Array): void;
  /** Exactly once, unless cancelled. `null`: the body is complete. */
  ended(error: S2Error | null): void;
}

/** One request under way. */
export interface Call {
  /** Something may have left. */
  readonly started: boolean;
  /** The wire reads the request's body no more. False as well where that cannot be seen. */
  readonly written: boolean;
  /** Lets the answer's body come, as it does at first, or holds it back; what has come already may still be given. */
  flow(wanted: boolean): void;
  /** Gives up, whatever the wire at hand does about it. */
  cancel(reason: S2Error): void;
}

/** Decompresses what one algorithm has made, in place. */
export interface FrameCodec {
  /** As in `accept-encoding`. */
  readonly name: "gzip" | "zstd";
  /** @throws when the bytes are damaged or would grow beyond `maxLength`. */
  decode(bytes: Uint8Array, maxLength: number): Uint8Array;
}

/** What a runtime supplies. One file per kind of runtime implements it. */
export interface FetchRuntime {
  /** Sends a request. Never throws. */
  send(request: OutgoingRequest, events: CallEvents): Call;
  /** Whether bodies that are not known beforehand can be sent; `undefined`: to be found out. */
  readonly streamsRequests: boolean | undefined;
  /** Headers that this runtime lets a client set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Compresses request bodies; `undefined`: they go as they are. */
  readonly compressor: Compressor | undefined;
  /** For session frames in the compression asked for; `undefined`: none is asked for. */
  readonly codec: FrameCodec | undefined;
  /** What a failure of its own is in terms of this SDK. */
  errorFrom(thrown: unknown): S2Error;
  /** Keeps the process alive until the function returned is called. */
  hold(): () => void;
  /** Closes what is idle. */
  close(): Promise<void>;
}
