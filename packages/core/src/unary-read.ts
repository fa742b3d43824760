/**
 * Unary reads, whose answers are protobuf. An entry of its own, which a client loads with its first such read: in a
 * browser, sessions read JSON, and programs that only follow need no decoder of protobuf.
 * @packageDocumentation
 */
export { readFormat, readQuery, readSkips } from "./model/read-args.js";
export { readRequest } from "./rest/read-request.js";
export { decodeReadResponse } from "./rest/read-response.js";
