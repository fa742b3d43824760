import type * as core from "@s2-dev/streamstore-core";
import {
  BASIN_CONFIG,
  type BasinConfig,
  type EncryptionAlgorithm,
  STREAM_CONFIG,
  type StreamConfig,
} from "./configs.js";
import { dated, type Fields, renamed } from "./renaming.js";

export type LocationName = string;
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

export interface ListBasinsInput extends ListInput {}
export type ListAllBasinsInput = ListAllArgs<ListBasinsInput>;
export interface ListStreamsInput extends ListInput {}
export type ListAllStreamsInput = ListAllArgs<ListStreamsInput>;
export interface ListAccessTokensInput extends ListInput {}
export type ListAllAccessTokensInput = ListAllArgs<ListAccessTokensInput>;

export interface BasinInfo {
  name: string;
  location?: LocationName | null;
  createdAt: Date;
  deletedAt?: Date | null;
}

export interface StreamInfo {
  name: string;
  createdAt: Date;
  deletedAt?: Date | null;
  cipher?: EncryptionAlgorithm | null;
}

export interface CreateBasinInput {
  basin: string;
  config?: BasinConfig | null;
  location?: LocationName | null;
}
export interface EnsureBasinInput extends CreateBasinInput {}
export interface GetBasinConfigInput {
  basin: string;
}
export interface DeleteBasinInput {
  basin: string;
}
export interface ReconfigureBasinInput {
  basin: string;
  createStreamOnAppend?: boolean | null;
  createStreamOnRead?: boolean | null;
  defaultStreamConfig?: StreamConfig | null;
  streamCipher?: EncryptionAlgorithm | null;
}
export type CreateBasinResponse = BasinInfo;
export type ReconfigureBasinResponse = BasinConfig;
export interface EnsureBasinResponse {
  result: ProvisionResult;
  basin: BasinInfo;
}
export interface ListBasinsResponse {
  basins: BasinInfo[];
  hasMore: boolean;
}

export interface CreateStreamInput {
  stream: string;
  config?: StreamConfig | null;
}
export interface EnsureStreamInput extends CreateStreamInput {}
export interface GetStreamConfigInput {
  stream: string;
}
export interface DeleteStreamInput {
  stream: string;
}
export interface ReconfigureStreamInput extends StreamConfig {
  stream: string;
}
export type CreateStreamResponse = StreamInfo;
export type ReconfigureStreamResponse = StreamConfig;
export interface EnsureStreamResponse {
  result: ProvisionResult;
  stream: StreamInfo;
}
export interface ListStreamsResponse {
  streams: StreamInfo[];
  hasMore: boolean;
}

export interface AccessTokenScope {
  accessTokens?: core.ResourceSet | null;
  basins?: core.ResourceSet | null;
  opGroups?: core.PermittedOperationGroups | null;
  ops?: core.Operation[] | null;
  streams?: core.ResourceSet | null;
}
export interface AccessTokenInfo {
  id: string;
  scope: AccessTokenScope;
  autoPrefixStreams: boolean;
  expiresAt?: Date | null;
}
export interface IssueAccessTokenInput {
  id: string;
  scope: AccessTokenScope;
  autoPrefixStreams?: boolean;
  /** A number is milliseconds since the epoch, a string RFC 3339. */
  expiresAt?: Date | number | string | null;
}
export interface IssueAccessTokenResponse {
  accessToken: string;
}
export interface RevokeAccessTokenInput {
  id: string;
}
export interface ListAccessTokensResponse {
  accessTokens: AccessTokenInfo[];
  hasMore: boolean;
}

export interface LocationInfo {
  name: LocationName;
  isPrivate: boolean;
}
export type ListLocationsResponse = LocationInfo[];
export type GetDefaultLocationResponse = LocationInfo;
export type SetDefaultLocationResponse = LocationInfo;
export interface SetDefaultLocationInput {
  location: LocationName;
}

export const LISTING: Fields = {
  prefix: renamed("prefix"),
  startAfter: renamed("start_after"),
  limit: renamed("limit"),
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
