import type { AccessTokenIdStr } from "./names.js";
import type { ListArgs } from "./resources.js";

/** Names of operations in access token scopes. */
export type Operation =
  | "list-basins"
  | "create-basin"
  | "delete-basin"
  | "reconfigure-basin"
  | "get-basin-config"
  | "issue-access-token"
  | "revoke-access-token"
  | "list-access-tokens"
  | "list-streams"
  | "create-stream"
  | "delete-stream"
  | "get-stream-config"
  | "reconfigure-stream"
  | "check-tail"
  | "append"
  | "read"
  | "trim"
  | "fence"
  | "account-metrics"
  | "basin-metrics"
  | "stream-metrics"
  | "list-locations"
  | "get-default-location"
  | "set-default-location";

/** A set of names: exactly one, or all with a prefix. */
export type ResourceSet =
  | {
      /** Only the resource of this name; empty: none. */
      exact: string;
    }
  | {
      /** All resources whose names begin with this; empty: all. */
      prefix: string;
    };

/** Rights of one group of operations. */
export interface ReadWritePermissions {
  /** Default false. */
  read?: boolean | undefined;
  /** Default false. */
  write?: boolean | undefined;
}

/** Rights by group of operations. */
export interface PermittedOperationGroups {
  /** On the account: basins, access tokens, locations. */
  account?: ReadWritePermissions | null | undefined;
  /** On basins: their configuration and their list of streams. */
  basin?: ReadWritePermissions | null | undefined;
  /** On streams: records, tail, configuration. */
  stream?: ReadWritePermissions | null | undefined;
}

/** What an access token may do. A set left out holds no resource; `ops` and `op_groups` add up, and may not be empty together. */
export interface AccessTokenScope {
  /** Ids of the access tokens that it may list, issue and revoke. */
  access_tokens?: ResourceSet | null | undefined;
  /** Names of the basins that it reaches. */
  basins?: ResourceSet | null | undefined;
  /** Names of the streams that it reaches, in those basins. */
  streams?: ResourceSet | null | undefined;
  /** What it may do there, by groups. */
  op_groups?: PermittedOperationGroups | null | undefined;
  /** What it may do there, one by one. */
  ops?: Operation[] | null | undefined;
}

/** An access token as the service sends it. */
export interface AccessTokenInfoOnWire {
  id: AccessTokenIdStr;
  scope: AccessTokenScope;
  auto_prefix_streams?: boolean | undefined;
  expires_at?: string | null | undefined;
}

/** An access token; its secret is shown once, when it is issued. */
export interface AccessTokenInfo extends AccessTokenInfoOnWire {
  /** Whether stream names get the scope's stream prefix by themselves. */
  auto_prefix_streams: boolean;
  /** RFC 3339. */
  expires_at?: string | null | undefined;
}

/** The new token's secret. */
export interface IssueAccessTokenResponse {
  /** Shown here only, and never again. */
  access_token: string;
}

/** One page of access tokens, in order of their ids. */
export interface ListAccessTokensResponse {
  /** One page of them, without the tokens themselves. */
  access_tokens: AccessTokenInfo[];
  /** Whether more follow: pass the last id as `start_after`. */
  has_more: boolean;
}

/** One page of access tokens as the service sends it. */
export interface ListAccessTokensResponseOnWire {
  access_tokens: AccessTokenInfoOnWire[];
  has_more: boolean;
}

/**
 * Which access tokens to list, by their ids, and how many at a time. @see https://s2.dev/docs/api/access-tokens/list
 */
export interface ListAccessTokensArgs extends ListArgs {}

/** The token to issue. @see https://s2.dev/docs/api/access-tokens/issue */
export interface IssueAccessTokenArgs {
  /** Unique within the account. */
  id: AccessTokenIdStr;
  /** What the token may do, and with what. */
  scope: AccessTokenScope;
  /** Prefix stream names by the scope's stream prefix, and strip it from listings; needs a `streams` prefix. */
  auto_prefix_streams?: boolean | undefined;
  /** RFC 3339; default: the expiry of the token that asks. */
  expires_at?: string | null | undefined;
}

/** The token to revoke. @see https://s2.dev/docs/api/access-tokens/revoke */
export interface RevokeAccessTokenArgs {
  /** Id of the token, not the token itself. */
  id: AccessTokenIdStr;
}
