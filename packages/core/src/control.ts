/**
 * The calls that manage basins, streams, access tokens, locations and metrics. An entry of its own, which a client loads
 * with its first such call: programs that only move records never do. It holds no more than that, since a bundler keeps
 * all of what is imported dynamically.
 * @packageDocumentation
 */
export { streamConfigHeader } from "./model/stream-config-header.js";
export { operationRow } from "./rest/operations.js";
export { listKept } from "./rest/pages.js";
export { buildRequest } from "./rest/request.js";
export { decodeResponse } from "./rest/response.js";
