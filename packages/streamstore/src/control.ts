/** What a page loads with its first call that manages something. */
export {
  buildRequest,
  decodeResponse,
  listKept,
  operationRow,
  streamConfigHeader,
} from "@s2-dev/streamstore-core/control";
