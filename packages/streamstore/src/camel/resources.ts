import type * as core from "@s2-dev/streamstore-core";
import {
  BASIN_CONFIG,
  type BasinConfig,
  type EncryptionAlgorithm,
  STREAM_CONFIG,
  type StreamConfig,
} from "./configs.js";
import { dated, type Fields, renamed } from "./renaming.js";

/** Name of a place where basins can live. */
export type LocationName = string;
/** What an ensure has done. */
export type ProvisionResult = core.ProvisionResult;

/** What `listAll` takes: of a listing's arguments all but where to start. */
export type ListAllArgs<T> = Omit<T, "startAfter"> & {
  /** Give out what is being deleted too. Default false. */
  includeDeleted?: boolean;
};

interface ListInput {
  prefix?: string;
  startAfter?: string;
  limit?: number;
}

/** Which basins to list, and how many at a time (at most 1000). */
export interface ListBasinsInput extends ListInput {}
/** Which basins to list. */
export type ListAllBasinsInput = ListAllArgs<ListBasinsInput>;
/** Which streams to list, and how many at a time (at most 1000). */
export interface ListStreamsInput extends ListInput {}
/** Which streams to list. */
export type ListAllStreamsInput = ListAllArgs<ListStreamsInput>;
/** Which access tokens to list, by their ids, and how many at a time (at most 1000). */
export interface ListAccessTokensInput extends ListInput {}
/** Which access tokens to list, by their ids. */
export type ListAllAccessTokensInput = ListAllArgs<ListAccessTokensInput>;

/** A basin; `deletedAt` is set while it is being deleted. */
export interface BasinInfo {
  /** Name of the basin. */
  name: string;
  /** Where it is. */
  location?: LocationName | null;
  /** When it was created. */
  createdAt: Date;
  /** When its deletion was asked for, if it was. */
  deletedAt?: Date | null;
}

/** A stream; `deletedAt` is set while it is being deleted. */
export interface StreamInfo {
  /** Name of the stream. */
  name: string;
  /** When it was created. */
  createdAt: Date;
  /** When its deletion was asked for, if it was. */
  deletedAt?: Date | null;
  /** How it is encrypted, if it is. */
  cipher?: EncryptionAlgorithm | null;
}

/** The basin to create. */
export interface CreateBasinInput {
  /** Name of the basin, unique in the service. */
  basin: string;
  /** What it is to be like. Default: the service's choice. */
  config?: BasinConfig | null;
  /** Where it is to be. Default: the default location of the account. */
  location?: LocationName | null;
}
/** The basin that is to exist, and how. */
export interface EnsureBasinInput extends CreateBasinInput {}
/** Whose configuration to get. */
export interface GetBasinConfigInput {
  /** Name of the basin. */
  basin: string;
}
/** The basin to delete, with all of its streams. */
export interface DeleteBasinInput {
  /** Name of the basin. */
  basin: string;
}
/** The basin, and what to change of its configuration: absent keeps, `null` resets. */
export interface ReconfigureBasinInput {
  /** Name of the basin. */
  basin: string;
  /** Whether an append to a stream that is not there creates it. */
  createStreamOnAppend?: boolean | null;
  /** Whether a read of a stream that is not there creates it. */
  createStreamOnRead?: boolean | null;
  /** What streams have that do not say otherwise; `null` takes that back. */
  defaultStreamConfig?: StreamConfig | null;
  /** The cipher of streams that are created from now on; `null` for none. */
  streamCipher?: EncryptionAlgorithm | null;
}
/** The basin that was created. */
export type CreateBasinResponse = BasinInfo;
/** The configuration after the change. */
export type ReconfigureBasinResponse = BasinConfig;
/** The basin, and what was done. */
export interface EnsureBasinResponse {
  /** Whether it was created, updated, or as wanted. */
  result: ProvisionResult;
  /** The basin as it is now. */
  basin: BasinInfo;
}
/** One page of basins, in order of their names; the last name is the `startAfter` of the next. */
export interface ListBasinsResponse {
  /** One page of them. */
  basins: BasinInfo[];
  /** Whether there are more behind it. */
  hasMore: boolean;
}

/** The stream to create. */
export interface CreateStreamInput {
  /** Name of the stream. */
  stream: string;
  /** What it is to be like. Default: as the basin says. */
  config?: StreamConfig | null;
}
/** The stream that is to exist, and how. */
export interface EnsureStreamInput extends CreateStreamInput {}
/** Whose configuration to get. */
export interface GetStreamConfigInput {
  /** Name of the stream. */
  stream: string;
}
/** The stream to delete. */
export interface DeleteStreamInput {
  /** Name of the stream. */
  stream: string;
}
/** The stream, and what to change of its configuration: absent keeps, `null` resets. */
export interface ReconfigureStreamInput extends StreamConfig {
  /** Name of the stream. */
  stream: string;
}
/** The stream that was created. */
export type CreateStreamResponse = StreamInfo;
/** The configuration after the change. */
export type ReconfigureStreamResponse = StreamConfig;
/** The stream, and what was done. */
export interface EnsureStreamResponse {
  /** Whether it was created, updated, or as wanted. */
  result: ProvisionResult;
  /** The stream as it is now. */
  stream: StreamInfo;
}
/** One page of streams, in order of their names; the last name is the `startAfter` of the next. */
export interface ListStreamsResponse {
  /** One page of them. */
  streams: StreamInfo[];
  /** Whether there are more behind it. */
  hasMore: boolean;
}

