import type {
  BasinConfig,
  BasinInfo,
  CreateBasinArgs,
  DeleteBasinArgs,
  EnsureBasinArgs,
  EnsureBasinResult,
  GetBasinConfigArgs,
  ListBasinsArgs,
  ListBasinsResponse,
  ReconfigureBasinArgs,
} from "@s2-dev/streamstore-core";
import type { ClientCore } from "./client-core.js";
import { type ListAllArgs, listEverything } from "./list-all.js";
import type { CreateOptions, DeleteOptions, S2RequestOptions } from "./options.js";

/** Basins of the account. @see https://s2.dev/docs/api/basins */
export class S2Basins {
  readonly #core: ClientCore;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** One page of basins by name, at most 1000. The last name is the next page's `start_after`. */
  list(args: ListBasinsArgs = {}, options?: S2RequestOptions): Promise<ListBasinsResponse> {
    return this.#core.perform("list_basins", args, options);
  }

  /** Every basin by name, without those being deleted; pages are fetched as they are asked for. */
  listAll(args?: ListAllArgs, options?: S2RequestOptions): AsyncGenerator<BasinInfo, void, undefined> {
    return listEverything(this.#core.parts, (page) => this.list(page, options), "basins", "name", args);
  }

  /** Creates a basin. Rejects with code `resource_already_exists` when the name is taken. */
  create(args: CreateBasinArgs, options?: CreateOptions): Promise<BasinInfo> {
    return this.#core.perform("create_basin", args, options);
  }

  /** Creates a basin, or replaces its whole configuration: what is left out goes back to its default. */
  ensure(args: EnsureBasinArgs, options?: S2RequestOptions): Promise<EnsureBasinResult> {
    return this.#core.perform("ensure_basin", args, options);
  }

  /** The present configuration of a basin. */
  getConfig(args: GetBasinConfigArgs, options?: S2RequestOptions): Promise<BasinConfig> {
    return this.#core.perform("get_basin_config", args, options);
  }

  /**
   * Deletes a basin and its streams; the deletion goes on in the background. Rejects with code `basin_not_found` when
   * there is none, unless told not to (`ignoreNotFound`).
   */
  delete(args: DeleteBasinArgs, options?: DeleteOptions): Promise<void> {
    return this.#core.perform("delete_basin", args, options);
  }

  /** Changes what is given; `null` resets, what is left out stays. */
  reconfigure(args: ReconfigureBasinArgs, options?: S2RequestOptions): Promise<BasinConfig> {
    return this.#core.perform("reconfigure_basin", args, options);
  }
}
