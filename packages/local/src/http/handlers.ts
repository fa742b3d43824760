import type { OperationName } from "@s2-dev/streamstore-core/operations";
import * as account from "./account-handlers.js";
import { append } from "./append-handler.js";
import * as basins from "./basin-handlers.js";
import type { Handler } from "./call.js";
import * as metrics from "./metric-handlers.js";
import { checkTail, read } from "./read-handler.js";
import * as streams from "./stream-handlers.js";

/** A handler for every operation: one that is missing does not compile. */
export const handlers: { readonly [N in OperationName]: Handler<N> } = {
  list_basins: basins.listBasins,
  create_basin: basins.createBasin,
  get_basin_config: basins.getBasinConfig,
  ensure_basin: basins.ensureBasin,
  reconfigure_basin: basins.reconfigureBasin,
  delete_basin: basins.deleteBasin,
  list_streams: streams.listStreams,
  create_stream: streams.createStream,
  get_stream_config: streams.getStreamConfig,
  ensure_stream: streams.ensureStream,
  reconfigure_stream: streams.reconfigureStream,
  delete_stream: streams.deleteStream,
  check_tail: checkTail,
  read,
  append,
  list_access_tokens: account.listAccessTokens,
  issue_access_token: account.issueAccessToken,
  revoke_access_token: account.revokeAccessToken,
  list_locations: account.listLocations,
  get_default_location: account.getDefaultLocation,
  set_default_location: account.setDefaultLocation,
  account_metrics: metrics.accountMetrics,
  basin_metrics: metrics.basinMetrics,
  stream_metrics: metrics.streamMetrics,
};
