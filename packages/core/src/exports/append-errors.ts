/** How an append is refused. */
export {
  AppendOutcomeUnknownError,
  FencingTokenMismatchError,
  SeqNumMismatchError,
} from "../error/append-errors.js";