/** What an access token may do. A set left out holds no resource; `ops` and `opGroups` add up. */
export interface AccessTokenScope {
  /** Which access tokens. */
  accessTokens?: core.ResourceSet | null;
  /** Which basins. */
  basins?: core.ResourceSet | null;
  /** Operations by their group. */
  opGroups?: core.PermittedOperationGroups | null;
  /** Operations by their name. */
  ops?: core.Operation[] | null;
  /** Which streams. */
  streams?: core.ResourceSet | null;
}
/** An access token, without its secret. */
export interface AccessTokenInfo {
  /** Id of the token, unique in the account. */
  id: string;
  /** What it may do, and with what. */
  scope: AccessTokenScope;
  /** Whether names of streams are completed by the prefix of the scope. */
  autoPrefixStreams: boolean;
  /** When it stops being good. */
  expiresAt?: Date | null;
}
/** The token to issue. */
export interface IssueAccessTokenInput {
  /** Id of the token, unique in the account. */
  id: string;
  /** What it may do, and with what. */
  scope: AccessTokenScope;
  /** Whether names of streams are completed by the prefix of the scope. Default false. */
  autoPrefixStreams?: boolean;
  /** A number is milliseconds since the epoch, a string RFC 3339. */
  expiresAt?: Date | number | string | null;
}
/** The new token's secret, which is shown here only. */
export interface IssueAccessTokenResponse {
  /** The token itself, which is told only once. */
  accessToken: string;
}
/** The token to revoke. */
export interface RevokeAccessTokenInput {
  /** Id of the token, not the token itself. */
  id: string;
}
/** One page of access tokens, in order of their ids; the last id is the `startAfter` of the next. */
export interface ListAccessTokensResponse {
  /** One page of them, without the tokens themselves. */
  accessTokens: AccessTokenInfo[];
  /** Whether there are more behind it. */
  hasMore: boolean;
}

/** A place where basins can live. */
export interface LocationInfo {
  /** Name of the location, as `basins.create` takes it. */
  name: LocationName;
  /** Whether it is for some accounts only. */
  isPrivate: boolean;
}
/** All locations. */
export type ListLocationsResponse = LocationInfo[];
/** The location that new basins get when they name none. */
export type GetDefaultLocationResponse = LocationInfo;
/** The location that new basins get from now on. */
export type SetDefaultLocationResponse = LocationInfo;
/** Which location new basins get when they name none. */
export interface SetDefaultLocationInput {
  /** Name of the location. */
  location: LocationName;
}

/** Of one page; 0.27 passes over what only `listAll` looks at. */
export const PAGE: Fields = {
  prefix: renamed("prefix"),
  startAfter: renamed("start_after"),
  limit: renamed("limit"),
};

export const LISTING: Fields = {
  ...PAGE,
  // Not on the wire: the engine's own listing takes it.
  includeDeleted: renamed("includeDeleted"),
};

export const BASIN_INFO: Fields = {
  name: renamed("name"),
  location: renamed("location"),
  createdAt: dated("created_at"),
  deletedAt: dated("deleted_at"),
};

export const BASIN_INPUT: Fields = {
  basin: renamed("basin"),
  config: renamed("config", BASIN_CONFIG),
  location: renamed("location"),
};

export const BASIN_CHANGE: Fields = { basin: renamed("basin"), ...BASIN_CONFIG };

export const STREAM_INFO: Fields = {
  name: renamed("name"),
  createdAt: dated("created_at"),
  deletedAt: dated("deleted_at"),
  cipher: renamed("cipher"),
};

export const STREAM_INPUT: Fields = { stream: renamed("stream"), config: renamed("config", STREAM_CONFIG) };

export const STREAM_CHANGE: Fields = { stream: renamed("stream"), ...STREAM_CONFIG };

export const ACCESS_TOKEN: Fields = {
  id: renamed("id"),
  scope: renamed("scope", {
    accessTokens: renamed("access_tokens"),
    basins: renamed("basins"),
    opGroups: renamed("op_groups"),
    ops: renamed("ops"),
    streams: renamed("streams"),
  }),
  autoPrefixStreams: renamed("auto_prefix_streams"),
  expiresAt: dated("expires_at"),
};

export const LOCATION: Fields = { name: renamed("name"), isPrivate: renamed("is_private") };
