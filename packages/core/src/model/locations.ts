import type { StorageClass } from "./configs.js";

/** A place where basins can live. */
export interface LocationInfo {
  /** Name of the location, as `basins.create` takes it. */
  name: string;
  /** Whether only this account sees it. */
  is_private: boolean;
  /** Storage classes on offer there. */
  storage_classes?: StorageClass[] | null | undefined;
  /** What a stream gets there when nobody says. */
  default_storage_class?: StorageClass | null | undefined;
}

/** Takes nothing. */
export type ListLocationsArgs = Record<never, never>;

/** Takes nothing. */
export type GetDefaultLocationArgs = Record<never, never>;

/** Which location new basins get. @see https://s2.dev/docs/api/locations/set-default */
export interface SetDefaultLocationArgs {
  /** Name of the location that new basins get when they name none. */
  location: string;
}
