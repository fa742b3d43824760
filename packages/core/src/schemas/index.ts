import * as z from "zod/mini";
import type { OperationName, WireOf } from "../rest/operation-types.js";
import type { operations } from "../rest/operations.js";
import {
  basinConfig,
  basinReconfigurationRequest,
  streamConfig,
  streamConfigRequest,
  streamReconfigurationRequest,
} from "./configs.js";
import type { Wide } from "./describes.js";
import { locationInfo } from "./locations.js";
import { metricSetResponse } from "./metrics.js";
import { appendAck, appendInput, readBatch, tailResponse } from "./records.js";
import {
  basinInfo,
  createBasinRequest,
  createStreamRequest,
  ensureBasinRequest,
  listBasinsResponse,
  listStreamsResponse,
  location,
  streamInfo,
} from "./resources.js";
import { issueAccessTokenRequest, issueAccessTokenResponse, listAccessTokensResponse } from "./tokens.js";

export type { Wide } from "./describes.js";
export { appendConditionFailed, errorInfo, errorSchemaOf } from "./errors.js";
export { pingEventData, streamPosition } from "./records.js";

type WithBody = {
  [N in OperationName]: (typeof operations)[N]["body"]["kind"] extends "none" ? never : N;
}[OperationName];

/**
 * Schemas of JSON request bodies by operation, as strict as the service: unknown fields are ignored, the rest is
 * answered with `bad_json`. Integers are numbers, or bigint beyond 2^53-1.
 */
export const requestSchemas = {
  create_basin: createBasinRequest,
  ensure_basin: ensureBasinRequest,
  reconfigure_basin: basinReconfigurationRequest,
  create_stream: createStreamRequest,
  ensure_stream: streamConfigRequest,
  reconfigure_stream: streamReconfigurationRequest,
  append: appendInput,
  issue_access_token: issueAccessTokenRequest,
  set_default_location: location,
} as const satisfies { [N in WithBody]: z.ZodMiniType };

type WithAnswer = { [N in OperationName]: WireOf<N> extends undefined ? never : N }[OperationName];

/**
 * Schemas of successful JSON answers by operation; operations that answer without a body have none. Open: unknown
 * fields are kept and words may be new ones, since servers grow.
 */
export const responseSchemas = {
  list_basins: listBasinsResponse,
  create_basin: basinInfo,
  get_basin_config: basinConfig,
  ensure_basin: basinInfo,
  reconfigure_basin: basinConfig,
  list_streams: listStreamsResponse,
  create_stream: streamInfo,
  get_stream_config: streamConfig,
  ensure_stream: streamInfo,
  reconfigure_stream: streamConfig,
  check_tail: tailResponse,
  read: readBatch,
  append: appendAck,
  list_access_tokens: listAccessTokensResponse,
  issue_access_token: issueAccessTokenResponse,
  list_locations: z.array(locationInfo),
  get_default_location: locationInfo,
  set_default_location: locationInfo,
  account_metrics: metricSetResponse,
  basin_metrics: metricSetResponse,
  stream_metrics: metricSetResponse,
} as const satisfies { [N in WithAnswer]: z.ZodMiniType<WireOf<N>> | z.ZodMiniType<Wide<WireOf<N>>> };
