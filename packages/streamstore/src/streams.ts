import type {
  CreateStreamArgs,
  DeleteStreamArgs,
  EnsureStreamArgs,
  EnsureStreamResult,
  GetStreamConfigArgs,
  ListStreamsArgs,
  ListStreamsResponse,
  ReconfigureStreamArgs,
  StreamConfig,
  StreamInfo,
} from "@s2-dev/streamstore-core";
import type { ClientCore, Place } from "./client-core.js";
import { type ListAllArgs, listEverything } from "./list-all.js";
import type { CreateOptions, DeleteOptions, S2RequestOptions } from "./options.js";

/** Streams of one basin. @see https://s2.dev/docs/api/streams */
export class S2Streams {
  readonly #core: ClientCore;
  readonly #place: Place;

  /** @internal Made by `S2Basin`. */
  constructor(core: ClientCore, place: Place) {
    this.#core = core;
    this.#place = place;
  }

  /** One page of streams by name, at most 1000. The last name is the next page's `start_after`. */
  list(args: ListStreamsArgs = {}, options?: S2RequestOptions): Promise<ListStreamsResponse> {
    return this.#core.perform("list_streams", args, options, this.#place);
  }

  /** Every stream by name, without those being deleted; pages are fetched as they are asked for. */
  listAll(args?: ListAllArgs, options?: S2RequestOptions): AsyncGenerator<StreamInfo, void, undefined> {
    return listEverything(this.#core.parts, (page) => this.list(page, options), "streams", "name", args);
  }

  /** Creates a stream. Rejects with code `resource_already_exists` when the name is taken. */
  create(args: CreateStreamArgs, options?: CreateOptions): Promise<StreamInfo> {
    return this.#core.perform("create_stream", args, options, this.#place);
  }

  /** Creates a stream, or replaces its whole configuration: what is left out goes back to the basin's default. */
  ensure(args: EnsureStreamArgs, options?: S2RequestOptions): Promise<EnsureStreamResult> {
    return this.#core.perform("ensure_stream", args, options, this.#place);
  }

  /** The present configuration of a stream. */
  getConfig(args: GetStreamConfigArgs, options?: S2RequestOptions): Promise<StreamConfig> {
    return this.#core.perform("get_stream_config", args, options, this.#place);
  }

  /**
   * Deletes a stream; the deletion goes on in the background. Rejects with code `stream_not_found` when there is none,
   * unless told not to (`ignoreNotFound`).
   */
  delete(args: DeleteStreamArgs, options?: DeleteOptions): Promise<void> {
    return this.#core.perform("delete_stream", args, options, this.#place);
  }

  /** Changes what is given; `null` resets, what is left out stays. */
  reconfigure(args: ReconfigureStreamArgs, options?: S2RequestOptions): Promise<StreamConfig> {
    return this.#core.perform("reconfigure_stream", args, options, this.#place);
  }
}
