import type { Operation } from "../model/tokens.js";
import type { OperationName } from "./operation-types.js";

/** What the reference says of an operation; no program needs it to call one. */
export interface OperationDocs {
  /** Operations that the access token must allow. */
  readonly permissions: readonly Operation[];
  /** Heading in the reference. */
  readonly tag: "basins" | "streams" | "records" | "access-tokens" | "locations" | "metrics";
  readonly summary: string;
}

export const operationDocs: Readonly<Record<OperationName, OperationDocs>> = {
  list_basins: { permissions: ["list-basins"], tag: "basins", summary: "List basins." },
  create_basin: { permissions: ["create-basin"], tag: "basins", summary: "Create a basin." },
  get_basin_config: {
    permissions: ["get-basin-config"],
    tag: "basins",
    summary: "Get a basin's configuration.",
  },
  ensure_basin: {
    permissions: ["create-basin", "reconfigure-basin"],
    tag: "basins",
    summary: "Create a basin, or replace its configuration.",
  },
  reconfigure_basin: {
    permissions: ["reconfigure-basin"],
    tag: "basins",
    summary: "Change a basin's configuration.",
  },
  delete_basin: {
    permissions: ["delete-basin"],
    tag: "basins",
    summary: "Delete a basin and its streams; the deletion goes on in the background.",
  },
  list_streams: { permissions: ["list-streams"], tag: "streams", summary: "List a basin's streams." },
  create_stream: { permissions: ["create-stream"], tag: "streams", summary: "Create a stream." },
  get_stream_config: {
    permissions: ["get-stream-config"],
    tag: "streams",
    summary: "Get a stream's configuration.",
  },
  ensure_stream: {
    permissions: ["create-stream", "reconfigure-stream"],
    tag: "streams",
    summary: "Create a stream, or replace its configuration.",
  },
  reconfigure_stream: {
    permissions: ["reconfigure-stream"],
    tag: "streams",
    summary: "Change a stream's configuration.",
  },
  delete_stream: {
    permissions: ["delete-stream"],
    tag: "streams",
    summary: "Delete a stream; the deletion goes on in the background.",
  },
  check_tail: { permissions: ["check-tail"], tag: "records", summary: "Check a stream's tail." },
  read: { permissions: ["read"], tag: "records", summary: "Read records." },
  append: { permissions: ["append"], tag: "records", summary: "Append records." },
  list_access_tokens: {
    permissions: ["list-access-tokens"],
    tag: "access-tokens",
    summary: "List access tokens.",
  },
  issue_access_token: {
    permissions: ["issue-access-token"],
    tag: "access-tokens",
    summary: "Issue an access token.",
  },
  revoke_access_token: {
    permissions: ["revoke-access-token"],
    tag: "access-tokens",
    summary: "Revoke an access token.",
  },
  list_locations: {
    permissions: ["list-locations"],
    tag: "locations",
    summary: "List the locations where basins can live.",
  },
  get_default_location: {
    permissions: ["get-default-location"],
    tag: "locations",
    summary: "Get the account's default location.",
  },
  set_default_location: {
    permissions: ["set-default-location"],
    tag: "locations",
    summary: "Set the account's default location.",
  },
  account_metrics: {
    permissions: ["account-metrics"],
    tag: "metrics",
    summary: "Get metrics of the account.",
  },
  basin_metrics: { permissions: ["basin-metrics"], tag: "metrics", summary: "Get metrics of a basin." },
  stream_metrics: { permissions: ["stream-metrics"], tag: "metrics", summary: "Get metrics of a stream." },
};
