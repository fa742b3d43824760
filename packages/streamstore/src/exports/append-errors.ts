/** How an append is refused. */
export {
  AppendOutcomeUnknownError,
  FencingTokenMismatchError,
  SeqNumMismatchError,
} from "@s2-dev/streamstore-core";
