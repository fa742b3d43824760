import { EncryptionKey as MainKey, type S2Stream as MainStream } from "@s2-dev/streamstore";
import { type AppendSession, type AppendSessionOptions, createAppendSession } from "./append-session.js";
import { streamConfigToWire } from "./configs.js";
import { checkInput, checkOptional, guarded, rethrow } from "./errors.js";
import { type EncryptionKeyInput, keyToMain, type S2RequestOptions } from "./options.js";
import { type AppendAck, ackFromWire, positionFromWire, type TailResponse } from "./positions.js";
import { batchFromWire, type ReadBatch, type ReadInput, readArgsFrom } from "./read-input.js";
import { createReadSession, type ReadSession } from "./read-session.js";
import { type AppendInput, conditionsToWire, recordsToWire } from "./records.js";

/** A handle of one stream. */
export class S2Stream implements AsyncDisposable {
  /** Name of the stream. */
  readonly name: string;
  readonly #stream: MainStream;

  /** @internal Made by `S2Basin`. */
  constructor(stream: MainStream) {
    this.#stream = stream;
    this.name = stream.name;
  }

  /** Another handle of the stream, whose appends and reads carry this key. */
  withEncryptionKey(encryptionKey: EncryptionKeyInput): S2Stream {
    const key = keyToMain(MainKey, encryptionKey);
    return new S2Stream(guarded(() => this.#stream.withEncryptionKey(key)));
  }

  /** Where the next record goes, and the time of the last one. */
  checkTail(options?: S2RequestOptions): Promise<TailResponse> {
    return this.#stream.checkTail(options).then(({ tail }) => ({ tail: positionFromWire(tail) }), rethrow);
  }

  /** Reads one batch: at most 1000 records and 1 MiB. */
  async read<Format extends "string" | "bytes" = "string">(
    input?: ReadInput,
    options?: S2RequestOptions & { readonly as?: Format | undefined },
  ): Promise<ReadBatch<Format>> {
    checkOptional(options, "the options of a call");
    const { as, ...rest } = options ?? {};
    return this.#stream
      .read<Format>(readArgsFrom<Format>(input, as), rest)
      .then(batchFromWire<Format>, rethrow);
  }

  /** Appends one batch, all or nothing. */
  async append(input: AppendInput, options?: S2RequestOptions): Promise<AppendAck> {
    const records = recordsToWire(input);
    const { streamConfig } = input;
    const args =
      streamConfig === undefined
        ? conditionsToWire(input)
        : { ...conditionsToWire(input), streamConfig: streamConfigToWire(streamConfig) };
    return this.#stream.append(records, args, options).then(ackFromWire, rethrow);
  }

  /** Reads from a position on and follows the stream live. */
  async readSession<Format extends "string" | "bytes" = "string">(
    input?: ReadInput,
    options?: S2RequestOptions & { readonly as?: Format | undefined },
  ): Promise<ReadSession<Format>> {
    checkOptional(options, "the options of a call");
    const { as, ...rest } = options ?? {};
    const session = await this.#stream
      .readSession<Format>(readArgsFrom<Format>(input, as), rest)
      .catch(rethrow);
    return createReadSession<Format>(session);
  }

  /** Starts a pipelined append session. Touches no network. */
  async appendSession(
    sessionOptions: AppendSessionOptions = {},
    options?: S2RequestOptions,
  ): Promise<AppendSession> {
    checkInput(sessionOptions, "the options of an append session");
    const { maxInflightBytes, maxInflightBatches, streamConfig } = sessionOptions;
    const session = await this.#stream
      .appendSession(
        {
          maxInflightBytes,
          maxInflightBatches: maxInflightBatches === undefined ? undefined : Math.max(1, maxInflightBatches),
          streamConfig: streamConfig === undefined ? undefined : streamConfigToWire(streamConfig),
        },
        options,
      )
      .catch(rethrow);
    return createAppendSession(session);
  }

  /** Closes every session opened through this handle. */
  close(): Promise<void> {
    return this.#stream.close().catch(rethrow);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
