import type {
  AppendEvents,
  AppendLink,
  AttemptOptions,
  LinkBatch,
  ReadFormat,
  ReadLink,
  RecordFormat,
  WireRequest,
} from "@s2-dev/streamstore-core/transport";
import type { FetchContext } from "./context.js";
import type { FrameCodec } from "./runtime.js";

/** A way to read over HTTP: what to ask for, and how to understand the answer. */
export interface ReadProtocol {
  /**
   * Looks whether this runtime can read like this.
   * @throws S2Error `UNSUPPORTED` where the runtime cannot do it.
   */
  check(): void;
  /** Headers that ask for it. */
  headersFor(format: ReadFormat, codec: FrameCodec | undefined): Readonly<Record<string, string>>;
  /** Content type of the answer, without parameters. */
  readonly contentType: string;
  /** Makes what takes the bytes of one answer and gives batches. */
  createDecoder<F extends RecordFormat>(format: ReadFormat<F>, codec: FrameCodec | undefined): ReadDecoder<F>;
}

/** Makes batches out of the bytes of an answer. Every error it throws is an `S2Error`. */
export interface ReadDecoder<F extends RecordFormat> {
  push(chunk: Uint8Array): void;
  /** The next batch; `undefined`: more bytes are needed; `null`: the session has ended cleanly. */
  next(): LinkBatch<F> | null | undefined;
  /** Bytes taken, about, that belong to no batch given yet. */
  readonly pending: number;
  /** The same for the end of the body: it is the clean one, or throws. */
  end(): null;
}

/** Opens one attempt at a read session. */
export type OpenRead = <F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  context: FetchContext,
) => ReadLink<F>;

/** Opens one attempt at an append session. */
export type OpenAppend = (
  request: WireRequest,
  events: AppendEvents,
  options: AttemptOptions,
  context: FetchContext,
) => AppendLink;

/** A way to append over HTTP. */
export interface AppendProtocol {
  /**
   * Looks whether this runtime can append like this.
   * @throws S2Error `UNSUPPORTED` where the runtime cannot do it.
   */
  check(): void;
  /** Opens an append link. */
  readonly open: OpenAppend;
}
