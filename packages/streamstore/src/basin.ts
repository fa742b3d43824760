import { type BasinPlace, beforeSending, type ClientCore } from "./client-core.js";
import type { StreamOptions } from "./options.js";
import { SessionScope } from "./session-scope.js";
import { S2Stream } from "./stream.js";
import { S2Streams } from "./streams.js";

/** A handle of one basin. */
export class S2Basin implements AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /** Its streams: list, create, configure, delete. */
  readonly streams: S2Streams;
  readonly #core: ClientCore;
  readonly #place: BasinPlace;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore, name: string) {
    const { scope, endpoints } = core.account;
    // Resolved once: what is wrong with the name, or with what `makeBasinBaseUrl` gives for it, is thrown here.
    const baseUrl = beforeSending(() => endpoints.basinBaseUrl(name));
    this.name = name;
    this.#core = core;
    this.#place = {
      scope: new SessionScope("The basin", scope),
      endpoints: { ...endpoints, basinBaseUrl: () => baseUrl },
      basin: name,
    };
    this.streams = new S2Streams(core, this.#place);
  }

  /**
   * A handle of a stream; touches no network. Throws `INVALID_ARGUMENT` for what cannot be a stream's name, and
   * `UNSUPPORTED` for a transport that this runtime does not have.
   */
  stream(name: string, options?: StreamOptions): S2Stream {
    return new S2Stream(this.#core, this.#place, name, options);
  }

  /**
   * Closes every session opened through this handle and its streams: read sessions end, append sessions first settle
   * what was submitted, as long as the server makes progress. Later calls reject with code `SESSION_CLOSED`; calls
   * already made go on.
   */
  close(): Promise<void> {
    return this.#place.scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
