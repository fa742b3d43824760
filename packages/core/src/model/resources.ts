import type {
  BasinConfig,
  BasinReconfiguration,
  EncryptionAlgorithm,
  StreamConfig,
  StreamReconfiguration,
} from "./configs.js";
import type { BasinNameStr, StreamNameStr } from "./names.js";

/** Where a basin lives, by its older name. Open: the service calls it `location` and lets it be any known place. */
export type BasinScope = "aws:us-east-1" | "aws:us-west-2" | "aws:eu-north-1" | (string & {});

/** State of a basin. The service tells only active from deleting today. */
export type BasinState = "active" | "creating" | "deleting";

/** A basin as the service sends it; `scope` and `state` come from older servers only. */
export interface BasinInfoOnWire {
  name: BasinNameStr;
  location?: string | null | undefined;
  scope?: BasinScope | null | undefined;
  created_at: string;
  deleted_at?: string | null | undefined;
  state?: BasinState | undefined;
}

/** A basin. */
export interface BasinInfo extends BasinInfoOnWire {
  /** Where the basin lives; `null` when the server has no locations. */
  location: string | null;
  /** RFC 3339; up to nine digits of fraction. */
  created_at: string;
  /** RFC 3339; set while the basin is being deleted. */
  deleted_at: string | null;
  /** The older name of `location`. */
  scope: BasinScope | null;
  /** `deleting` when `deleted_at` is set, else `active`. */
  state: BasinState;
}

/** A stream. */
export interface StreamInfo {
  /** Name of the stream. */
  name: StreamNameStr;
  /** RFC 3339; up to nine digits of fraction. */
  created_at: string;
  /** RFC 3339; set while the stream is being deleted. */
  deleted_at?: string | null | undefined;
  /** Cipher of the stream's records, fixed at its creation. */
  cipher?: EncryptionAlgorithm | null | undefined;
}

/** What an ensure has done. */
export type ProvisionResult = "created" | "updated" | "noop";

/** Outcome of `basins.ensure`. */
export interface EnsureBasinResult {
  /** Where the server's answer is hidden from the program (browsers), `noop` is reported as `updated`. */
  result: ProvisionResult;
  /** The basin as it is now. */
  basin: BasinInfo;
}

/** Outcome of `streams.ensure`. */
export interface EnsureStreamResult {
  /** Where the server's answer is hidden from the program (browsers), `noop` is reported as `updated`. */
  result: ProvisionResult;
  /** The stream as it is now. */
  stream: StreamInfo;
}

/** One page of basins, in order of their names. */
export interface ListBasinsResponse {
  /** One page of them. */
  basins: BasinInfo[];
  /** Whether more follow: pass the last name as `start_after`. */
  has_more: boolean;
}

/** One page of basins as the service sends it. */
export interface ListBasinsResponseOnWire {
  basins: BasinInfoOnWire[];
  has_more: boolean;
}

/** One page of streams, in order of their names. */
export interface ListStreamsResponse {
  /** One page of them. */
  streams: StreamInfo[];
  /** Whether more follow: pass the last name as `start_after`. */
  has_more: boolean;
}

/** Body of a create basin request. */
export interface CreateBasinRequest {
  /** Name of the basin, unique in the service. */
  basin: BasinNameStr;
  /** What it is to be like. Default: the service's choice. */
  config?: BasinConfig | null | undefined;
  /** Where it is to be. Default: the default location of the account. */
  location?: string | null | undefined;
}

/** Body of an ensure basin request. */
export interface EnsureBasinRequest {
  /** What it is to be like, created or not. */
  config?: BasinConfig | null | undefined;
  /** Where it is created. Default: the default location of the account. */
  location?: string | null | undefined;
}

/** Body of a create stream request. */
export interface CreateStreamRequest {
  /** Name of the stream. */
  stream: StreamNameStr;
  /** What it is to be like. Default: as the basin says. */
  config?: StreamConfig | null | undefined;
}

/** What every listing takes. */
export interface ListArgs {
  /** Only names that begin with this. */
  prefix?: string | undefined;
  /** Only names after this one. */
  start_after?: string | undefined;
  /** Most items of a page: 1 to 1000. Default 1000, which the service also takes for 0 and for more. */
  limit?: number | undefined;
}

/** Which basins to list, and how many at a time. @see https://s2.dev/docs/api/basins/list */
export interface ListBasinsArgs extends ListArgs {}

/** The basin to create. @see https://s2.dev/docs/api/basins/create */
export interface CreateBasinArgs {
  /** Globally unique name. */
  basin: BasinNameStr;
  /** Default: the service's, which creates no streams on append. */
  config?: BasinConfig | null | undefined;
  /** Where the basin shall live; default: the account's default location. */
  location?: string | null | undefined;
  /** The older name of `location`. */
  scope?: BasinScope | null | undefined;
}

/** The basin that is to exist, and how. @see https://s2.dev/docs/api/basins/ensure */
export interface EnsureBasinArgs {
  /** Name of the basin. */
  basin: BasinNameStr;
  /** Replaces the whole configuration: what is left out goes back to its default. */
  config?: BasinConfig | null | undefined;
  /** Where the basin shall live if it is created; it cannot move later. */
  location?: string | null | undefined;
  /** The older name of `location`. */
  scope?: BasinScope | null | undefined;
}

/** Whose configuration to get. @see https://s2.dev/docs/api/basins/get-config */
export interface GetBasinConfigArgs {
  /** Name of the basin. */
  basin: BasinNameStr;
}

/** The basin to delete, with all of its streams. @see https://s2.dev/docs/api/basins/delete */
export interface DeleteBasinArgs {
  /** Name of the basin. */
  basin: BasinNameStr;
}

/**
 * The basin, and what to change of its configuration: absent keeps, `null` resets. @see
 * https://s2.dev/docs/api/basins/reconfigure
 */
export interface ReconfigureBasinArgs extends BasinReconfiguration {
  /** Name of the basin. */
  basin: BasinNameStr;
}

/** Which streams to list, and how many at a time. @see https://s2.dev/docs/api/streams/list */
export interface ListStreamsArgs extends ListArgs {}

/** The stream to create. @see https://s2.dev/docs/api/streams/create */
export interface CreateStreamArgs {
  /** Name of the stream. */
  stream: StreamNameStr;
  /** What is left out comes from the basin's default. */
  config?: StreamConfig | null | undefined;
}

/** The stream that is to exist, and how. @see https://s2.dev/docs/api/streams/ensure */
export interface EnsureStreamArgs {
  /** Name of the stream. */
  stream: StreamNameStr;
  /** Replaces the whole configuration: what is left out goes back to the basin's default. */
  config?: StreamConfig | undefined;
}

/** Whose configuration to get. @see https://s2.dev/docs/api/streams/get-config */
export interface GetStreamConfigArgs {
  /** Name of the stream. */
  stream: StreamNameStr;
}

/** The stream to delete. @see https://s2.dev/docs/api/streams/delete */
export interface DeleteStreamArgs {
  /** Name of the stream. */
  stream: StreamNameStr;
}

/**
 * The stream, and what to change of its configuration: absent keeps, `null` resets. @see
 * https://s2.dev/docs/api/streams/reconfigure
 */
export interface ReconfigureStreamArgs extends StreamReconfiguration {
  /** Name of the stream. */
  stream: StreamNameStr;
}
