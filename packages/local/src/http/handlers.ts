import type { OperationName } from "@s2-dev/streamstore-core/operations";
import { append } from "./append-handler.js";
import * as basins from "./basin-handlers.js";
import type { Handler } from "./call.js";
import { checkTail, read } from "./read-handler.js";
import * as streams from "./stream-handlers.js";
import * as stubs from "./stub-handlers.js";

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
  list_access_tokens: stubs.notImplemented,
  issue_access_token: stubs.issueAccessToken,
  revoke_access_token: stubs.notImplemented,
  list_locations: stubs.notImplemented,
  get_default_location: stubs.notImplemented,
  set_default_location: stubs.setDefaultLocation,
  account_metrics: stubs.accountMetrics,
  basin_metrics: stubs.basinMetrics,
  stream_metrics: stubs.streamMetrics,
};
