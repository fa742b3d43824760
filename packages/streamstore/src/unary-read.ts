/** What a page loads with its first read of one batch. */
export {
  decodeReadResponse,
  readFormat,
  readQuery,
  readRequest,
  readSkips,
} from "@s2-dev/streamstore-core/unary-read";
