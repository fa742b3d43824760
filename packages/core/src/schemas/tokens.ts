import * as z from "zod/mini";
import { checkAccessTokenId } from "../model/managed-names.js";
import type {
  AccessTokenInfoOnWire,
  AccessTokenScope,
  IssueAccessTokenArgs,
  IssueAccessTokenResponse,
  ListAccessTokensResponseOnWire,
  Operation,
  PermittedOperationGroups,
  ReadWritePermissions,
  ResourceSet,
} from "../model/tokens.js";
import { describes } from "./describes.js";
import { checked, openEnum } from "./primitives.js";

/** Every operation that a scope can name. */
const OPERATIONS = [
  "list-basins",
  "create-basin",
  "delete-basin",
  "reconfigure-basin",
  "get-basin-config",
  "issue-access-token",
  "revoke-access-token",
  "list-access-tokens",
  "list-streams",
  "create-stream",
  "delete-stream",
  "get-stream-config",
  "reconfigure-stream",
  "check-tail",
  "append",
  "read",
  "trim",
  "fence",
  "account-metrics",
  "basin-metrics",
  "stream-metrics",
  "list-locations",
  "get-default-location",
  "set-default-location",
] as const satisfies readonly Operation[];

const id = checked(checkAccessTokenId, 'id must be 1 to 96 bytes without NUL, not "." or ".."');

const permissionsRequest = describes<ReadWritePermissions>()(
  z.object({ read: z.optional(z.boolean()), write: z.optional(z.boolean()) }),
);
const resourcesRequest = describes<ResourceSet>()(
  z.union([z.strictObject({ exact: z.string() }), z.strictObject({ prefix: z.string() })]),
);
const scopeRequest = describes<AccessTokenScope>()(
  z.object({
    access_tokens: z.nullish(resourcesRequest),
    basins: z.nullish(resourcesRequest),
    streams: z.nullish(resourcesRequest),
    op_groups: z.nullish(
      describes<PermittedOperationGroups>()(
        z.object({
          account: z.nullish(permissionsRequest),
          basin: z.nullish(permissionsRequest),
          stream: z.nullish(permissionsRequest),
        }),
      ),
    ),
    ops: z.nullish(z.array(z.enum(OPERATIONS))),
  }),
);

/** The service takes `null` for what is left out, and its other clients send it. */
export interface IssueAccessTokenBody extends Omit<IssueAccessTokenArgs, "auto_prefix_streams"> {
  auto_prefix_streams?: boolean | null | undefined;
}

/** Body of `issue_access_token`. */
export const issueAccessTokenRequest = describes<IssueAccessTokenBody>()(
  z.object({
    id,
    scope: scopeRequest,
    auto_prefix_streams: z.nullish(z.boolean()),
    expires_at: z.nullish(z.string()),
  }),
);

/** Answer of `issue_access_token`. */
export const issueAccessTokenResponse = describes<IssueAccessTokenResponse>()(
  z.looseObject({ access_token: z.string() }),
);

const permissions = z.looseObject({ read: z.optional(z.boolean()), write: z.optional(z.boolean()) });
const resources = z.union([z.looseObject({ exact: z.string() }), z.looseObject({ prefix: z.string() })]);
const scope = describes<AccessTokenScope>()(
  z.looseObject({
    access_tokens: z.nullish(resources),
    basins: z.nullish(resources),
    streams: z.nullish(resources),
    op_groups: z.nullish(
      z.looseObject({
        account: z.nullish(permissions),
        basin: z.nullish(permissions),
        stream: z.nullish(permissions),
      }),
    ),
    ops: z.nullish(z.array(openEnum<Operation>())),
  }),
);
const accessTokenInfo = describes<AccessTokenInfoOnWire>()(
  z.looseObject({
    id: z.string(),
    scope,
    auto_prefix_streams: z.optional(z.boolean()),
    expires_at: z.nullish(z.string()),
  }),
);

/** Answer of `list_access_tokens`. */
export const listAccessTokensResponse = describes<ListAccessTokensResponseOnWire>()(
  z.looseObject({ access_tokens: z.array(accessTokenInfo), has_more: z.boolean() }),
);
