import type { LocationInfo, SetDefaultLocationArgs } from "@s2-dev/streamstore-core";
import type { ClientCore } from "./client-core.js";
import type { S2RequestOptions } from "./options.js";

/** Where basins can be placed. */
export class S2Locations {
  readonly #core: ClientCore;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** All locations that the account may use. */
  list(options?: S2RequestOptions): Promise<LocationInfo[]> {
    return this.#core.perform("list_locations", {}, options);
  }

  /** The location that a new basin gets when it names none. */
  getDefault(options?: S2RequestOptions): Promise<LocationInfo> {
    return this.#core.perform("get_default_location", {}, options);
  }

  /** Sets the location that new basins get when they name none; those that exist stay where they are. */
  setDefault(args: SetDefaultLocationArgs, options?: S2RequestOptions): Promise<LocationInfo> {
    return this.#core.perform("set_default_location", args, options);
  }
}
