/**
 * The answer to a unary read, which is protobuf. An entry of its own, which a client loads with its first such read: in
 * a browser, sessions read JSON, and programs that only follow need no decoder of protobuf.
 * @packageDocumentation
 */
export { decodeReadResponse } from "./rest/read-response.js";
