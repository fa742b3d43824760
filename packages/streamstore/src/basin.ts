import { checkBasinName } from "@s2-dev/streamstore-core/wire";
import type { ClientCore } from "./client-core.js";
import type { StreamOptions } from "./options.js";
import { SessionScope } from "./session-scope.js";
import { S2Stream } from "./stream.js";
import { S2Streams } from "./streams.js";

/** A handle of one basin. */
export class S2Basin implements AsyncDisposable {
  readonly name: string;
  readonly streams: S2Streams;
  readonly #core: ClientCore;
  readonly #scope: SessionScope;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore, name: string) {
    checkBasinName(name);
    this.name = name;
    this.#core = core;
    this.#scope = new SessionScope(core.scope);
    this.streams = new S2Streams(core, name);
  }

  /** A handle of a stream; touches no network. Throws `INVALID_ARGUMENT` for what cannot be a stream's name. */
  stream(name: string, options?: StreamOptions): S2Stream {
    return new S2Stream(this.#core, this.#scope, this.name, name, options);
  }

  /** Closes every session opened through this handle; append sessions drain first. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
